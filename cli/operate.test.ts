import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { operatorToken, startTestApi, type TestApi } from '../test/test-api.ts'
import { typing } from '../test/typed.ts'
import { incidentCommands } from './incident.ts'
import { memberCommands } from './member.ts'
import { orderCommands } from './order.ts'
import { UsageError } from './output.ts'
import { planCommands } from './plan.ts'
import { rosterCommands } from './roster.ts'
import { shelfCommands } from './shelf.ts'
import { siteCommands } from './site.ts'

let api: TestApi
let liftwatt: (...words: string[]) => Promise<string>
let folder: string

beforeAll(async () => {
  api = await startTestApi()
  folder = await mkdtemp(join(tmpdir(), 'liftwatt-operate-'))
  const commands = [
    ...[siteCommands, memberCommands, rosterCommands, planCommands],
    ...[shelfCommands, incidentCommands, orderCommands],
  ]
  liftwatt = await typing(api, ...commands)
  await api.send('POST', '/teams', { id: 'crew-a', type: 'crew', name: 'Crew A' })
  await api.send('POST', '/gateways', { id: 'gw-1' })
  await api.send('POST', '/devices', { id: 'lift-3', kind: 'elevator', gatewayId: 'gw-1' })
})
afterEach(() => {
  process.exitCode = undefined
})
afterAll(async () => {
  await api?.stop()
  await rm(folder, { recursive: true, force: true })
})

test('a site is added, listed, shown, and exported as import takes it', async () => {
  await liftwatt('site', 'add', 'garden', '--type', 'estate', '--name', 'Garden')
  const words = ['--type', 'building', '--name', 'Garden 7', '--parent', 'garden', '--entrance', 'gate code 4711']
  expect(await liftwatt('site', 'add', 'garden-7', ...words)).toContain('entrance\tgate code 4711\n')

  expect(await liftwatt('site', 'list', '--parent', 'garden')).toBe('garden-7\tbuilding\tGarden 7\tgarden\t-\n')
  expect(await liftwatt('site', 'list', '--type', 'unit')).toBe('No such site.\n')
  expect(await liftwatt('site', 'show', 'garden-7')).toContain('path\t{"estate":"garden","building":"garden-7"}\n')
  const file = await written('sites.csv', await liftwatt('site', 'export'))
  expect(await liftwatt('site', 'import', file)).toContain('sites: 0 to create, 0 to change, 2 unchanged')
})

test('members come and go, with a roster that goes out and in again, and a swap', async () => {
  for (const id of ['li', 'wang']) {
    await liftwatt('member', 'add', id, '--team', 'crew-a', '--name', id, '--phone', '13900000000')
  }
  expect(await liftwatt('member', 'list', '--team', 'crew-a')).toMatch(
    /^li\tcrew-a\tli\t13900000000\tno address.*\nwang/,
  )
  await expect(
    liftwatt('member', 'add', 'hu', '--team', 'crew-a', '--name', 'Hu', '--tell', 'sms:139'),
  ).rejects.toThrow('there is no channel sms')

  const roster = JSON.parse(await liftwatt('roster', 'show', 'crew-a', '--json'))
  roster.shifts = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '20:00', until: '08:00', memberIds: ['li'] }]
  const file = await written('roster.json', JSON.stringify(roster))
  expect(await liftwatt('roster', 'set', 'crew-a', file)).toContain('version\t1\n')
  await expect(liftwatt('roster', 'set', 'crew-a', file)).rejects.toThrow('it is at version 1 now')

  const night = ['--from', '2026-11-24T20:00:00+08:00', '--until', '2026-11-25T08:00:00+08:00']
  const swap = ['roster', 'swap', 'crew-a', '--member', 'li', '--instead', 'wang', ...night, '--json']
  expect(JSON.parse(await liftwatt(...swap)).swaps).toMatchObject([{ memberId: 'li', insteadId: 'wang', reason: null }])
  expect(await liftwatt('member', 'remove', 'li')).toBe('li works here no more.\n')
})

test('a plan goes out, is changed and comes in again', async () => {
  expect(await liftwatt('plan', 'list')).toMatch(/^elevator-emergency\tas it shipped\ton\t.*crew-accepts 5/m)
  const plan = JSON.parse(await liftwatt('plan', 'show', 'elevator-emergency', '--json'))
  const file = await written('plan.json', JSON.stringify({ ...plan, enabled: false }))
  expect(await liftwatt('plan', 'set', 'elevator-emergency', file)).toContain('enabled\tfalse\n')
  expect(await liftwatt('plan', 'list')).toMatch(/^elevator-emergency\tversion 1\toff\t/m)
  await expect(liftwatt('plan', 'set', 'p', await written('list.json', '[]'))).rejects.toThrow(UsageError)
})

test('a device is put into maintenance, and it is ended', async () => {
  const words = ['--type', 'maintenance', '--reason', 'rope is changed', '--key', 'rope-1', '--json']
  const { id } = JSON.parse(await liftwatt('shelf', 'add', 'device:lift-3', ...words))
  expect(JSON.parse(await liftwatt('shelf', 'add', 'device:lift-3', ...words)).id).toBe(id)
  const listed = await liftwatt('shelf', 'list', '--active')
  expect(listed.split('\t')).toEqual([
    ...[id, 'maintenance', 'device:lift-3', 'everything', '2026-11-24T08:00:00.000Z', 'until somebody ends it'],
    'rope is changed\n',
  ])
  expect(await liftwatt('shelf', 'end', id)).toContain('ended 2026-11-24T08:00:00.000Z')
  expect(await liftwatt('shelf', 'list', '--active')).toBe('Nothing is shelved, in maintenance or planned.\n')
  await expect(liftwatt('shelf', 'add', 'lift-3', '--reason', 'x')).rejects.toThrow('such as device:lift-3')
})

test('who calls about somebody in the car gets an order, which is exported; its incident can be looked at', async () => {
  const call = ['stands between floors', '--device', 'lift-3', '--severity', 'critical', '--people-inside', 'yes']
  const who = ['--caller', 'Zhang', '--words', 'my mother is in there']
  const opened = JSON.parse(await liftwatt('order', 'open', ...call, ...who, '--json'))
  expect(opened).toMatchObject({ type: 'manual', deviceId: 'lift-3', reportedBy: { name: 'Zhang' } })
  expect(opened.arriveBy).not.toBeNull()

  const listed = await liftwatt('incident', 'list', '--device', 'lift-3')
  expect(listed).toContain(`\topen\tcritical\t${opened.finding}\tdevice:lift-3\t1 times\t`)
  expect(listed).toContain(opened.id)
  expect(await liftwatt('incident', 'show', opened.incidentId)).toContain(`orderId\t${opened.id}\n`)

  const csv = await liftwatt('order', 'export', '--device', 'lift-3')
  expect(csv).toContain(opened.id)
  expect(JSON.parse(await liftwatt('order', 'export', '--device', 'lift-3', '--json')).items).toHaveLength(1)
  const file = await written('orders.csv', csv)
  expect(await liftwatt('order', 'import', file)).toContain('1 orders: 0 to take, 1 there already, 0 faults')
})

test('the pictures of an order are listed, and saved as they are', async () => {
  const call = ['sparks', '--device', 'lift-3', '--severity', 'urgent', '--json']
  const { id } = JSON.parse(await liftwatt('order', 'open', ...call))
  const url = `/api/v1/work-orders/${id}/photos?name=door`
  const picture = Buffer.from([0xff, 0xd8, 0xff, 1])
  const headers = { authorization: `Bearer ${operatorToken}`, 'content-type': 'image/jpeg' }
  const { sha256 } = (await api.app.inject({ method: 'POST', url, headers, payload: picture })).json()

  const listed = await liftwatt('order', 'evidence', id)
  expect(listed.split('\n').find((row) => row.includes('door'))).toContain(`image/jpeg\t4 B\t`)
  expect(await liftwatt('order', 'evidence', id, '--out', folder)).toContain(join(folder, `${sha256}.jpeg`))
  expect(await readFile(join(folder, `${sha256}.jpeg`))).toEqual(picture)
})

test('a call without what the order needs is wrong usage, and says what', async () => {
  const wrong = await liftwatt('order', 'open', 'help', '--device', 'lift-3', '--severity', 'mild').catch((e) => e)
  expect(wrong).toBeInstanceOf(UsageError)
  expect(wrong.message).toContain('severity')
})

async function written(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}
