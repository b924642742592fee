import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayMs } from '../core/clock.ts'
import { faultOfChain } from '../core/record-chain.ts'
import { kinds } from '../devices/index.ts'
import { testTeam } from '../test/fixtures/people.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { contractCheck, recordOldContracts } from './contract-record.ts'
import { type Contracts, createContracts, type NewContract } from './contracts.ts'
import { exportCsv } from './import/export.ts'
import { createRegistry, type Registry } from './registry.ts'

const start = Date.parse('2026-05-01T00:00:00+08:00')
let now = start
const clock = () => now
let database: TestDatabase
let contracts: Contracts
let registry: Registry
let sql: pg.Client

beforeAll(async () => {
  database = await startTestDatabase()
  sql = new pg.Client(database.connection)
  await sql.connect()
  // or it would not be truncated between tests
  await sql.query('alter table audit disable trigger user')
  const { operations } = database
  contracts = createContracts({ operations, clock })
  registry = createRegistry({ operations, kinds, clock, onChange: () => {} })
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  for (const id of ['e1', 'e2', 'e3']) await operations.insertDevice(testDevice({ id }))
  await operations.insertTeam(testTeam('picc', { type: 'insurer-inspector' }))
  await operations.insertTeam(testTeam('cpic', { type: 'insurer-parts' }))
  await operations.insertTeam(testTeam('otis', { type: 'maintainer' }))
  await operations.insertTeam(testTeam('kone', { type: 'maintainer' }))
})
afterAll(async () => {
  await sql?.end()
  await database?.remove()
})
beforeEach(async () => {
  now = start
  await sql.query('truncate contracts, device_parties, history, audit cascade')
})

const policy = (given: Partial<NewContract> = {}): NewContract => ({
  ...{ type: 'policy', teamId: 'picc', number: 'P-1', validFrom: start, validUntil: start + 365 * dayMs },
  devices: [{ deviceId: 'e1' }, { deviceId: 'e2' }],
  ...given,
})
const maintenance = (given: Partial<NewContract> = {}) =>
  policy({ type: 'maintenance', teamId: 'otis', number: 'M-1', validUntil: null, ...given })
const partyAt = (deviceId: string, role: 'insurer' | 'maintainer', at = now) =>
  database.operations.deviceParty(deviceId, role, at)
const faultsOf = (work: Promise<unknown>) =>
  work.then(
    () => [],
    ({ faults, message }) =>
      faults?.map(({ path, message }: Record<string, string>) => `${path}: ${message}`) ?? [message],
  )

test('who insures and who maintains follows from contracts, from their first day to their last', async () => {
  await contracts.add(policy(), 'ann')
  await contracts.add(maintenance({ validFrom: start + 10 * dayMs, devices: [{ deviceId: 'e1' }] }), 'ann')
  expect([await partyAt('e1', 'insurer'), await partyAt('e3', 'insurer'), await partyAt('e1', 'maintainer')]).toEqual([
    ...['picc', null, null],
  ])
  now = start + 10 * dayMs
  expect(await contracts.settle()).toBe(1)
  expect(await contracts.settle()).toBe(0)
  expect([await partyAt('e1', 'maintainer'), await partyAt('e1', 'maintainer', now - 1)]).toEqual(['otis', null])
  now = start + 365 * dayMs
  expect(await contracts.settle()).toBe(2)
  expect([await partyAt('e1', 'insurer'), await partyAt('e1', 'insurer', now - 1)]).toEqual([null, 'picc'])
})

test('a contract that changed in May counts for its months only, also when it is written down in June', async () => {
  await database.operations.setDeviceParty('e1', 'maintainer', 'kone', start - 100 * dayMs)
  now = start + 40 * dayMs
  await contracts.add(maintenance({ devices: [{ deviceId: 'e1' }] }), 'ann')
  const at = (days: number) => partyAt('e1', 'maintainer', start + days * dayMs)
  expect([await at(-1), await at(0), await at(40)]).toEqual(['kone', 'otis', 'otis'])
})

test('a party that follows from a contract is not set by hand, and a file of devices neither sets it', async () => {
  await contracts.add(policy(), 'ann')
  const message = 'insurerId: follows from the contract P-1 of picc: change that'
  expect(await faultsOf(registry.updateDevice('e1', { insurerId: 'cpic' }, 'ann'))).toEqual([message])
  expect(await faultsOf(registry.updateDevice('e1', { insurerId: 'picc', name: 'Lift' }, 'ann'))).toEqual([])
  expect(await faultsOf(registry.updateDevice('e3', { insurerId: 'cpic' }, 'ann'))).toEqual([])
  const file = new TextEncoder().encode('id,insurerId\ne1,cpic\n')
  expect(await faultsOf(registry.applyImport('devices', file, 'ann'))).toEqual([`line 2.${message}`])
})

test('a change moves what was covered for the whole period, ends what is left out, and keeps what was', async () => {
  const { id } = await contracts.add(
    policy({ devices: [{ deviceId: 'e1' }, { deviceId: 'e2', validFrom: start + dayMs }] }),
    'ann',
  )
  now = start + 30 * dayMs
  await contracts.update(id, { validUntil: now, premiumFen: 44_600 }, 'bob')
  expect([await partyAt('e1', 'insurer'), await partyAt('e2', 'insurer')]).toEqual([null, null])
  await contracts.update(id, { validUntil: null, devices: [{ deviceId: 'e2' }] }, 'bob')
  expect([await partyAt('e1', 'insurer', start), await partyAt('e2', 'insurer')]).toEqual([null, 'picc'])
  await contracts.update(id, { premiumFen: 44_600 }, 'bob')
  const { items } = await database.operations.history('contract', id, { limit: 9 })
  expect(items.map(({ actor }) => actor)).toEqual(['bob', 'bob', 'ann'])
  expect(items[1]).toMatchObject({ before: { premiumFen: null }, after: { premiumFen: 44_600, validUntil: now } })
})

test('what a contract cannot be is named, field by field', async () => {
  const { id } = await contracts.add(policy(), 'ann')
  await expect(contracts.add(policy({ devices: [] }), 'ann')).rejects.toMatchObject({ code: 'already-exists' })
  const devices = [
    ...[{ deviceId: 'none' }, { deviceId: 'e1' }, { deviceId: 'e3', validFrom: start - 1 }],
    ...[
      { deviceId: 'e3', validUntil: null },
      { deviceId: 'e2', validFrom: start + 365 * dayMs },
    ],
  ]
  const wrong = policy({ teamId: 'cpic', number: 'P-2', devices })
  expect(await faultsOf(contracts.add(wrong, 'ann'))).toEqual([
    'devices.0.deviceId: there is no device none',
    'devices.1.deviceId: the contract P-1 of picc covers e1 at that time already',
    'devices.2.validFrom: lies before the contract begins',
    'devices.3.validUntil: lies after the end of the contract',
    'devices.4.validUntil: is not after validFrom',
  ])
  expect(await faultsOf(contracts.add(policy({ teamId: 'otis', number: 'P-3', validUntil: start }), 'ann'))).toContain(
    'teamId: the team otis is of type maintainer; an insurer is of type insurer-inspector or insurer-parts',
  )
  expect(await faultsOf(contracts.update(id, { devices: [{ deviceId: 'e1' }, { deviceId: 'e1' }] }, 'ann'))).toEqual([
    'devices.0.deviceId: e1 stands in it twice for the same time',
    'devices.1.deviceId: e1 stands in it twice for the same time',
  ])
})

test('what stays as it is is not written again', async () => {
  const rows = async () => (await sql.query('select xmin, device_id, role from device_parties order by 2, 3')).rows
  await database.operations.setDeviceParty('e3', 'insurer', 'cpic', start)
  const { id } = await contracts.add(policy(), 'ann')
  const before = await rows()
  await contracts.update(id, { premiumFen: 1 }, 'ann')
  await contracts.update(id, { devices: [{ deviceId: 'e1' }, { deviceId: 'e2', validUntil: start + dayMs }] }, 'ann')
  expect(await rows()).toEqual(before)
})

test('a portfolio is whom a team answers for, at a time and over a period', async () => {
  await contracts.add(policy(), 'ann')
  await database.operations.setDeviceParty('e3', 'insurer', 'picc', start + 20 * dayMs)
  const portfolio = async (from: number, to = from + 1, page = {}) =>
    database.operations.portfolio('picc', { from, to }, { limit: 9, ...page })
  const ids = async (...period: [number, number?]) => (await portfolio(...period)).items.map(({ deviceId }) => deviceId)
  expect(await ids(start - 1)).toEqual([])
  expect(await ids(start)).toEqual(['e1', 'e2'])
  expect(await ids(start, start + 21 * dayMs)).toEqual(['e1', 'e2', 'e3'])
  const first = await portfolio(start, start + 1, { limit: 1 })
  expect(first).toMatchObject({ nextCursor: 'e1', items: [{ periods: [{ contractNumber: 'P-1', role: 'insurer' }] }] })
  expect((await portfolio(start, start + 1, { limit: 1, after: 'e1' })).nextCursor).toBeNull()
})

const bytes = (text: string) => new TextEncoder().encode(text)
async function exported(): Promise<string> {
  let text = ''
  const { operations } = database
  for await (const part of exportCsv('contracts', { operations, kinds, clock, sight: 'everything' })) text += part
  return text
}

const file = [
  'type,teamId,number,holder,premiumFen,validFrom,validUntil,deviceId,deviceFrom,deviceUntil',
  'policy,picc,P-1,=Street,892000,2026-05-01,2027-05-01,e1,,',
  'policy,picc,P-1,=Street,892000,2026-05-01,2027-05-01,e2,2026-06-01,2026-07-01',
  'policy,picc,P-1,=Street,892000,2026-05-01,2027-05-01,e2,2026-08-01,',
  'maintenance,otis,M-1,,,2020-01-01,,e1,,',
  'maintenance,kone,M-2,,,2026-05-01,,,,',
].join('\n')

test('contracts come from a file: a preview writes nothing, the same file again changes nothing', async () => {
  const seen = await registry.previewImport(null, bytes(file))
  expect(seen).toMatchObject({ kind: 'contracts', applied: false, counts: { create: 5, error: 0 } })
  expect((await database.operations.contracts({ limit: 9 })).items).toEqual([])
  await registry.applyImport(null, bytes(file), 'ann')
  now = Date.parse('2026-06-15T00:00:00+08:00')
  await contracts.settle()
  expect([await partyAt('e2', 'insurer'), await partyAt('e1', 'maintainer'), await partyAt('e1', 'insurer')]).toEqual([
    ...['picc', 'otis', 'picc'],
  ])
  expect((await registry.applyImport(null, bytes(file), 'ann')).counts).toMatchObject({
    create: 0,
    change: 0,
    error: 0,
  })
})

test('what is exported comes back as it was', async () => {
  await registry.applyImport(null, bytes(file), 'ann')
  const before = await exported()
  expect(before).toContain("'=Street")
  expect((await registry.previewImport(null, bytes(before))).counts).toEqual({
    ...{ create: 0, change: 0, unchanged: 5, error: 0 },
  })
  await sql.query('truncate contracts, device_parties cascade')
  await registry.applyImport(null, bytes(before), 'ann')
  expect(sorted(await exported())).toEqual(sorted(before))
})
const sorted = (text: string) => text.split('\r\n').toSorted()

test('a device goes from one contract to another within one file', async () => {
  await registry.applyImport(null, bytes(file), 'ann')
  const change = [
    'type,teamId,number,deviceId,deviceFrom,deviceUntil,validFrom',
    'maintenance,otis,M-1,e1,,2026-07-01,2020-01-01',
    'maintenance,kone,M-2,e1,2026-07-01,,2026-05-01',
  ].join('\n')
  const { lines } = await registry.applyImport('contracts', bytes(change), 'ann')
  expect(lines.map(({ action }) => action)).toEqual(['change', 'create'])
  now = Date.parse('2026-07-02T00:00:00+08:00')
  await contracts.settle()
  expect([await partyAt('e1', 'maintainer'), await partyAt('e1', 'maintainer', start)]).toEqual(['kone', 'otis'])
})

test('each contract has a chain that vouches for its terms, what it covers, and who answered for that meanwhile', async () => {
  const { operations } = database
  const faultOf = (id: string) => contractCheck(clock)(operations, id)
  await operations.setDeviceParty('e1', 'maintainer', 'kone', start - dayMs)
  const [{ id: insured }, { id }] = [await contracts.add(policy(), 'ann'), await contracts.add(maintenance(), 'ann')]
  now = start + 30 * dayMs
  await contracts.update(id, { validUntil: start + 40 * dayMs }, 'bob')
  const events = await operations.recordEventsOf(id)
  expect(events.map(({ type, actor }) => [type, actor])).toEqual([
    ['added', 'ann'],
    ['changed', 'bob'],
  ])
  expect(faultOfChain(events)).toBeUndefined()
  // before and after somebody has settled who answers from then on
  for (const days of [30, 40, 40.5]) {
    now = start + days * dayMs
    expect([await faultOf(id), await faultOf(insured)]).toEqual([undefined, undefined])
    await contracts.settle()
    expect([await faultOf(id), await faultOf(insured)]).toEqual([undefined, undefined])
  }

  /** What is found of it then. */
  const faultAfter = async (change: string, ...values: unknown[]) => {
    await sql.query(change, values)
    return faultOf(id)
  }
  const unlike = 'The contract is not as its last event says'
  expect(await faultAfter('update contracts set premium_fen = 1 where id = $1', id)).toBe(unlike)
  await sql.query('update contracts set premium_fen = null')
  const others = 'Somebody else answers for e1, which it covers'
  const later = `update device_parties set valid_from = valid_from + interval '1 day' where device_id = 'e1' and contract_id = $1`
  expect(await faultAfter(later, id)).toBe(others)
  await sql.query(later.replace('+', '-'), [id])
  expect(await faultOf(id)).toBeUndefined()
  const beside = `insert into device_parties (device_id, role, team_id, valid_from, valid_until)
    values ('e1', 'maintainer', 'kone', $1, $2)`
  expect(await faultAfter(beside, new Date(start + dayMs), new Date(start + 2 * dayMs))).toBe(others)
  const less = `delete from contract_devices where device_id = 'e2' and contract_id = $1`
  expect(await faultAfter(less, id)).toBe('It covers other devices than its last event says')
  expect(await faultOf(insured)).toBeUndefined()
})

test('a contract of a version without chains gets one as it is found', async () => {
  const { operations } = database
  const { id } = await contracts.add(policy(), 'ann')
  const invented = randomUUID()
  await sql.query(
    `insert into contracts (id, type, team_id, number, valid_from, created_at)
      select $2, type, team_id, 'P-2', valid_from, created_at from contracts where id = $1`,
    [id, invented],
  )
  expect(await operations.recordsWithoutEvents(9)).toEqual([invented])
  expect(await recordOldContracts(operations, now)).toBe(1)
  expect(await operations.recordsWithoutEvents(9)).toEqual([])
  expect(await operations.recordEventsOf(invented)).toMatchObject([{ type: 'found', actor: 'liftwatt' }])
  expect(await contractCheck(clock)(operations, invented)).toBeUndefined()
})

test('every fault of every line is named, and nothing is half done', async () => {
  await contracts.add(policy(), 'ann')
  const wrong = [
    'type,teamId,number,premiumFen,validFrom,validUntil,deviceId,deviceFrom,deviceUntil',
    'policy,cpic,P-9,1,2026-05-01,,e3,,',
    'policy,cpic,P-9,2,2026-05-01,,none,,',
    'policy,cpic,P-8,12.5,2026-02-30,,e3,,',
    'policy,cpic,P-7,,2026-05-01,,e1,,',
    'policy,cpic,P-6,,,,e3,,',
    'maintenance,otis,M-9,,2026-05-01,2026-05-01,,,',
    'maintenance,kone,M-8,,2026-05-01,,,2026-05-02,',
    'lease,otis,M-7,,2026-05-01,,,,',
    'maintenance,otis,M-6,,2026-05-01,,e3,2026-04-01,',
  ].join('\n')
  expect(await faultsOf(registry.applyImport('contracts', bytes(wrong), 'ann'))).toEqual([
    'line 3.premiumFen: line 2 says another premiumFen of this contract',
    'line 4.premiumFen: must be whole fen, without a point',
    'line 4.validFrom: must be like 2026-05-01, 2026-05-01 00:00 or 2026-04-30T16:00:00Z',
    'line 5.deviceId: the contract P-1 of picc covers e1 at that time already',
    'line 6.validFrom: must not be empty',
    'line 7.validUntil: is not after validFrom',
    'line 8.deviceId: is needed: the line says when a device is covered, and not which',
    expect.stringMatching(/^line 9.type: /),
    'line 10.deviceFrom: lies before the contract begins',
  ])
  expect((await database.operations.contracts({ limit: 9 })).items).toHaveLength(1)
})
