import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import { kinds } from '../devices/index.ts'
import { createRegistry } from '../registry/registry.ts'
import { createSites } from '../registry/sites.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { explanationOf } from './explanation.ts'
import { createRules, type NewRuleChange, nameOutOfRange, outOfRange, type Rules, ruleBehind } from './rules.ts'

const start = Date.UTC(2026, 10, 24, 8)
const finding = 'electricity-meter/terminal-over-temperature'
const kindScope = { type: 'kind', id: 'electricity-meter' } as const
let database: TestDatabase
let rules: Rules

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  const clock = () => start
  rules = createRules({ operations, kinds, clock })
  const sites = createSites({ operations, clock })
  await sites.addSite({ id: 'garden', type: 'estate', name: 'Garden' }, 'operator')
  await sites.addSite({ id: 'house-3', type: 'building', name: 'House 3', parentId: 'garden' }, 'operator')
  const registry = createRegistry({ operations, kinds, clock, onChange: () => undefined })
  await registry.addGateway({ id: 'gw-1' }, 'operator')
  for (const [id, kind, siteId] of [
    ['m-1', 'electricity-meter', 'house-3'],
    ['m-2', 'electricity-meter', undefined],
    ['e-1', 'elevator', 'house-3'],
  ] as const) {
    await registry.addDevice({ id, kind, gatewayId: 'gw-1', ...(siteId !== undefined && { siteId }) }, 'operator')
  }
})
afterAll(() => database.remove())

const change = (given: Partial<NewRuleChange>) =>
  rules.change(finding, { scope: kindScope, reason: 'a test', ...given }, 'ann')
const refused = (given: Partial<NewRuleChange>) =>
  change(given).then(
    () => 'taken',
    ({ code, message }) => `${code}: ${message}`,
  )

test('a change holds for its scope and what is in it, in versions that rise, and is written down', async () => {
  const before = await rules.forDevice(finding, 'm-1')
  const ofKind = await change({ settings: { warningCelsius: 55 }, reason: 'old cables' })
  const ofEstate = await change({ scope: { type: 'site', id: 'garden' }, settings: { urgentCelsius: 65 } })
  const ofDevice = await change({ scope: { type: 'device', id: 'm-1' }, enabled: false })

  expect(before).toMatchObject({ version: 0, enabled: true, settings: { warningCelsius: 60 } })
  expect(ofKind.version).toBeGreaterThan(0)
  expect(ofEstate.version).toBeGreaterThan(ofKind.version)
  expect(await rules.forDevice(finding, 'm-1')).toMatchObject({
    version: ofDevice.version,
    enabled: false,
    settings: { warningCelsius: 55, urgentCelsius: 65, criticalCelsius: 85 },
  })
  expect(await rules.forDevice(finding, 'm-2')).toMatchObject({ enabled: true, settings: { urgentCelsius: 70 } })
  const { items } = await rules.history(finding, { limit: 10 })
  expect(items.map(({ version }) => version)).toEqual([ofDevice.version, ofEstate.version, ofKind.version])
  expect(items.at(-1)).toMatchObject({ actor: 'ann', reason: 'old cables', at: start })

  const notes = await database.operations.journalNotes(10)
  expect(notes.map(({ note }) => note)).toEqual(
    [ofKind, ofEstate, ofDevice].map(({ version }) => ({ type: 'rules', version })),
  )
})

test('what is set again replaces all that was set there, and nothing set there is inherited again', async () => {
  await change({ settings: { hysteresisKelvin: 4 } })
  expect(await rules.forDevice(finding, 'm-2')).toMatchObject({ settings: { hysteresisKelvin: 4, warningCelsius: 60 } })

  await change({ settings: {} })
  expect(await rules.forDevice(finding, 'm-2')).toMatchObject({ version: 0, settings: { hysteresisKelvin: 5 } })
})

test.each<[string, Partial<NewRuleChange>, string]>([
  ['a negative duration', { settings: { clearMinutes: -1 } }, 'settings.clearMinutes: must be 1 to 50'],
  [
    'a setting that there is not',
    { settings: { volts: 1 } },
    'settings.volts: electricity-meter/terminal-over-temperature has no such',
  ],
  [
    'a warning above the urgent limit',
    { settings: { warningCelsius: 75 } },
    'settings.warningCelsius: warningCelsius (75) must not be above',
  ],
  ['the other kind', { scope: { type: 'kind', id: 'elevator' } }, 'scope.id: must be electricity-meter'],
  ['a device of the other kind', { scope: { type: 'device', id: 'e-1' } }, 'scope.id: e-1 is of kind elevator'],
  ['a site that there is not', { scope: { type: 'site', id: 'nowhere' } }, 'scope.id: there is no site nowhere'],
])('%s is refused with the field named, and the old version stays in force', async (_, given, message) => {
  const before = await rules.forDevice(finding, 'm-2')

  expect(await refused(given)).toContain(`invalid: ${message}`)
  expect(await rules.forDevice(finding, 'm-2')).toEqual(before)
})

test('a wider change that does not fit a narrower one is refused, and says which', async () => {
  await change({ scope: { type: 'device', id: 'm-2' }, settings: { urgentCelsius: 62 } })

  expect(await refused({ settings: { warningCelsius: 65 } })).toContain('set for the device m-2')
})

test('two at once get two versions, and the later one holds', async () => {
  const at = { type: 'site', id: 'house-3' } as const
  const [one, two] = await Promise.all([
    change({ scope: at, settings: { riseMinutes: 4 } }),
    change({ scope: at, settings: { riseMinutes: 6 } }),
  ])
  const later = one.version > two.version ? one : two
  expect((await rules.forDevice(finding, 'm-1')).settings.riseMinutes).toBe(later.settings.riseMinutes)
})

test('there is no rule by that name, nor a device', async () => {
  await expect(rules.get('elevator/boredom')).rejects.toMatchObject({ code: 'not-found' })
  await expect(rules.forDevice(finding, 'm-9')).rejects.toMatchObject({ code: 'not-found' })
})

test('every rule is listed as it ships', async () => {
  const listed = await rules.list()
  expect(listed.map(({ detector }) => detector.id)).toEqual(
    kinds.flatMap(({ detectors }) => detectors.map(({ id }) => id)),
  )
})

test('what an incident was found with is known later, whatever was changed since', async () => {
  const scope = { type: 'device', id: 'm-1' } as const
  const then = await change({ scope, settings: { hysteresisKelvin: 3 } })
  await change({ scope, settings: { hysteresisKelvin: 2 } })

  const incident = { finding, deviceId: 'm-1', ruleVersion: then.version }
  expect(await ruleBehind(database.operations, kinds, incident)).toMatchObject({
    ...{ id: finding, ruleVersion: then.version },
    settings: { hysteresisKelvin: 3 },
  })
  expect(await ruleBehind(database.operations, kinds, { ...incident, deviceId: null })).toBeNull()
})

test('an explanation says what was measured, against what, by whose settings, and where the limit comes from', async () => {
  const scope = { type: 'device', id: 'm-1' } as const
  const then = await change({ scope, settings: { warningCelsius: 52 }, reason: 'a hot cupboard' })
  await change({ scope, settings: {} })
  const evidence = { terminalCelsius: 53, usualCelsius: 41, limitCelsius: 52, riseMinutes: 5 }
  const incident = { finding, deviceId: 'm-1', ruleVersion: then.version, evidence }

  expect(await explanationOf(database.operations, kinds, incident)).toMatchObject({
    measured: { terminalCelsius: 53 },
    baseline: { usualCelsius: 41 },
    limits: { limitCelsius: 52, riseMinutes: 5 },
    rule: {
      version: then.version,
      settings: { warningCelsius: 52 },
      change: { actor: 'ann', reason: 'a hot cupboard' },
      source: expect.stringContaining('GB'),
      reads: ['terminalCelsius'],
    },
  })
  expect(await explanationOf(database.operations, kinds, { ...incident, deviceId: null })).toMatchObject({
    ...{ rule: null, limits: { limitCelsius: 52 } },
  })
})

test('what was set before its range was known stays in force, is named, and is in nobody’s way', async () => {
  const scope = { type: 'device', id: 'm-2' } as const
  const old = {
    finding,
    scope,
    enabled: null,
    settings: { hysteresisKelvin: 1_000 },
    at: 1,
    actor: 'ann',
    reason: 'old',
  }
  const { version } = await database.operations.transaction((unit) => unit.insertRuleChange(old))
  const lines: object[] = []
  await nameOutOfRange(rules, { ...silentLog, warn: (fields) => void lines.push(fields) })

  const fault = { version, setting: 'hysteresisKelvin', message: 'must be 0 to 15' }
  expect(outOfRange(await rules.get(finding))).toEqual([fault])
  expect(lines).toEqual([{ finding, ...fault }])
  expect(await refused({ settings: { clearMinutes: 8 } })).toBe('taken')
  expect(await rules.forDevice(finding, 'm-2')).toMatchObject({
    settings: { hysteresisKelvin: 1_000, clearMinutes: 8 },
  })
})
