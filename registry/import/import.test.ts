import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { kinds } from '../../devices/index.ts'
import { hostileNames } from '../../test/hostile-texts.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createRegistry, type Registry } from '../registry.ts'
import { exportCsv } from './export.ts'
import type { ImportKind } from './plan.ts'

const start = Date.UTC(2026, 10, 24, 8)
let now = start
let changes: string[] = []
let database: TestDatabase
let registry: Registry
let sql: pg.Client

beforeAll(async () => {
  database = await startTestDatabase()
  sql = new pg.Client(database.connection)
  await sql.connect()
  // or it would not be truncated between tests
  await sql.query('alter table audit disable trigger user')
  const { operations } = database
  for (const id of ['sms', 'robot', 'c']) {
    await operations.insertChannel({ id, type: 'webhook', name: id, settings: {}, enabled: true, createdAt: 0 })
  }
  registry = createRegistry({ operations, kinds, clock: () => now, onChange: (changed) => void changes.push(changed) })
})
afterAll(async () => {
  await sql.end()
  await database.remove()
})
beforeEach(async () => {
  now = start
  await sql.query('truncate sites, devices, device_parties, gateways, teams, history, audit cascade')
  await registry.addGateway({ id: 'gw-1' }, 'operator')
  await sql.query(`insert into teams (id, type, name, areas, skills, addresses, created_at)
    values ('otis', 'maintainer', 'Otis', '[]', '[]', '[]', now()), ('picc', 'insurer-inspector', 'P', '[]', '[]', '[]', now())`)
  changes = []
})

const bytes = (text: string) => new TextEncoder().encode(text)
const preview = (text: string, kind: ImportKind | null = null) => registry.previewImport(kind, bytes(text))
const apply = (text: string, kind: ImportKind | null = null) => registry.applyImport(kind, bytes(text), 'operator')
const faultsOf = (text: string, kind: ImportKind | null = null) =>
  apply(text, kind).then(
    () => ['taken'],
    ({ message, faults }) =>
      faults?.map((fault: { path: string; message: string }) => `${fault.path}: ${fault.message}`) ?? [message],
  )

async function exported(kind: ImportKind): Promise<string> {
  let text = ''
  const { operations } = database
  for await (const part of exportCsv(kind, { operations, kinds, clock: () => now, sight: 'everything' })) text += part
  return text
}

async function everything(): Promise<string> {
  let text = ''
  for (const table of ['sites', 'devices', 'device_parties', 'history', 'audit', 'gateways']) {
    text += JSON.stringify((await sql.query(`select * from ${table}`)).rows)
  }
  return text
}

const tree = [
  'id,type,name,parentId,use',
  'room-301,unit,Room 301,house-3,',
  'house-3,building,"House 3, ""North""",garden,rental',
  'garden,estate,翠苑,xihu,',
  'xihu,district,西湖区,,',
].join('\r\n')

const fleet = [
  'id,kind,gatewayId,name,siteId,feederId,maintainerId,insurerId,facts.stops,facts.insulationClass,facts.breakerAmps',
  'lift-1,elevator,gw-1,Lift 1,house-3,line-7,otis,picc,18,F,',
  'meter-301,electricity-meter,gw-1,,room-301,line-7,,,,,40',
].join('\n')

test('a tree comes in whatever order, and a preview says so and writes nothing', async () => {
  const before = await everything()
  const seen = await preview(tree)
  expect(seen).toMatchObject({
    kind: 'sites',
    applied: false,
    counts: { create: 4, change: 0, unchanged: 0, error: 0 },
  })
  expect(seen.lines.map(({ line, id, action }) => [line, id, action])).toEqual([
    [2, 'room-301', 'create'],
    [3, 'house-3', 'create'],
    [4, 'garden', 'create'],
    [5, 'xihu', 'create'],
  ])
  expect(await everything()).toBe(before)

  const done = await apply(tree)
  expect(done).toEqual({ ...seen, applied: true })
  expect(await database.operations.pathOf('room-301')).toEqual({
    ...{ unit: 'room-301', building: 'house-3', estate: 'garden', district: 'xihu' },
  })
  expect((await database.operations.site('house-3'))?.name).toBe('House 3, "North"')
})

test('devices come with facts of their kind, feeder and teams; the data path hears of them', async () => {
  expect(await preview(fleet)).toMatchObject({ kind: 'devices', counts: { create: 2 } })
  expect(changes).toEqual([])
  await apply(fleet)
  expect(changes).toEqual(['device'])

  const { operations } = database
  expect(await operations.device('lift-1')).toMatchObject({
    ...{ name: 'Lift 1', siteId: 'house-3', feederId: 'line-7', createdAt: start },
    facts: { stops: 18, insulationClass: 'F' },
  })
  expect((await operations.device('meter-301'))?.facts).toEqual({ breakerAmps: 40 })
  expect(await operations.deviceParty('lift-1', 'maintainer', now)).toBe('otis')
  const audit = await sql.query(`select action, data from audit where action = 'imported'`)
  expect(audit.rows).toEqual([{ action: 'imported', data: { create: 2, change: 0, unchanged: 0, error: 0 } }])
})

test('the same file again changes nothing and leaves no history', async () => {
  for (const file of [tree, fleet]) {
    await apply(file)
    const before = (await sql.query('select * from history')).rows
    const { counts } = await apply(file)
    expect(counts).toMatchObject({ create: 0, change: 0, error: 0 })
    expect((await sql.query('select * from history')).rows).toEqual(before)
  }
})

test('a change touches the columns of the file; an empty cell takes the value away; what was is kept', async () => {
  await apply(tree)
  await apply(fleet)
  now = start + 1_000
  const file = 'id;feederId;maintainerId;facts.stops\r\nlift-1;;;20\r\nmeter-301;line-7;;\r\n'
  const seen = await preview(file)
  expect(seen.lines).toMatchObject([
    {
      action: 'change',
      changes: [
        { field: 'feederId', from: 'line-7', to: null },
        { field: 'maintainerId', from: 'otis', to: null },
        { field: 'facts.stops', from: 18, to: 20 },
      ],
    },
    { action: 'unchanged', changes: [] },
  ])
  await apply(file)

  const device = await database.operations.device('lift-1')
  expect(device).toMatchObject({ name: 'Lift 1', feederId: null, facts: { stops: 20, insulationClass: 'F' } })
  expect(await database.operations.partiesOf(['lift-1'], now)).toEqual(
    new Map([['lift-1', { maintainerId: null, insurerId: 'picc' }]]),
  )
  expect(await database.operations.deviceParty('lift-1', 'maintainer', now - 1)).toBe('otis')
  const [newest] = (await database.operations.history('device', 'lift-1', { limit: 1 })).items
  expect(newest).toMatchObject({ at: now, before: { maintainerId: 'otis' }, after: { maintainerId: null } })
})

test('every fault of every line is named, and nothing is half done', async () => {
  await apply(tree)
  await registry.addGateway({ id: 'gw-gone' }, 'operator')
  await registry.revokeGateway('gw-gone', 'operator')
  const before = await everything()
  const file = [
    'id,kind,gatewayId,siteId,maintainerId,facts.stops,facts.breakerAmps',
    'good,elevator,gw-1,house-3,otis,4,',
    'bad id,elevator,gw-1,house 3,otis,4,',
    'e-2,toaster,gw-1,,,,',
    'e-3,elevator,gw-none,,nobody,4,',
    'e-4,elevator,gw-gone,,,,',
    'e-5,elevator,gw-1,,,many,16',
    'good,elevator,gw-1,,,,',
    'e-7,,gw-1,,,,',
    'e-8,elevator,gw-1',
    ',elevator,gw-1,,,,',
  ].join('\n')
  const faults = await faultsOf(file)
  expect(faults.map((fault: string) => fault.split(':')[0])).toEqual([
    ...['line 3.id', 'line 3.siteId', 'line 4.kind', 'line 5.gatewayId', 'line 5.maintainerId', 'line 6.gatewayId'],
    ...['line 7.facts.stops', 'line 7.facts.breakerAmps', 'line 8.id', 'line 9.kind', 'line 10', 'line 11.id'],
  ])
  expect(faults).toContain('line 8.id: line 2 has it already')
  expect(faults).toContain('line 9.kind: must not be empty')
  expect(faults).toContain('line 10: has 3 cells, the header 7')

  const few = 'id,kind,gatewayId,facts.stops\nf,elevator,gw-1,1'
  expect(await faultsOf(few)).toEqual(['line 2.facts.stops: must be at least 2'])

  const seen = await preview(file)
  expect(seen.counts).toEqual({ create: 1, change: 0, unchanged: 0, error: 9 })
  expect(await everything()).toBe(before)
})

test('a tree that cannot stand is refused: a ring, a parent that is missing or too low', async () => {
  await apply(tree)
  const head = 'id,type,name,parentId\n'
  expect(await faultsOf(`${head}e,estate,E,b\nb,building,B,e\n`)).toEqual([
    'line 2.parentId: the estate cannot be in the building b',
  ])
  expect(await faultsOf(`${head}garden,estate,G,garden\n`)).toEqual([
    'line 2.parentId: the estate cannot be in the estate garden',
  ])
  expect(await faultsOf(`${head}x,estate,X,nowhere\ny,building,Y,x\n`)).toEqual([
    'line 2.parentId: there is no site nowhere',
  ])
  // the building becomes a unit while a room is in it: unless the room leaves in the same file
  expect(await faultsOf('id,type,use\nhouse-3,unit,\n')).toEqual([
    'line 2.type: the unit room-301 is in it and cannot be in the unit',
  ])
  expect(await faultsOf('id,type,use,parentId\nhouse-3,unit,,garden\nroom-301,unit,,garden\n')).toEqual(['taken'])
  expect(await faultsOf('id,name\nnew,New\n', 'sites')).toEqual(['line 2.type: a new site needs a type'])
  expect(await faultsOf(`${head}export,estate,E,\n`)).toEqual(['line 2.id: cannot be the name of a site'])
})

test('a device stays of its kind', async () => {
  await apply(fleet)
  expect(await faultsOf('id,kind\nlift-1,electricity-meter\n')).toEqual([
    'line 2.kind: lift-1 is of kind elevator, and stays so',
  ])
})

test('contacts are added and changed by role and name; those that the file does not name stay', async () => {
  await apply(tree)
  await apply(fleet)
  const file = [
    'siteId,deviceId,role,name,phone,addresses',
    'house-3,,property,Guard,0571-8888,sms:13800000000 robot',
    'house-3,,tenant,Li,,',
    ",lift-1,car-phone,Car,'+86 96333,",
  ].join('\r\n')
  expect(await apply(file)).toMatchObject({ kind: 'contacts', counts: { create: 3 } })
  const addresses = [
    { channelId: 'sms', address: '13800000000' },
    { channelId: 'robot', address: null },
  ]
  expect(await database.operations.contactsOf('lift-1')).toEqual([
    { role: 'car-phone', name: 'Car', phone: '+86 96333', addresses: [], of: 'device', ofId: 'lift-1' },
    { role: 'property', name: 'Guard', phone: '0571-8888', addresses, of: 'building', ofId: 'house-3' },
    { role: 'tenant', name: 'Li', phone: null, addresses: [], of: 'building', ofId: 'house-3' },
  ])

  const again = await apply('siteId,role,name,phone\nhouse-3,property,Guard,110\nhouse-3,tenant,Li,\n')
  expect(again.lines).toMatchObject([
    { action: 'change', changes: [{ field: 'phone', from: '0571-8888', to: '110' }] },
    { action: 'unchanged' },
  ])
  expect((await database.operations.site('house-3'))?.contacts[0]).toMatchObject({ phone: '110', addresses })
  expect(
    await faultsOf(
      'siteId,deviceId,role,name,phone,addresses\nnone,,owner,A,1,fax:1\nhouse-3,lift-1,owner,B,,\n,,owner,C,,\nhouse-3,,boss,D,call me,sms:1\n',
    ),
  ).toEqual([
    'line 2.phone: must be a phone number: 2 to 32 digits, spaces and + - * # ( )',
    'line 2.siteId: there is no site none',
    'line 2.addresses: there is no channel fax',
    'line 3.siteId: a line is about a site or about a device: exactly one of siteId and deviceId',
    'line 4.siteId: a line is about a site or about a device: exactly one of siteId and deviceId',
    expect.stringMatching(/^line 5.role: /),
    'line 5.phone: must be a phone number: 2 to 32 digits, spaces and + - * # ( )',
  ])
  expect(await faultsOf('siteId,role,name\nnone,owner,A\nhouse-3,owner,B\nhouse-3,owner,B\n')).toEqual([
    'line 2.siteId: there is no site none',
    'line 4.name: line 3 has this contact already',
  ])
  const many = Array.from({ length: 19 }, (_, n) => `house-3,owner,P${n}`)
  expect(await faultsOf(['siteId,role,name', ...many].join('\n'))).toEqual(['line 20: a site has 20 contacts at most'])
})

test('A26: what is exported comes back as it was, hostile names and all, and formulas are defused', async () => {
  const names = [...hostileNames, "'", "'=x", "''+1", '-5', '@cmd', '＝1+1', '＠cmd']
  for (const [index, name] of names.entries()) {
    const contacts = [
      {
        role: 'owner' as const,
        name: `o ${name}`.trim(),
        phone: '+86 1',
        addresses: [{ channelId: 'c', address: '=a:b' }],
      },
    ]
    await registry.addSite(
      { id: `s-${index}`, type: 'building', name, latitude: -5.25, longitude: 1e-7, contacts },
      'o',
    )
    const device = { id: `d-${index}`, kind: 'elevator', gatewayId: 'gw-1', name, contacts, maintainerId: 'otis' }
    await registry.addDevice({ ...device, facts: { stops: 9, ratedSpeedMps: 1.75, installedOn: '2020-02-29' } }, 'o')
  }
  const before = await everything()
  const files = {
    sites: await exported('sites'),
    devices: await exported('devices'),
    contacts: await exported('contacts'),
  }
  for (const [kind, file] of Object.entries(files)) {
    expect(file.startsWith('\ufeff')).toBe(true)
    expect(file.replaceAll(',-5.25,', ',5.25,'), 'but numbers').not.toMatch(/(^|,|")[=+@＝＋－＠-]/m)
    const seen = await preview(file)
    expect([kind, seen.kind, seen.counts]).toEqual([
      kind,
      kind,
      { create: 0, change: 0, unchanged: names.length * (kind === 'contacts' ? 2 : 1), error: 0 },
    ])
  }
  expect(await everything()).toBe(before)

  await sql.query('truncate sites, devices, device_parties cascade')
  for (const kind of ['sites', 'devices', 'contacts'] as const) await apply(files[kind])
  expect({
    sites: await exported('sites'),
    devices: await exported('devices'),
    contacts: await exported('contacts'),
  }).toEqual(files)
})

test.each([
  ['nothing', '', /is empty/],
  ['an unclosed quote', 'id,type,name\na,estate,"x\nb,estate,y\n', /Not a proper CSV file: .*line/],
  ['a column that nobody knows', 'id,type,name,createdAt\na,estate,x,1\n', /kind of the file/],
  ['a column twice', 'id,type,type\na,estate,estate\n', /stands twice/],
  ['a column without a name', 'id,type,\na,estate,\n', /Column 3 has no name/],
  ['too many columns', `id${',x'.repeat(5_000)}\n`, /100 columns/],
  ['columns of several kinds', 'id,name\na,x\n', /fit several kinds/],
  ['too many lines', `id,type,name\n${'a,estate,x\n'.repeat(20_001)}`, /20000 lines/],
  ['an endless line', `id,type,name\na,estate,"${'x'.repeat(100_000)}"\n`, /Not a proper CSV file/],
])('a file with %s is refused as a whole', async (_, file, message) => {
  await expect(preview(file)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(message) })
})

test('a file for one kind does not pass as another, and no column reaches what it must not', async () => {
  await expect(preview(tree, 'devices')).rejects.toThrow(/devices have no column "type"/)
  await expect(preview('id,contacts\nx,y\n', 'sites')).rejects.toThrow(/sites have no column "contacts"/)
  await expect(preview('id,__proto__\nx,y\n', 'devices')).rejects.toThrow(/no column "__proto__"/)
  await expect(preview('type,name\nestate,y\n', 'sites')).rejects.toThrow(/needs a column "id"/)
})

test('a file that is not UTF-8 is refused with what to do', async () => {
  const gbk = new Uint8Array([...bytes('id,type,name\na,estate,'), 0xb4, 0xe4, 0xd4, 0xb7])
  await expect(registry.previewImport(null, gbk)).rejects.toThrow(/not UTF-8.*charset/)
})

test('5,000 devices of one district come in one go, and once', async () => {
  await apply(tree)
  const rows = Array.from(
    { length: 5_000 },
    (_, n) => `lift-${n},elevator,gw-1,Lift ${n},house-3,line-${n % 40},otis,picc,18`,
  )
  const file = ['id,kind,gatewayId,name,siteId,feederId,maintainerId,insurerId,facts.stops', ...rows].join('\r\n')
  expect((await apply(file)).counts).toEqual({ create: 5_000, change: 0, unchanged: 0, error: 0 })
  expect((await apply(file)).counts).toEqual({ create: 0, change: 0, unchanged: 5_000, error: 0 })

  expect(await database.operations.devicesIn({ type: 'district', id: 'xihu' })).toHaveLength(5_000)
  const count = async (table: string) => (await sql.query(`select count(*)::int as n from ${table}`)).rows[0].n
  expect(await count('device_parties')).toBe(10_000)
  expect(await count(`history where subject_type = 'device'`)).toBe(5_000)
})

test('two imports of the same devices at one moment end as one of them', async () => {
  const file = (name: string) =>
    ['id,kind,gatewayId,name', ...Array.from({ length: 200 }, (_, n) => `twin-${n},elevator,gw-1,${name}`)].join('\n')
  await apply(file('zero'))
  await Promise.all([apply(file('one')), apply(file('two'))])
  const names = await sql.query('select distinct name from devices')
  expect(names.rows).toHaveLength(1)
})
