import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dayMs } from '../core/clock.ts'
import { eventually, postmasterPid } from './service.ts'

const root = join(import.meta.dirname, '..')
let directory: string
let taken: Server[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-demo-'))
  taken = await Promise.all([occupied(), occupied()])
})
afterEach(async () => {
  for (const server of taken) server.close()
  await rm(directory, { recursive: true, force: true })
})

test('the demo takes free ports where its own are taken, prints them, and raises an order that its curl line shows', async () => {
  let printed = ''
  const [http, mqtt] = taken.map(portOf)
  const child = spawn('npm', ['run', 'demo'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      LIFTWATT_DATA: directory,
      HTTP_PORT: String(http),
      MQTT_PORT: String(mqtt),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })

  const address = await eventually(
    'the address of the first page',
    async () => /^First page +(http:\S+)$/m.exec(printed)?.[1],
    180_000,
  )
  expect(address).not.toContain(`:${http}/`)
  expect(printed).toMatch(/^MQTT +mqtt:\/\/127\.0\.0\.1:\d+$/m)
  expect(printed).not.toContain(`mqtt://127.0.0.1:${mqtt}\n`)
  expect(await (await fetch(address)).text()).toContain('Liftwatt')

  const [, token, url] = await eventually(
    'a work order',
    async () => /^curl -s -H "Authorization: Bearer (\S+)" (http:\S+)$/m.exec(printed) ?? undefined,
    120_000,
  )
  const order = await (await fetch(url ?? '', { headers: { authorization: `Bearer ${token}` } })).json()
  expect(order).toMatchObject({ state: 'raised', type: 'emergency', events: [{ type: 'raised' }] })

  const countOf = async (path: string) => {
    const answer = await fetch(new URL(`../${path}`, url), { headers: { authorization: `Bearer ${token}` } })
    return ((await answer.json()) as { items: object[] }).items.length
  }
  const daysAgo = (days: number) => new Date(Date.now() - days * dayMs).toISOString()
  expect(await countOf('work-orders?state=closed&limit=100')).toBeGreaterThan(20)
  const aDay = `from=${daysAgo(21)}&to=${daysAgo(20)}`
  expect(await countOf(`devices/demo-elevator-0003/readings?${aDay}`)).toBeGreaterThan(50)
  expect(printed).toContain('invented, not measured')
  expect(printed).toMatch(/^ {2}Insurer +http:\S+\/join\/\S+$/m)
  expect(await countOf('visits?verdict=not-proven')).toBeGreaterThanOrEqual(6)
  expect(await countOf('objections?state=open')).toBe(1)
  expect(await countOf('overhauls?state=proposed')).toBe(2)
  expect(await countOf('quality/inspections?state=done&limit=100')).toBe(14)
  // by the insurer's plan, which was there before the service was started for good
  await eventually('the inspections of this quarter', async () => {
    return (await countOf('quality/inspections?state=planned&kind=quarterly&limit=100')) === 14
  })
  expect((await readdir(directory)).filter((name) => /\.new|to-import/.test(name))).toEqual([])

  child.kill('SIGINT') // as Ctrl-C does
  const [code] = await ended
  expect(code).toBe(0)
  expect(await postmasterPid(directory)).toBeUndefined()
}, 240_000)

async function occupied(): Promise<Server> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
