import { expect, test } from 'vitest'
import type { Device, Gateway } from '../core/device.ts'
import { StoreUnavailable } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { AuditEntry, HistoryEntry, Operations } from '../stores/operations/port.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { type DeviceDirectory, maxAutoRegistered, openDeviceDirectory } from './devices.ts'

const device = (id: string, gatewayId = 'g1', facts = {}) => testDevice({ id, gatewayId, facts })
const gateway = (id: string, autoRegister: string | null): Gateway => ({
  id,
  name: null,
  autoRegister,
  createdAt: 0,
  revokedAt: null,
})

/** The part of the registry that the directory asks, in memory; it counts what it is asked. */
function registry(gateways: Gateway[], known: Device[] = []) {
  const rows = new Map(known.map((row) => [row.id, row]))
  const asked = { ids: [] as number[], inserted: [] as number[], loads: 0 }
  const written = { audit: [] as AuditEntry[], history: [] as HistoryEntry[] }
  let down = false
  const up = () => {
    if (down) throw new StoreUnavailable('operations', 'down')
  }
  const operations: Operations = {
    async devices({ limit, after }: { limit: number; after?: string }) {
      up()
      asked.loads += 1
      const all = [...rows.values()].filter(({ id }) => after === undefined || id > after)
      const items = all.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
      await Promise.resolve()
      return { items, nextCursor: all.length > limit ? (items.at(-1)?.id ?? null) : null }
    },
    async devicesByIds(ids: string[]) {
      up()
      asked.ids.push(ids.length)
      return ids.flatMap((id) => rows.get(id) ?? [])
    },
    gateway: async (id: string) => gateways.find((row) => row.id === id),
    countDevices: async (gatewayId: string) => [...rows.values()].filter((row) => row.gatewayId === gatewayId).length,
    async insertDevicesIfAbsent(made: Device[]) {
      asked.inserted.push(made.length)
      const added = made.filter(({ id }) => !rows.has(id))
      for (const row of added) rows.set(row.id, row)
      return added.map(({ id }) => id)
    },
    insertAudit: async (...entries: AuditEntry[]) => void written.audit.push(...entries),
    insertHistory: async (...entries: HistoryEntry[]) => void written.history.push(...entries),
    transaction: <T>(work: (unit: Operations) => Promise<T>) => work(operations),
  } as unknown as Operations
  const setDown = (value: boolean) => {
    down = value
  }
  return { operations, rows, asked, written, setDown }
}

const open = ({ operations }: { operations: Operations }, log = silentLog) =>
  openDeviceDirectory({ operations, kindIds: new Set(['elevator']), clock: () => 42, log })

/** `junk`: nothing in it could be used, whatever its device. */
const said = (deviceId: string, gatewayId = 'g1', junk = false) => ({ deviceId, gatewayId, junk })

const resolve = (directory: DeviceDirectory, messages: ReturnType<typeof said>[]) =>
  directory.resolve(messages, ({ junk }) => !junk)

test('knows every registered device from the start, page after page', async () => {
  const all = Array.from({ length: 5_001 }, (_, i) => device(`e${i}`))
  const directory = await open(registry([], all))

  expect([...directory.all()]).toHaveLength(5_001)
  expect(directory.get('e5000')).toEqual(device('e5000'))
})

test('an unknown device is registered where its gateway registers that kind, and only there', async () => {
  const store = registry([gateway('auto', 'elevator'), gateway('old', 'river-probe'), gateway('g1', null)])
  const directory = await open(store)
  await resolve(directory, [said('a', 'auto'), said('b', 'g1'), said('c', 'old'), said('d', 'nobody')])

  expect(directory.get('a')).toEqual({ ...device('a', 'auto'), createdAt: 42 })
  expect([...store.rows.keys()]).toEqual(['a'])
  expect(['b', 'c', 'd'].map((id) => directory.get(id))).toEqual([undefined, undefined, undefined])
})

test('junk makes no device, however much of it and in whichever order, and something usable does', async () => {
  const store = registry([gateway('auto', 'elevator')])
  const directory = await open(store)
  const junk = said('a', 'auto', true)
  const candidateOf = await resolve(directory, [junk, said('b', 'auto', true), said('c', 'g1', true)])
  expect(candidateOf(junk)).toEqual({ ...device('a', 'auto'), createdAt: 42 })
  expect(candidateOf(said('c'))).toBeUndefined()
  const asked = store.asked.ids.length
  expect((await resolve(directory, [junk]))(junk)?.kind).toBe('elevator')
  expect(store.asked.ids).toHaveLength(asked)
  expect([...store.rows.keys()]).toEqual([])

  expect((await resolve(directory, [junk, said('a', 'auto'), junk]))(junk)).toBeUndefined()
  expect([...store.rows.keys()]).toEqual(['a'])
  expect(directory.get('a')).toBeDefined()
})

test('a device that its gateway registers is written down as any other that is added, once', async () => {
  const store = registry([{ ...gateway('auto', 'elevator'), siteId: 'b-1' }])
  await resolve(await open(store), [said('a', 'auto'), said('a', 'auto')])
  store.rows.set('late', device('late', 'auto'))
  const again = await open(store)
  await resolve(again, [said('a', 'auto'), said('late', 'auto')])

  const by = { at: 42, actor: 'auto' }
  expect(store.written.audit).toEqual([
    {
      ...{ ...by, action: 'device-added', subject: 'a' },
      data: {
        ...{ kind: 'elevator', gatewayId: 'auto', siteId: 'b-1', name: null, feederId: null, facts: {} },
        ...{ maintainerId: null, insurerId: null },
      },
    },
  ])
  expect(store.written.history).toEqual([
    {
      ...{ ...by, subjectType: 'device', subjectId: 'a', before: null },
      after: { ...device('a', 'auto'), siteId: 'b-1', createdAt: 42, maintainerId: null, insurerId: null },
    },
  ])
})

test('a device that is retired is known, and its gateway does not register it again by sending for it', async () => {
  const old = { ...device('old', 'auto'), retiredAt: 7 }
  const store = registry([gateway('auto', 'elevator')], [old])
  const directory = await open(store)
  await resolve(directory, [said('old', 'auto')])

  expect(directory.get('old')).toEqual(old)
  expect(store.asked.inserted).toEqual([])
})

test('a device that registers itself stands where its gateway does', async () => {
  const directory = await open(registry([{ ...gateway('auto', 'elevator'), siteId: 'building-12' }]))
  await resolve(directory, [said('a', 'auto')])
  expect(directory.get('a')?.siteId).toBe('building-12')
})

test.each([
  ['first', [said('x', 'auto'), said('x', 'g1')]],
  ['second', [said('x', 'g1'), said('x', 'auto')]],
])('a device that two gateways name belongs to the one that may register it, be it the %s', async (_, messages) => {
  const directory = await open(registry([gateway('auto', 'elevator'), gateway('g1', null)]))
  await resolve(directory, messages)
  expect(directory.get('x')?.gatewayId).toBe('auto')
})

test('a device that two gateways claim goes to the first', async () => {
  const directory = await open(registry([gateway('b', 'elevator'), gateway('a', 'elevator')]))
  await resolve(directory, [said('x', 'b'), said('x', 'a')])
  expect(directory.get('x')?.gatewayId).toBe('b')
})

test('a device that was registered since is found without a reload', async () => {
  const store = registry([])
  const directory = await open(store)
  store.rows.set('late', device('late'))
  await resolve(directory, [said('late')])
  expect(directory.get('late')).toBeDefined()
})

test('an unknown id is asked for once, and again after something changed in the registry', async () => {
  const store = registry([])
  const directory = await open(store)
  await resolve(directory, [said('x')])
  const asked = store.asked.ids.length
  await resolve(directory, [said('x'), said('x')])
  expect(store.asked.ids).toHaveLength(asked)

  store.rows.set('x', device('x'))
  const reloading = directory.reload()
  await resolve(directory, [said('x')])
  expect(directory.get('x')).toBeDefined()
  await reloading
})

test('tens of thousands of unknown ids in one batch go in portions that SQL can take', async () => {
  const store = registry([gateway('auto', 'elevator')])
  const warnings: object[] = []
  const directory = await open(store, { ...silentLog, warn: (fields) => warnings.push(fields) })
  await resolve(
    directory,
    Array.from({ length: 70_000 }, (_, i) => said(`d${i}`, 'auto')),
  )

  expect(Math.max(...store.asked.ids)).toBeLessThanOrEqual(1_000)
  expect(Math.max(...store.asked.inserted)).toBeLessThanOrEqual(1_000)
  expect(store.rows.size).toBe(maxAutoRegistered)
  expect(directory.get('d9999')).toBeDefined()
  expect(directory.get('d10000')).toBeUndefined()
  expect(warnings).toEqual([{ gateway: 'auto', max: maxAutoRegistered }])
})

test('a reload takes over changed facts, keeps what is known while it runs, and many at once are few', async () => {
  const store = registry([], [device('e1')])
  const directory = await open(store)
  store.rows.set('e1', device('e1', 'g1', { stops: 9 }))
  const before = store.asked.loads
  const reloads = Array.from({ length: 50 }, () => directory.reload())
  expect(directory.get('e1')).toBeDefined()
  await Promise.all(reloads)

  expect(directory.get('e1')?.facts).toEqual({ stops: 9 })
  expect(store.asked.loads - before).toBeLessThanOrEqual(2)
})

test('a database that is down is said, nothing is forgotten, and the next try works', async () => {
  const store = registry([gateway('auto', 'elevator')], [device('e1')])
  const directory = await open(store)
  store.setDown(true)
  await expect(resolve(directory, [said('new', 'auto')])).rejects.toThrow(StoreUnavailable)
  await expect(resolve(directory, [said('e1')])).resolves.toBeDefined()
  await expect(directory.reload()).rejects.toThrow(StoreUnavailable)
  expect(directory.get('e1')).toBeDefined()

  store.setDown(false)
  await directory.reload()
  await resolve(directory, [said('new', 'auto')])
  expect(directory.get('new')).toBeDefined()
})
