import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { openPostgresOperations } from './postgres.ts'

let database: TestDatabase
let server: Server

beforeAll(async () => {
  database = await startTestDatabase()
  const { host, port } = database.connection
  server = wireThatIsCutAtTheEnd(join(host, `.s.PGSQL.${port}`)).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server?.close()
  await database?.remove()
})

test('a connection that PostgreSQL cuts while we close it is nothing to warn of', async () => {
  const warnings: string[] = []
  const operations = await openPostgresOperations({
    connection: { ...database.connection, host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    connections: 2,
    log: { ...silentLog, warn: (_, message) => warnings.push(message) },
  })
  await operations.ping()
  const cut = once(server, 'cut')
  await operations.close()
  await cut
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(warnings).toEqual([])
})

test('whoever waits for another process to migrate waits for as long as that takes', async () => {
  const { host, port, user, password, database: name } = database.connection
  const other = new pg.Client(database.connection)
  await other.connect()
  await other.query('select pg_advisory_lock(7162001)')
  const where = new URLSearchParams({ host, port: String(port), statement_timeout: '50' })
  const opened = openPostgresOperations({
    ...{ connections: 1, log: silentLog },
    connection: `postgres://${user}:${encodeURIComponent(password)}@localhost/${name}?${where}`,
  })
  opened.catch(() => {})
  const isOverdue = `select from pg_stat_activity where datname = '${name}' and wait_event = 'advisory'
    and now() - query_start > interval '100 ms'`
  await expect.poll(async () => (await other.query(isOverdue)).rowCount).toBe(1)
  await other.end()
  await (await opened).close()
})

/** Passes everything on, but answers the client's Terminate as a PostgreSQL does that is stopping: with FATAL 57P01. */
function wireThatIsCutAtTheEnd(socketPath: string): Server {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command', '']
  const text = Buffer.from(fields.map((field) => `${field}\0`).join(''))
  const fatal = Buffer.concat([Buffer.from('E'), Buffer.alloc(4), text])
  fatal.writeInt32BE(text.length + 4, 1)

  const wire = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect(socketPath)
    for (const socket of [client, upstream]) socket.on('error', () => {})
    upstream.on('data', (data) => client.write(data))
    client.on('data', (data) => {
      const isTerminate = data.length === 5 && data[0] === 'X'.charCodeAt(0)
      if (!isTerminate) return upstream.write(data)
      upstream.destroy()
      client.end(fatal, () => wire.emit('cut'))
    })
  })
  return wire
}
