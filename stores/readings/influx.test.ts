import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HttpError } from '@influxdata/influxdb-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { reasonOf, StoreUnavailable } from '../../core/errors.ts'
import { silentLog } from '../../core/log.ts'
import type { Reading, Values } from '../../core/reading.ts'
import { describeWithEngine } from '../../test/engines/describe.ts'
import { type RunningInfluxd, startInfluxd } from '../../test/engines/influxd.ts'
import { contractCatalogue, readingStoreContract } from './contract.ts'
import { type InfluxReadingsOptions, openInfluxReadings } from './influx.ts'

const noon = Date.UTC(2026, 10, 24, 12)
const elevator = { deviceId: 'elv-0042', kind: 'elevator', from: 0, to: 2 * noon, limit: 1_000 }

function reading(at: number, values: Values, deviceId = 'elv-0042'): Reading {
  return { deviceId, kind: 'elevator', at, receivedAt: at + 150, values }
}

await describeWithEngine('influxd', 'readings in InfluxDB', () => {
  let influxd: RunningInfluxd
  let database: string
  let databases = 0
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd?.remove())
  beforeEach(() => {
    databases += 1
    database = `lift "watt" ${databases}`
  })

  const open = (options: Partial<InfluxReadingsOptions> = {}) =>
    openInfluxReadings({ url: influxd.url, database, catalogue: contractCatalogue, log: silentLog, ...options })
  const tell = (path: string, body: string | URLSearchParams) =>
    fetch(`${influxd.url}${path}`, { method: 'POST', body })

  readingStoreContract({ open, tellsArrival: false })

  test('a point that the server can never take is answered in its words, and its neighbours are stored', async () => {
    const store = await open()
    await tell(`/write?db=${encodeURIComponent(database)}&precision=ms`, `elevator,device=other floor="three" ${noon}`)
    const batch = Array.from({ length: 40 }, (_, n) => reading(noon + n, { motorCelsius: n }))
    const conflicting = reading(noon + 100, { floor: 3 })
    const halfConflicting = reading(noon + 101, { floor: 3, doorOpen: true })
    const { refused } = await store.write([...batch, conflicting, halfConflicting], { journalId: 'j', position: 7 })

    expect(refused.map((part) => part.reading)).toEqual([conflicting, { ...halfConflicting, values: { floor: 3 } }])
    for (const { reason } of refused) expect(reason).toContain('field type conflict')
    expect(await store.between({ ...elevator, metric: 'motorCelsius' })).toHaveLength(40)
    expect(await store.between({ ...elevator, metric: 'doorOpen' })).toEqual([
      { at: noon + 101, values: { doorOpen: true } },
    ])
    expect(await store.position('j')).toBe(7)
    await store.close()
  })

  test('readings older than the retention policy are refused, younger ones stored', async () => {
    const named = `"${database.replaceAll('"', '\\"')}"`
    await tell('/query', new URLSearchParams({ q: `CREATE DATABASE ${named} WITH DURATION 1d NAME "short"` }))
    const store = await open()
    const now = Date.now()
    const old = reading(now - 40 * 86_400_000, { floor: 1 })
    const { refused } = await store.write([old, reading(now, { floor: 2 })], { journalId: 'j', position: 1 })

    expect(refused).toMatchObject([{ reading: old, reason: expect.stringContaining('retention policy') }])
    expect(await store.last('elv-0042', 'elevator')).toEqual({ at: now, values: { floor: 2 } })
    await store.close()
  })

  test('opens while the server is away, waits, and goes on when it is back; a later outage loses nothing', async () => {
    await influxd.stop()
    const store = await open()
    const write = () => store.write([reading(noon, { floor: 1 })], { journalId: 'j', position: 1 })
    await expect(write()).rejects.toThrow(StoreUnavailable)
    await expect(store.between(elevator)).rejects.toThrow(StoreUnavailable)

    await influxd.start()
    await write()
    await influxd.stop()
    await expect(store.write([reading(noon + 1, { floor: 2 })], { journalId: 'j', position: 2 })).rejects.toThrow(
      'not available',
    )
    await influxd.start()
    await store.write([reading(noon + 1, { floor: 2 })], { journalId: 'j', position: 2 })

    expect(await store.between(elevator)).toHaveLength(2)
    expect(await store.position('j')).toBe(2)
    await store.close()
  })

  test('a database dropped behind our back is made again by the next try', async () => {
    const store = await open()
    await store.write([reading(noon, { floor: 1 })], { journalId: 'j', position: 1 })
    const named = `"${database.replaceAll('"', '\\"')}"`
    await tell('/query', new URLSearchParams({ q: `DROP DATABASE ${named}` }))

    const again = () => store.write([reading(noon + 1, { floor: 1 })], { journalId: 'j', position: 2 })
    const said: string[] = []
    const outcome = async () => {
      const answer = await again().then(() => 'stored', reasonOf)
      said.push(answer)
      return answer
    }
    // Right after CREATE DATABASE a busy server was seen to say once more that there is none.
    await expect.poll(outcome).toBe('stored')
    expect(said[0], said.join('; ')).toContain('not found')
    expect(await store.between(elevator)).toHaveLength(1)
    await store.close()
  })
})

await describeWithEngine('influxd', 'an InfluxDB that wants a login', () => {
  const admin = { username: 'liftwatt', password: 'it\'s "secret"' }
  let influxd: RunningInfluxd
  beforeAll(async () => {
    influxd = await startInfluxd({ admin })
  })
  afterAll(() => influxd?.remove())

  test('is written and read with user and password, and one without waits instead of losing readings', async () => {
    const options = { url: influxd.url, database: 'liftwatt', catalogue: contractCatalogue, log: silentLog }
    const mark = { journalId: 'j', position: 1 }
    const stranger = await openInfluxReadings(options)
    await expect(stranger.write([reading(noon, { floor: 9 })], mark)).rejects.toThrow(StoreUnavailable)

    const store = await openInfluxReadings({ ...options, ...admin })
    await store.write([reading(noon, { floor: 1 })], mark)
    expect(await store.between(elevator)).toEqual([{ at: noon, values: { floor: 1 } }])
  })
})

describe('an overloaded InfluxDB', () => {
  let server: Server
  let answer: RequestListener
  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (request.url?.startsWith('/query')) response.end('{"results":[]}')
        else answer(request, response)
      })
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each([429, 503, 500])(
    '%i is waited for: one request, no reading refused, and the wished delay is told',
    async (status) => {
      let writes = 0
      answer = (_, response) => {
        writes += 1
        response.writeHead(status, { 'retry-after': '7' }).end('{"error":"too busy"}')
      }
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const store = await openInfluxReadings({
        url,
        database: 'liftwatt',
        catalogue: contractCatalogue,
        log: silentLog,
      })
      const batch = [reading(noon, { floor: 1 }), reading(noon + 1, { floor: 2 })]
      const failed = await store
        .write(batch, { journalId: 'j', position: 1 })
        .catch((error: unknown) => error as StoreUnavailable)

      expect(failed).toBeInstanceOf(StoreUnavailable)
      expect(((failed as StoreUnavailable).cause as HttpError).retryAfter()).toBe(7)
      expect(writes).toBe(1)
    },
  )
})
