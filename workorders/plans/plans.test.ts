import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { silentLog } from '../../core/log.ts'
import type { FrozenPlan, PlanMatch, PlanStep, ResponsePlan } from '../../core/plan.ts'
import { nowhere, type Place } from '../../core/scope.ts'
import type { Site } from '../../core/site.ts'
import { kinds } from '../../devices/index.ts'
import type { OperationsStore } from '../../stores/operations/port.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import {
  choosePlan,
  createPlans,
  faultsOf,
  freeze,
  nameRefusedPlans,
  type PlanContent,
  type PlanSubject,
  plansInForce,
  shippedPlans,
  watchingPassenger,
} from './plans.ts'

const kindIds = kinds.map(({ id }) => id)
const place: Place = {
  gatewayId: 'gw-1',
  feederId: null,
  siteId: 'unit-1',
  path: { district: 'gongshu', estate: 'estate-1', building: 'building-1', unit: 'unit-1' },
}
const entrapment: PlanSubject = {
  kind: 'elevator',
  finding: 'elevator/entrapment',
  severity: 'critical',
  type: 'emergency',
  place,
}

describe('which plan an order gets', () => {
  test.each([
    ['a trapped passenger', entrapment, 'elevator-emergency'],
    ['a hot terminal', { ...entrapment, kind: 'electricity-meter', severity: 'urgent' }, 'electrical-emergency'],
    ['a kind that no plan names', { ...entrapment, kind: 'smoke-detector' }, 'emergency'],
    ['a building without power', { ...entrapment, kind: null }, 'emergency'],
    ['a worn door', { ...entrapment, severity: 'warning', type: 'planned' }, 'planned'],
    ['an inspection, whatever it is about', { ...entrapment, type: 'inspection' }, 'planned'],
    ['a call by hand that is urgent', { ...entrapment, type: 'manual', severity: 'urgent' }, 'elevator-emergency'],
    ['a call by hand that is not', { ...entrapment, type: 'manual', severity: 'info' }, 'planned'],
    ['a device whose place nobody knows', { ...entrapment, place: nowhere }, 'elevator-emergency'],
  ] as const)('with nothing configured: %s', (_, subject, id) => {
    expect(choosePlan(shippedPlans, subject).id).toBe(id)
  })

  test('who is shut in has the plan of critical danger, however mildly it was told, and is told that help comes', () => {
    const bell = planOf('bell', { kinds: ['elevator'], severities: ['urgent'], siteIds: ['unit-1'] })
    const told = { ...entrapment, finding: 'manual/entrapment', severity: 'urgent' } as const
    expect(choosePlan([bell, ...shippedPlans], told).id).toBe('elevator-emergency')
    const goals = (plan: ResponsePlan) => watchingPassenger(freeze(plan)).steps.map(({ goal }) => goal)
    for (const plan of [bell, choosePlan(shippedPlans, told)]) {
      expect(goals(plan).filter((goal) => goal === 'passenger-told')).toHaveLength(1)
    }
  })

  test.each<[string, PlanMatch, PlanMatch]>([
    [
      'the finding before the site',
      { findings: ['elevator/entrapment'] },
      { siteIds: ['building-1'], kinds: ['elevator'] },
    ],
    ['the site before the kind', { siteIds: ['gongshu'] }, { kinds: ['elevator'] }],
    ['the smaller site', { siteIds: ['building-1'] }, { siteIds: ['gongshu', 'estate-1'] }],
    ["the device's own site before all", { siteIds: ['unit-1'] }, { siteIds: ['building-1'] }],
    ['the kind before the severity', { kinds: ['elevator'] }, { severities: ['critical'] }],
    ['the fewer severities', { kinds: ['elevator'], severities: ['critical'] }, { kinds: ['elevator'] }],
  ])('the more exact plan wins: %s', (_, exact, general) => {
    const severe = { severities: ['urgent', 'critical'] } as const
    const one = planOf('one', { ...severe, ...exact })
    const other = planOf('other', { ...severe, ...general })
    expect(choosePlan([one, other, ...shippedPlans], entrapment).id).toBe('one')
    expect(choosePlan([...shippedPlans, other, one], entrapment).id).toBe('one')
  })

  test("of two as exact, an operator's goes before a shipped one, and then the id decides, always alike", () => {
    const match = { kinds: ['elevator'], severities: ['urgent', 'critical'] } as const
    expect(choosePlan([...shippedPlans, planOf('z', match)], entrapment).id).toBe('z')
    expect(choosePlan([planOf('z', match), planOf('y', match), ...shippedPlans], entrapment).id).toBe('y')
  })

  test('a plan that is off, or for another place, finding, kind or severity, is for nobody', () => {
    const off = { ...planOf('off', { findings: ['elevator/entrapment'] }), enabled: false }
    const others: PlanMatch[] = [
      { siteIds: ['estate-2'] },
      { findings: ['elevator/overspeed'] },
      { kinds: ['electricity-meter'] },
      { severities: ['urgent'] },
    ]
    const plans = [off, ...others.map((match, index) => planOf(`other-${index}`, match)), ...shippedPlans]
    expect(choosePlan(plans, entrapment).id).toBe('elevator-emergency')
  })

  test('when every plan was switched off, the shipped ones hold: no order is without one', () => {
    const none = shippedPlans.map((plan) => ({ ...plan, enabled: false }))
    expect(choosePlan(none, entrapment)).toMatchObject({ id: 'emergency', enabled: true })
    expect(choosePlan([], { ...entrapment, severity: 'warning', type: 'planned' })).toMatchObject({ id: 'planned' })
  })
})

describe('the plans that ship', () => {
  test.each(shippedPlans)('$id keeps the rules that operators must keep', ({ id: _, version, ...content }) => {
    expect(faultsOf(content, kindIds)).toEqual([])
    expect(version).toBe(0)
  })

  test.each([
    [
      'elevator-emergency',
      { 'acknowledged 1': 'duty-room', 'accepted 5': 'next-crew', 'passenger-told 2': 'duty-room' },
    ],
    ['electrical-emergency', { 'acknowledged 1': 'duty-room', 'accepted 5': 'next-crew', 'arrived 30': 'district' }],
    ['patrol-1-3-5', { 'accepted 1': 'crew', 'arrived 3': 'supervisor', 'arrived 5': 'next-crew' }],
    ['patrol-1-3-5', { 'arrived 10': 'duty-room', 'arrived 20': 'district', 'arrived 30': 'district' }],
  ])('%s has the minutes that were agreed', (id, expected) => {
    const plan = shippedPlans.find((candidate) => candidate.id === id)
    for (const [key, party] of Object.entries(expected)) {
      expect(plan?.steps.find(({ goal, minutes }) => `${goal} ${minutes}` === key)?.tell).toContain(party)
    }
    expect(plan?.enabled).toBe(id !== 'patrol-1-3-5')
  })

  test('the insurer learns of an elevator as its crew does; where nobody insures it, nothing waits for them', () => {
    const plan = choosePlan(shippedPlans, entrapment)
    expect(freeze(plan).tell).toEqual(expect.arrayContaining(['crew', 'insurer-inspector', 'insurer-parts']))
    expect(freeze(plan).steps).toContainEqual(expect.objectContaining({ goal: 'inspected', minutes: 24 * 60 }))

    const uninsured = freeze(plan, ['insurer-inspector', 'insurer-parts'])
    expect(uninsured.tell).toEqual(['duty-room', 'crew', 'maintainer'])
    expect(uninsured.steps.map(({ goal }) => goal)).not.toContain('inspected')
    expect(uninsured.steps).toHaveLength(plan.steps.length - 1)
  })

  test('a frozen plan says no more than an order needs', () => {
    const frozen: FrozenPlan = freeze(choosePlan(shippedPlans, entrapment))
    expect(Object.keys(frozen).sort()).toEqual(['askFirst', 'id', 'name', 'steps', 'tell', 'version'])
  })
})

describe('what a plan may not be', () => {
  const sound: PlanContent = {
    name: { en: 'Test', 'zh-CN': '测试' },
    enabled: true,
    match: { severities: ['urgent'] },
    tell: ['duty-room', 'crew'],
    askFirst: { party: 'tenant', minutes: 3 },
    steps: [stepOf('accepts', 'accepted', 5), stepOf('there', 'arrived', 30)],
  }

  test('one that is sound has no faults', () => {
    expect(faultsOf(sound, kindIds)).toEqual([])
  })

  test.each<[string, Partial<PlanContent>, string, RegExp]>([
    [
      'for emergencies and planned work at once',
      { match: { severities: ['urgent', 'warning'] } },
      'match.severities',
      /not of both/,
    ],
    ['for nothing in particular', { match: {} }, 'match.severities', /not of both/],
    ['for a kind that nobody has', { match: { ...sound.match, kinds: ['lift'] } }, 'match.kinds', /no kind "lift"/],
    ['told to nobody who can act', { tell: ['insurer-parts'] }, 'tell', /who can act/],
    ['asking first about what is critical', { match: { severities: ['critical'] } }, 'askFirst', /a crew goes at once/],
    [
      'asking until the crew is late',
      { askFirst: { party: 'tenant', minutes: 5 } },
      'askFirst.minutes',
      /at 5 minutes/,
    ],
    ['with nobody on site', { steps: [stepOf('accepts', 'accepted', 5)] }, 'steps', /at 30 minutes or before/],
    ['with somebody on site too late', { steps: [stepOf('there', 'arrived', 31)] }, 'steps', /at 30 minutes or before/],
    [
      'with minutes that fall',
      { steps: [stepOf('there', 'arrived', 30), stepOf('a', 'arrived', 20)] },
      'steps.1.minutes',
      /before the step before/,
    ],
    [
      'with two steps of one name',
      { steps: [stepOf('a', 'accepted', 5), stepOf('a', 'arrived', 30)] },
      'steps.1.id',
      /another step "a"/,
    ],
    [
      'with the same step twice',
      { steps: [stepOf('a', 'arrived', 30), stepOf('b', 'arrived', 30)] },
      'steps.1.minutes',
      /another step for arrived/,
    ],
    [
      'that expects arrival before acceptance',
      { steps: [stepOf('a', 'arrived', 4), stepOf('b', 'accepted', 5)], askFirst: null },
      'steps',
      /arrived \(4\) before it is accepted/,
    ],
    [
      'with a step that tells nobody',
      { steps: [{ ...stepOf('a', 'arrived', 30), tell: [] }] },
      'steps.0.tell',
      /tell nobody/,
    ],
    [
      'that takes the order from a crew on its way',
      { steps: [{ ...stepOf('a', 'arrived', 30), reassign: true }] },
      'steps.0.reassign',
      /keeps the order/,
    ],
    [
      'for a finding that there is not',
      { match: { findings: ['elevator/entrapmnet', 'camera/smoke'], severities: ['urgent'] } },
      'match.findings',
      /no finding "elevator\/entrapmnet"/,
    ],
    [
      'that asks first about whoever is shut in, and so would be followed by no order',
      { match: { findings: ['camera/smoke', 'camera/entrapment'], severities: ['urgent'] } },
      'match.severities',
      /without "critical" no order about "camera\/entrapment"/,
    ],
  ])('%s', (_, change, path, message) => {
    expect(faultsOf({ ...sound, ...change }, kindIds)).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  test('planned work may take its days, and needs nobody within 30 minutes', () => {
    const planned = { ...sound, match: { severities: ['warning'] as const }, askFirst: null }
    expect(faultsOf({ ...planned, steps: [stepOf('there', 'arrived', 20_000)] }, kindIds)).toEqual([])
  })
})

describe('plans in the database', () => {
  const now = Date.UTC(2026, 10, 24, 8)
  let database: TestDatabase
  let operations: OperationsStore
  beforeAll(async () => {
    database = await startTestDatabase()
    operations = database.operations
  })
  afterAll(() => database.remove())
  const commands = () => createPlans({ operations, kinds: kindIds, clock: () => now })
  const content = (minutes: number): PlanContent => {
    const { id: _, version: __, ...rest } = planOf('x', { kinds: ['elevator'], severities: ['critical'] })
    return { ...rest, steps: [stepOf('there', 'arrived', minutes)] }
  }

  test('a plan lives: made, changed, removed, made again under a new version; history and audit know all of it', async () => {
    const plans = commands()
    expect(await plans.put('night', content(20), undefined, 'li')).toMatchObject({ id: 'night', version: 1 })
    expect(await plans.put('night', content(20), 1, 'li')).toMatchObject({ version: 1 })
    expect(await plans.put('night', content(25), 1, 'wang')).toMatchObject({ version: 2 })
    expect(await plans.get('night')).toMatchObject({ version: 2, steps: [{ minutes: 25 }] })
    await plans.remove('night', 'wang')
    await expect(plans.get('night')).rejects.toMatchObject({ code: 'not-found' })
    expect(await plans.put('night', content(10), 0, 'li')).toMatchObject({ version: 3 })

    const { items } = await operations.history('plan', 'night', { limit: 10 })
    const versions = items.map(({ actor, before, after }) => [actor, versionOf(before), versionOf(after)])
    expect(versions).toEqual([
      ['li', null, 3],
      ['wang', 2, null],
      ['wang', 1, 2],
      ['li', null, 1],
    ])
  })

  test('a plan that was saved before it would be refused is named, where it is read and in the log', async () => {
    const plans = commands()
    const match = { findings: ['elevator/entrapment'], severities: ['urgent'] } as const
    const old = { ...content(20), id: 'bell', version: 1, match }
    await operations.savePlan(old, null)
    const fault = { path: 'match.severities', message: expect.stringContaining('elevator/entrapment') }
    const read = await plans.get('bell')
    expect(read).toEqual({ ...old, refusedNow: [fault] })
    expect((await plans.list({ limit: 100 })).items.filter((plan) => plan.refusedNow)).toEqual([read])
    const lines: object[] = []
    await nameRefusedPlans(operations, kindIds, { ...silentLog, warn: (fields) => void lines.push(fields) })
    expect(lines).toEqual([{ plan: 'bell', ...fault }])
    await plans.put('bell', { ...content(20), match: { ...match, severities: ['urgent', 'critical'] } }, 1, 'li')
    expect(await plans.get('bell')).not.toHaveProperty('refusedNow')
    await plans.remove('bell', 'li')
  })

  test("an operator's plan takes the place of the shipped one of its id, until it is removed", async () => {
    const plans = commands()
    await operations.saveSites([street('street-1')])
    const { id: _, version: __, ...shipped } = await plans.get('patrol-1-3-5')
    await expect(plans.remove('patrol-1-3-5', 'li')).rejects.toMatchObject({
      code: 'not-found',
      message: /as it shipped/,
    })
    await plans.put(
      'patrol-1-3-5',
      { ...shipped, enabled: true, match: { ...shipped.match, siteIds: ['street-1'] } },
      0,
      'li',
    )

    const inForce = await plansInForce(operations)
    expect(inForce.filter(({ id }) => id === 'patrol-1-3-5')).toMatchObject([{ enabled: true, version: 1 }])
    expect(inForce.map(({ id }) => id)).toEqual(inForce.map(({ id }) => id).toSorted())
    await plans.remove('patrol-1-3-5', 'li')
    expect(await plans.get('patrol-1-3-5')).toMatchObject({ enabled: false, version: 0 })
  })

  test('a plan for a site that nobody knows is refused, and names it', async () => {
    await operations.saveSites([street('street-2')])
    const wrong = { ...content(20), match: { severities: ['urgent'], siteIds: ['street-2', 'steret-2'] } as const }
    const faults = [{ path: 'match.siteIds', message: 'there is no site "steret-2"' }]
    await expect(commands().put('wrong', wrong, undefined, 'li')).rejects.toMatchObject({ code: 'invalid', faults })
  })

  test('two plans that are on and for the very same orders are refused by field; one of them off, or more exact, is not', async () => {
    const plans = commands()
    const match = { severities: ['critical', 'urgent'], kinds: ['elevator'], findings: ['camera/noise'] } as const
    const put = (id: string, given: Partial<PlanContent>) =>
      plans.put(id, { ...content(20), match, ...given }, undefined, 'li')
    await put('first', {})
    const same = { match: { ...match, severities: ['urgent', 'critical'] } } as const
    await expect(put('second', same)).rejects.toMatchObject({
      faults: [{ path: 'match', message: expect.stringContaining('"first"') }],
    })
    await put('second', { ...same, enabled: false })
    await expect(put('second', { ...same, enabled: true })).rejects.toMatchObject({ code: 'invalid' })
    await put('second', { match: { ...match, severities: ['urgent'] } })
    await put('first', {})
  })

  test('of two who change the same version one wins, and a wrong plan changes nothing', async () => {
    const plans = commands()
    const match = { severities: ['urgent'], findings: ['camera/smoke'] } as const
    const smoke = (minutes: number) => ({ ...content(minutes), match })
    await plans.put('shared', smoke(20), undefined, 'li')
    const both = await Promise.allSettled([
      plans.put('shared', smoke(21), 1, 'li'),
      plans.put('shared', smoke(22), 1, 'wang'),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already-done' } })
    await expect(plans.put('shared', smoke(23), 7, 'li')).rejects.toMatchObject({ code: 'already-done' })
    await expect(plans.put('shared', smoke(45), undefined, 'li')).rejects.toMatchObject({
      code: 'invalid',
      faults: [{ path: 'steps' }],
    })
    expect(await plans.get('shared')).toMatchObject({ version: 2 })
  })
})

function versionOf(plan: unknown): number | null {
  return (plan as ResponsePlan | null)?.version ?? null
}

function planOf(id: string, match: PlanMatch): ResponsePlan {
  const steps = [stepOf('there', 'arrived', 30)]
  return { id, version: 1, name: { en: id, 'zh-CN': id }, enabled: true, match, tell: ['crew'], askFirst: null, steps }
}

function stepOf(id: string, goal: PlanStep['goal'], minutes: number): PlanStep {
  return { id, goal, minutes, tell: ['supervisor'], reassign: false }
}

function street(id: string): Site {
  return {
    ...{ id, type: 'street', name: id, parentId: null, use: null, address: null, entrance: null },
    ...{ emergencyPlan: null, contacts: [], latitude: null, longitude: null, createdAt: 0 },
  }
}
