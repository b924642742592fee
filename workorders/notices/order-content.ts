import type { Evidence } from '../../core/detector.ts'
import { type Incident, isEntrapment, type WorkOrder } from '../../core/incident.ts'
import type { PlanStep } from '../../core/plan.ts'
import type { Scope } from '../../core/scope.ts'
import type { Severity } from '../../core/severity.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { type OrderContact, whomToCall } from '../crews/whom-to-call.ts'
import { noPowerAt } from '../intake/no-power.ts'
import { isEnded } from '../life/transitions.ts'

/** What the words of an order's notice and of its page are made of, as it is at one moment. */
export interface OrderContent {
  readonly orderId: string
  readonly incidentId: string
  readonly type: WorkOrder['type']
  readonly severity: Severity
  readonly finding: string
  readonly summary: string
  /** The figures behind the summary, for those who read it in another language; none where other systems wrote it. */
  readonly evidence: Evidence
  /** What it is about; null = nobody knows. */
  readonly scope: Scope | null
  /** Of the scope, where it is a site. */
  readonly siteName: string | null
  readonly deviceId: string | null
  readonly deviceName: string | null
  /** District to unit, and the address. */
  readonly where: string
  readonly entrance: string | null
  readonly emergencyPlan: string | null
  readonly contacts: readonly OrderContact[]
  readonly detectedAt: number
  readonly arriveBy: number | null
  readonly dueAt: number | null
  readonly teamName: string | null
  /** The goal that was missed, where one was, and after how many minutes. */
  readonly missed: PlanStep['goal'] | null
  readonly missedMinutes: number | null
  /** Where somebody is trapped: what says that there is no power, and since when; null = nothing does. */
  readonly noPower: { readonly finding: string; readonly since: number } | null
  /** Of an outage: where somebody is trapped in it. */
  readonly trappedIn: string | null
  /** Of an outage or a storm: the devices in its list that nobody else is sent for, those found first, and how many more there are. */
  readonly members: { readonly names: readonly string[]; readonly more: number } | null
  /** What somebody says beside the summary: the note of a call for help. */
  readonly said: string | null
}

const namedMembers = 10

/** @param now ms since 1970 */
export async function contentOf(
  unit: Operations,
  order: WorkOrder,
  missed: Pick<PlanStep, 'goal' | 'minutes'> | null,
  now: number,
): Promise<OrderContent> {
  const incident = await unit.incident(order.incidentId)
  const device = order.deviceId === null ? undefined : await unit.device(order.deviceId)
  // whoever is on the way goes where it is known to hang by now
  const siteId = (isEnded(order) ? null : device?.siteId) ?? order.siteId ?? device?.siteId ?? null
  const sites = siteId === null ? [] : await unit.sitesAbove(siteId)
  const team = order.teamId === null ? undefined : await unit.team(order.teamId)
  const scope = incident?.scope ?? null
  const nearest = <T>(values: readonly (T | null)[]) => values.find((value) => value !== null) ?? null

  const { id: orderId, incidentId, type, severity, finding, summary, deviceId, detectedAt, arriveBy, dueAt } = order
  const path = sites.map(({ name }) => name).reverse()
  const address = nearest(sites.map((site) => site.address))
  return {
    ...{ orderId, incidentId, type, severity, finding, summary, deviceId, detectedAt, arriveBy, dueAt },
    missed: missed?.goal ?? null,
    missedMinutes: missed?.minutes ?? null,
    said: null,
    noPower: incident !== undefined && isEntrapment(order) ? await noPowerFor(unit, incident) : null,
    trappedIn: null,
    members: incident === undefined ? null : await membersOf(unit, incident),
    evidence: incident === undefined ? {} : ownEvidence(incident),
    scope,
    siteName: sites.find(({ type, id }) => type === scope?.type && id === scope.id)?.name ?? null,
    deviceName: device?.name ?? null,
    where: [path.join(' / '), address].filter(Boolean).join(', '),
    entrance: nearest(sites.map((site) => site.entrance)),
    emergencyPlan: nearest(sites.map((site) => site.emergencyPlan)),
    contacts: await whomToCall(unit, order, now),
    teamName: team?.name ?? order.teamId,
  }
}

/** A crew in front of a building of twenty doors has to know which of them. */
async function membersOf(unit: Operations, { id, scope, evidence }: Incident): Promise<OrderContent['members']> {
  if (scope.type === 'device' || typeof evidence.members !== 'number') return null
  const { first, count } = await unit.listedDevices(id, namedMembers)
  if (count === 0) return null
  const names = first.map(
    ({ deviceId, name, siteName }) => `${name ?? deviceId}${siteName === null ? '' : ` (${siteName})`}`,
  )
  return { names, more: count - names.length }
}

/** The outage before the elevator's own mains, which went with it. */
async function noPowerFor(unit: Operations, incident: Incident): Promise<OrderContent['noPower']> {
  const found = await noPowerAt(unit, incident)
  const [first] = found.toSorted(
    (one, other) => Number(one.scope.type === 'device') - Number(other.scope.type === 'device'),
  )
  return first === undefined ? null : { finding: first.finding, since: first.occurredAt }
}

/** What other systems report they say in words of their own, whatever figures they add. */
function ownEvidence({ source, evidence }: Pick<Incident, 'source' | 'evidence'>): Evidence {
  return source === 'liftwatt' || source === 'manual' ? evidence : {}
}
