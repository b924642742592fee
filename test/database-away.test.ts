import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJudge } from './judge.ts'
import { startTestDatabase, type TestDatabase } from './operations-database.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

/** Longer than the service's own interval between two looks at the credentials. */
const awayMs = process.env.LIFTWATT_TEST_LONG === undefined ? 15_000 : 90_000

let database: TestDatabase
let wire: Wire
let service: ServiceUnderTest

beforeAll(async () => {
  database = await startTestDatabase()
  const { host, port, user, password, database: name } = database.connection
  wire = await startWire(join(host, `.s.PGSQL.${port}`))
  service = await startService({
    environment: { DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${wire.port}/${name}` },
  })
})
afterAll(async () => {
  await service?.remove()
  wire?.close()
  await database?.remove()
})

test('while the database is cut off, gateways are acknowledged; afterwards the orders come, and nothing is lost', async () => {
  const judge = await createJudge(service, 3)
  const load = judge.load(10)
  await judge.faultEpisode()

  wire.cut()
  const begin = performance.now()
  await judge.faultEpisode()
  await eventually(
    'the service says that it is not well',
    async () => (await fetch(`${service.httpUrl}/readyz`)).status === 503,
  )
  await delay(awayMs - (performance.now() - begin))
  await load.stop()
  await judge.drained() // acknowledged without the database
  expect((await fetch(`${service.httpUrl}/healthz`)).status).toBe(200)

  wire.mend()
  const verdict = await judge.verdict(service)
  await judge.stop()
  console.log(`database cut off for ${awayMs / 1000} s: ${JSON.stringify(verdict)}`)
  expect(verdict).toMatchObject({ missing: 0, storedTwice: 0, wrong: 0, episodes: 2, fewestOrders: 1, mostOrders: 1 })
  await eventually('the service is well again', async () => (await fetch(`${service.httpUrl}/readyz`)).status === 200)
}, 240_000)

interface Wire {
  readonly port: number
  cut(): void
  mend(): void
  close(): void
}

/** A TCP port that leads to PostgreSQL's Unix socket and can be cut. */
async function startWire(socketPath: string): Promise<Wire> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server: Server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(socketPath)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => {
        near.destroy()
        far.destroy()
        sockets.delete(socket)
      })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const end = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut() {
      isCut = true
      end()
    },
    mend() {
      isCut = false
    },
    close() {
      end()
      server.close()
    },
  }
}
