import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { findingTitles } from '../../core/finding-titles.ts'
import { isEntrapment } from '../../core/incident.ts'
import type { Log } from '../../core/log.ts'
import {
  arriveWithinMinutes,
  type FrozenPlan,
  type Party,
  type PlanGoal,
  type PlanMatch,
  type PlanStep,
  type ResponsePlan,
} from '../../core/plan.ts'
import type { Place } from '../../core/scope.ts'
import { type OrderType, orderTypeOf, type Severity } from '../../core/severity.ts'
import { siteTypes } from '../../core/site.ts'
import type { Operations, Page, PageRequest } from '../../stores/operations/port.ts'

const emergencies: readonly Severity[] = ['urgent', 'critical']
const day = 24 * 60

function step(id: string, goal: PlanGoal, minutes: number, ...tell: readonly Party[]): PlanStep {
  return { id, goal, minutes, tell, reassign: false }
}

/** The duty room in 1 minute, a crew in 5, on site in 30; who does not answer is followed by the next one up. */
const emergencySteps: readonly PlanStep[] = [
  step('duty-room-acknowledges', 'acknowledged', 1, 'duty-room', 'supervisor'),
  { ...step('crew-accepts', 'accepted', 5, 'next-crew', 'duty-room'), reassign: true },
  { ...step('next-crew-accepts', 'accepted', 10, 'next-crew', 'supervisor'), reassign: true },
  step('supervisor-finds-a-crew', 'accepted', 15, 'supervisor', 'district'),
  step('crew-is-nearly-there', 'arrived', 25, 'crew', 'duty-room'),
  step('crew-is-there', 'arrived', arriveWithinMinutes, 'supervisor', 'district'),
]

const passengerIsTold = step('passenger-is-told', 'passenger-told', 2, 'duty-room', 'supervisor')

/**
 * What holds while nobody has said otherwise. An operator's plan of the same id takes the place of one of these. All minutes
 * but the 30 are unverified defaults (1 and 5 are the districts' own, as is 1-3-5, which is of their street patrol).
 */
export const shippedPlans: readonly ResponsePlan[] = [
  shipped({
    id: 'elevator-emergency',
    name: { en: 'Elevator emergency', 'zh-CN': '电梯应急处置' },
    match: { kinds: ['elevator'], severities: emergencies },
    tell: ['duty-room', 'crew', 'maintainer', 'insurer-inspector', 'insurer-parts'],
    steps: inOrder(...emergencySteps, passengerIsTold, step('inspector-comes', 'inspected', day, 'insurer-inspector')),
  }),
  shipped({
    id: 'electrical-emergency',
    name: { en: 'Electrical emergency', 'zh-CN': '用电应急处置' },
    match: { kinds: ['electricity-meter'], severities: emergencies },
    tell: ['duty-room', 'crew'],
    steps: emergencySteps,
  }),
  shipped({
    id: 'patrol-1-3-5',
    name: { en: 'Street patrol 1-3-5', 'zh-CN': '“135”快速处置' },
    enabled: false,
    match: { kinds: ['electricity-meter'], severities: emergencies },
    tell: ['duty-room', 'crew'],
    steps: [
      step('patrol-starts', 'accepted', 1, 'crew', 'duty-room'),
      step('patrol-is-there', 'arrived', 3, 'duty-room', 'supervisor'),
      step('reinforcement', 'arrived', 5, 'next-crew', 'supervisor'),
      step('nobody-came', 'arrived', 10, 'next-crew', 'duty-room', 'supervisor'),
      step('still-nobody', 'arrived', 20, 'supervisor', 'district'),
      step('crew-is-there', 'arrived', arriveWithinMinutes, 'supervisor', 'district'),
    ],
  }),
  shipped({
    id: 'emergency',
    name: { en: 'Any other emergency', 'zh-CN': '其他应急处置' },
    match: { severities: emergencies },
    tell: ['duty-room', 'crew'],
    steps: emergencySteps,
  }),
  shipped({
    id: 'planned',
    name: { en: 'Planned work', 'zh-CN': '计划性工作' },
    match: { severities: ['info', 'warning'] },
    tell: ['duty-room', 'crew'],
    steps: [
      step('duty-room-decides', 'acknowledged', day, 'duty-room', 'supervisor'),
      step('crew-accepts', 'accepted', 3 * day, 'crew', 'supervisor'),
      // half a month: no maintenance period is shorter (TSG T5002-2017)
      step('crew-comes', 'arrived', 15 * day, 'supervisor'),
    ],
  }),
]

function shipped(
  given: Pick<ResponsePlan, 'id' | 'name' | 'match' | 'tell' | 'steps'> & { enabled?: boolean },
): ResponsePlan {
  return { version: 0, enabled: true, askFirst: null, ...given }
}

function inOrder(...steps: readonly PlanStep[]): readonly PlanStep[] {
  return steps.toSorted((one, other) => one.minutes - other.minutes)
}

export interface PlanSubject {
  readonly kind: string | null
  readonly finding: string
  readonly severity: Severity
  readonly type: OrderType
  readonly place: Place
}

/**
 * The enabled plan that says most exactly what it is for. Compared one after the other: a plan that names the finding; the
 * one for the smallest site; one that names the kind; the one for the fewest severities; an operator's before a shipped one.
 * When none is left, the shipped `emergency` or `planned` holds, whatever was made of it.
 *
 * Planned work and inspections have no 30 minutes: to a plan they are of severity `warning` at most. Who is shut in is in critical danger,
 * however it was told.
 */
export function choosePlan(plans: readonly ResponsePlan[], subject: PlanSubject): ResponsePlan {
  const hasNoClock = subject.type === 'planned' || subject.type === 'inspection'
  const isEmergency = !hasNoClock && orderTypeOf(subject.severity) === 'emergency'
  const atMost = hasNoClock && orderTypeOf(subject.severity) === 'emergency' ? 'warning' : subject.severity
  const severity = isEmergency && isEntrapment(subject) ? 'critical' : atMost

  const [best] = plans
    .filter(({ enabled, match }) => enabled && isFor(match, { ...subject, severity }))
    .map((plan) => ({ plan, rank: rankOf(plan, subject.place) }))
    .toSorted((one, other) => compareRanks(other.rank, one.rank) || (one.plan.id < other.plan.id ? -1 : 1))
  return best?.plan ?? shippedPlan(isEmergency ? 'emergency' : 'planned')
}

function shippedPlan(id: 'emergency' | 'planned'): ResponsePlan {
  const plan = shippedPlans.find((candidate) => candidate.id === id)
  if (plan === undefined) throw new Error(`no plan ${id} ships`)
  return plan
}

function isFor(match: PlanMatch, { finding, kind, severity, place }: PlanSubject): boolean {
  return (
    (match.findings?.includes(finding) ?? true) &&
    (match.kinds === undefined || (kind !== null && match.kinds.includes(kind))) &&
    (match.severities?.includes(severity) ?? true) &&
    (match.siteIds === undefined || depthOf(match.siteIds, place) > 0)
  )
}

/** The more exact, the larger, from the first number on. */
function rankOf({ match, version }: ResponsePlan, place: Place): readonly number[] {
  return [
    match.findings === undefined ? 0 : 1,
    match.siteIds === undefined ? 0 : depthOf(match.siteIds, place),
    match.kinds === undefined ? 0 : 1,
    -(match.severities?.length ?? Number.POSITIVE_INFINITY),
    version === 0 ? 0 : 1,
  ]
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index])
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}

/** How deep the smallest of these sites is that holds the place: 1 = district; the device's own site is the deepest. */
function depthOf(siteIds: readonly string[], { siteId, path }: Place): number {
  const depths = siteTypes.map((type, index) => (siteIds.includes(path[type] ?? '') ? index + 1 : 0))
  const own = siteId !== null && siteIds.includes(siteId) ? siteTypes.length + 1 : 0
  return Math.max(own, ...depths)
}

/** The step of an order that asks a contact first: when it is missed, the crew hears of the order. */
export const contactAnswers = 'contact-answers'

/** The step that comes after the last of a plan while nobody has accepted a danger to life. */
export const nobodyHasIt = 'nobody-has-it'

/** The step that comes after the arrival of a crew which does not say that it is over, while our own detectors still find it. */
export const stillFelt = 'still-felt'

/** Of no plan: each arms the next one of its kind. */
export const repeatedSteps: readonly string[] = [nobodyHasIt, stillFelt]

/**
 * A plan as an order keeps it: what is changed in the plan afterwards does not move the order.
 * @param absent Parties that this order has not. An elevator that nobody insures has no insurer's inspector, and so no step
 *   that waits for one.
 */
export function freeze(plan: ResponsePlan, absent: readonly Party[] = []): FrozenPlan {
  const isThere = (party: Party) => !absent.includes(party)
  const { id, version, name, askFirst } = plan
  const steps = plan.steps
    .filter(({ goal }) => goal !== 'inspected' || isThere('insurer-inspector'))
    .map((one) => ({ ...one, tell: one.tell.filter(isThere) }))
  return { id, version, name, tell: plan.tell.filter(isThere), askFirst, steps }
}

/** Whoever is shut in is told that help comes, whatever a plan says of it. */
export function watchingPassenger(plan: FrozenPlan): FrozenPlan {
  return plan.steps.some(({ goal }) => goal === 'passenger-told')
    ? plan
    : { ...plan, steps: inOrder(...plan.steps, passengerIsTold) }
}

/** What an operator may say of a plan; its version counts by itself. */
export type PlanContent = Omit<ResponsePlan, 'id' | 'version'>

/** Everything that is wrong with a plan, by its path in the request. */
export class WrongPlan extends ExpectedError {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super('invalid', faults.map(({ path, message }) => `${path}: ${message}`).join('; '))
    this.name = 'WrongPlan'
    this.faults = faults
  }
}

interface Fault {
  readonly path: string
  readonly message: string
}

/** What is wrong with a plan, as a whole: that each value can be at all, the API's schema has seen to; sites are looked up apart. Pure. */
export function faultsOf(plan: PlanContent, kinds: readonly string[]): Fault[] {
  const ofMatch = [...faultsOfMatch(plan, kinds), ...faultsOfFindings(plan)]
  return [...ofMatch, ...faultsOfTelling(plan), ...faultsOfSteps(plan), ...faultsOfGoals(plan)]
}

function faultsOfMatch({ match }: PlanContent, kinds: readonly string[]): Fault[] {
  const given = match.severities ?? []
  const urgent = given.filter((severity) => emergencies.includes(severity)).length
  const isMixed = urgent !== 0 && urgent !== given.length
  const unknown = (match.kinds ?? []).filter((kind) => !kinds.includes(kind))
  const shutIn = (match.findings ?? []).find((finding) => isEntrapment({ finding }))
  const misses = shutIn !== undefined && urgent > 0 && !given.includes('critical')
  return [
    ...(misses
      ? [
          {
            path: 'match.severities',
            message: `whoever is shut in is critical: without "critical" no order about "${shutIn}" would follow this plan`,
          },
        ]
      : []),
    ...(given.length === 0 || isMixed
      ? [
          {
            path: 'match.severities',
            message: 'must be of emergencies (urgent, critical) or of planned work (info, warning), not of both',
          },
        ]
      : []),
    ...unknown.map((kind) => ({
      path: 'match.kinds',
      message: `there is no kind "${kind}"; there are ${kinds.join(', ')}`,
    })),
  ]
}

const shippedFindings = Object.keys(findingTitles('en'))
const groupOf = (finding: string) => finding.split('/')[0]
const ownGroups = new Set(shippedFindings.map(groupOf))

/** What other systems report may be called anything, but not what our own findings are called by. */
function faultsOfFindings({ match }: PlanContent): Fault[] {
  const unknown = (match.findings ?? []).filter((finding) => {
    return ownGroups.has(groupOf(finding)) && !shippedFindings.includes(finding)
  })
  return unknown.map((finding) => ({ path: 'match.findings', message: `there is no finding "${finding}"` }))
}

async function faultsOfSites(operations: Pick<Operations, 'sitesByIds'>, { match }: PlanContent): Promise<Fault[]> {
  const { siteIds = [] } = match
  const found = new Set((await operations.sitesByIds(siteIds)).map(({ id }) => id))
  const unknown = siteIds.filter((id) => !found.has(id))
  return unknown.map((id) => ({ path: 'match.siteIds', message: `there is no site "${id}"` }))
}

/**
 * Two plans that are on and for the very same orders: the id alone would say which of them holds. One as it shipped gives way to an
 * operator's, see `choosePlan`.
 */
function faultsOfTwins(id: string, { enabled, match }: PlanContent, own: readonly ResponsePlan[]): Fault[] {
  if (!enabled) return []
  const twins = own.filter((other) => other.id !== id && other.enabled && isSameMatch(other.match, match))
  return twins.map((other) => ({
    path: 'match',
    message: `the plan "${other.id}" is on and for the very same orders: switch it off first, or say more exactly what this one is for`,
  }))
}

function isSameMatch(one: PlanMatch, other: PlanMatch): boolean {
  return isDeepStrictEqual(inOneOrder(one), inOneOrder(other))
}

function inOneOrder({ kinds, findings, severities, siteIds }: PlanMatch): (string[] | undefined)[] {
  return [kinds, findings, severities, siteIds].map((values) => values && [...new Set<string>(values)].sort())
}

const whoCanAct: readonly Party[] = ['duty-room', 'crew', 'maintainer']

function faultsOfTelling({ match, tell, askFirst, steps }: PlanContent): Fault[] {
  const faults: Fault[] = []
  if (!tell.some((party) => whoCanAct.includes(party))) {
    faults.push({ path: 'tell', message: `must name one who can act: ${whoCanAct.join(', ')}` })
  }
  if (askFirst === null) return faults

  if (match.severities?.includes('critical')) {
    faults.push({ path: 'askFirst', message: 'nobody is asked first where it is critical: a crew goes at once' })
  }
  const accepted = firstMinutes(steps, 'accepted') ?? firstMinutes(steps, 'arrived')
  if (accepted !== undefined && askFirst.minutes >= accepted) {
    const message = `must be before the crew must have accepted, at ${accepted} minutes`
    faults.push({ path: 'askFirst.minutes', message })
  }
  return faults
}

function faultsOfSteps({ steps }: PlanContent): Fault[] {
  return steps.flatMap((one, index) => {
    const before = steps.slice(0, index)
    const faults: Fault[] = []
    const fault = (field: string, message: string) => faults.push({ path: `steps.${index}.${field}`, message })

    if (before.some(({ id }) => id === one.id)) fault('id', `there is another step "${one.id}"`)
    if (one.minutes < (before.at(-1)?.minutes ?? 0)) fault('minutes', 'must not be before the step before it')
    if (before.some(({ goal, minutes }) => goal === one.goal && minutes === one.minutes)) {
      fault('minutes', `there is another step for ${one.goal} at ${one.minutes} minutes`)
    }
    if (one.tell.length === 0 && !one.reassign) fault('tell', 'must name somebody: the step would tell nobody')
    if (one.reassign && one.goal !== 'accepted') {
      fault('reassign', 'is for the goal accepted: a crew that has accepted keeps the order until a person decides')
    }
    return faults
  })
}

/** In this order an order reaches them. */
const goalsInOrder: readonly PlanGoal[] = ['acknowledged', 'accepted', 'arrived', 'restored']

function faultsOfGoals({ match, steps }: PlanContent): Fault[] {
  const faults: Fault[] = []
  const times = goalsInOrder.flatMap((goal) => {
    const minutes = firstMinutes(steps, goal)
    return minutes === undefined ? [] : [{ goal, minutes }]
  })
  for (const [index, { goal, minutes }] of times.entries()) {
    const before = times[index - 1]
    if (before === undefined || before.minutes <= minutes) continue
    faults.push({ path: 'steps', message: `nothing can be ${goal} (${minutes}) before it is ${before.goal}` })
  }
  const isForEmergencies = match.severities?.some((severity) => emergencies.includes(severity))
  const arrived = firstMinutes(steps, 'arrived')
  if (isForEmergencies && (arrived === undefined || arrived > arriveWithinMinutes)) {
    const message = `needs a step for arrived at ${arriveWithinMinutes} minutes or before: by then somebody must be there`
    faults.push({ path: 'steps', message })
  }
  return faults
}

function firstMinutes(steps: readonly PlanStep[], goal: PlanGoal): number | undefined {
  return steps.find((one) => one.goal === goal)?.minutes
}

/** The plans that hold now: those that ship, each unless an operator has one of the same id, and the operators' own. By id. */
export async function plansInForce(operations: Pick<Operations, 'plans'>): Promise<ResponsePlan[]> {
  const own = await operations.plans()
  const replaced = new Set(own.map(({ id }) => id))
  return [...shippedPlans.filter(({ id }) => !replaced.has(id)), ...own].toSorted((one, other) =>
    one.id < other.id ? -1 : 1,
  )
}

/** A plan that holds. */
export type PlanInForce = ResponsePlan & {
  /** Why it would be refused now: it was saved before that was known. Absent = it would not. */
  readonly refusedNow?: readonly Fault[]
}

/** Says in the log which plans those are. @throws {StoreUnavailable} */
export async function nameRefusedPlans(
  operations: Pick<Operations, 'plans'>,
  kinds: readonly string[],
  log: Log,
): Promise<void> {
  for (const plan of await operations.plans()) {
    for (const fault of faultsOf(plan, kinds)) {
      log.warn({ plan: plan.id, ...fault }, 'a response plan would be refused now; it stays in force')
    }
  }
}

/** Each change is one transaction with its audit row and what was before. Orders that run keep the plan that they have. */
export interface Plans {
  /** Those in force, by id. */
  list(page: PageRequest): Promise<Page<PlanInForce>>
  /** @throws {ExpectedError} `not-found` */
  get(id: string): Promise<PlanInForce>
  /**
   * Makes a plan, or puts it in the place of what was there.
   * @param seen The version that the caller looked at; undefined = whatever there is
   * @throws {ExpectedError} `WrongPlan`; `already-done` when somebody changed it meanwhile
   */
  put(id: string, content: PlanContent, seen: number | undefined, actor: string): Promise<ResponsePlan>
  /** Newest first; empty for a plan that is as it shipped. @throws {ExpectedError} `not-found` when there never was one */
  history(id: string, page: PageRequest): Promise<Page<PlanChange>>
  /** A plan that ships is as it shipped from then on. @throws {ExpectedError} `not-found`; `already-done` */
  remove(id: string, actor: string): Promise<void>
}

export interface PlanChange {
  readonly at: number
  readonly actor: string
  /** Null = it came to be. */
  readonly before: ResponsePlan | null
  /** Null = it was removed. */
  readonly after: ResponsePlan | null
}

const subjectType = 'plan'

export function createPlans(options: {
  operations: Operations
  /** The kinds of devices that there are. */
  kinds: readonly string[]
  clock: Clock
}): Plans {
  const { operations, kinds, clock } = options

  function inForce(plan: ResponsePlan): PlanInForce {
    const refusedNow = plan.version === 0 ? [] : faultsOf(plan, kinds)
    return refusedNow.length === 0 ? plan : { ...plan, refusedNow }
  }

  return {
    async list({ limit, after = '' }) {
      const following = (await plansInForce(operations)).filter(({ id }) => id > after)
      const items = following.slice(0, limit).map(inForce)
      return { items, nextCursor: following.length > limit ? (items.at(-1)?.id ?? null) : null }
    },

    async get(id) {
      const plan = (await operations.plan(id)) ?? shippedPlans.find((candidate) => candidate.id === id)
      if (plan === undefined) throw new ExpectedError('not-found', `There is no response plan ${id}`)
      return inForce(plan)
    },

    async history(id, page) {
      const { items, nextCursor } = await operations.history(subjectType, id, page)
      if (items.length === 0 && !shippedPlans.some((plan) => plan.id === id)) {
        throw new ExpectedError('not-found', `There is no response plan ${id}`)
      }
      const changes = items.map(({ at, actor, before, after }) => {
        return { at, actor, before: before as ResponsePlan | null, after: after as ResponsePlan | null }
      })
      return { items: changes, nextCursor }
    },

    async put(id, content, seen, actor) {
      const faults = [...faultsOf(content, kinds), ...(await faultsOfSites(operations, content))]
      if (faults.length > 0) throw new WrongPlan(faults)
      const at = clock()
      return operations.transaction(async (unit) => {
        const own = await unit.plan(id)
        const before = own ?? shippedPlans.find((candidate) => candidate.id === id) ?? null
        if (seen !== undefined && seen !== (before?.version ?? 0)) throw changedMeanwhile(id)
        if (own !== undefined && isDeepStrictEqual({ ...content, id, version: own.version }, own)) return own
        const twins = faultsOfTwins(id, content, await unit.plans())
        if (twins.length > 0) throw new WrongPlan(twins)

        const plan = { ...content, id, version: (await lastVersion(unit, id)) + 1 }
        if (!(await unit.savePlan(plan, own?.version ?? null))) throw changedMeanwhile(id)
        await unit.insertHistory({ at, actor, subjectType, subjectId: id, before, after: plan })
        const data = { from: before?.version ?? null, to: plan.version }
        await unit.insertAudit({
          at,
          actor,
          action: before === null ? 'plan-added' : 'plan-changed',
          subject: id,
          data,
        })
        return plan
      })
    },

    async remove(id, actor) {
      const at = clock()
      await operations.transaction(async (unit) => {
        const before = await unit.plan(id)
        if (before === undefined) throw nothingToRemove(id)
        if (!(await unit.deletePlan(id, before.version))) throw changedMeanwhile(id)
        await unit.insertHistory({ at, actor, subjectType, subjectId: id, before, after: null })
        const data = { version: before.version }
        await unit.insertAudit({ at, actor, action: 'plan-removed', subject: id, data })
      })
    },
  }
}

/** No version is given twice, also not to a plan that was removed and made again: orders name theirs by it. */
async function lastVersion(unit: Operations, id: string): Promise<number> {
  const [newest] = (await unit.history(subjectType, id, { limit: 1 })).items
  const plan = (newest?.after ?? newest?.before ?? null) as ResponsePlan | null
  return plan?.version ?? 0
}

function changedMeanwhile(id: string): ExpectedError {
  return new ExpectedError('already-done', `Somebody else changed the plan ${id} meanwhile; look again`)
}

function nothingToRemove(id: string): ExpectedError {
  const ships = shippedPlans.some((candidate) => candidate.id === id)
  const text = ships
    ? `The plan ${id} is as it shipped; to switch it off, put it with "enabled": false`
    : `There is no response plan ${id}`
  return new ExpectedError('not-found', text)
}
