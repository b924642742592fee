import { isEntrapment, type OrderEvent, type WorkOrder } from '../../core/incident.ts'
import { localTime, shanghai } from '../../core/local-time.ts'
import type { Team, TeamType } from '../../core/people.ts'
import { nowhere, type Place } from '../../core/scope.ts'
import { siteTypes } from '../../core/site.ts'
import { kindOf } from '../../devices/index.ts'
import { loadCounted, type Operations, type RosteredTeam } from '../../stores/operations/port.ts'
import { isCutOff } from '../notices/team-recipients.ts'
import { areaRank, dutyWords, isKnown, isOnDuty, sentence, siteRank } from './teams.ts'

export interface Assignment {
  /** Null = nobody is assigned. */
  readonly teamId: string | null
  /** Why they, or why nobody: one English sentence. */
  readonly because: string
}

const elevatorKind = 'elevator'

/** Of a team that has addresses, none of which leads anywhere now. */
const cutOffWords = 'its channels are switched off'

export type DispatchedOrder = Pick<WorkOrder, 'id' | 'incidentId' | 'deviceId' | 'finding' | 'type' | 'teamId'>

/**
 * Who goes. The team that maintains the device, if it is there; else, of the crews whose area and skills fit and who are on
 * duty, the one with the smallest area, then with the fewest open orders, then by id. A team whose channels are all switched off
 * would not hear of it, and goes only when no other can. Planned work asks for no shift. An inspection goes to the insurer's
 * inspectors in the same way.
 *
 * @param exclude teams that had it already and did not come
 * @param byShift false: as if all were on duty
 * @param now ms since 1970
 */
export async function chooseCrew(
  unit: Operations,
  order: DispatchedOrder,
  { exclude, byShift = isByShift(order) }: { exclude: readonly string[]; byShift?: boolean },
  now: number,
): Promise<Assignment> {
  const job = { ...(await jobOf(unit, order, now)), byShift }
  const teams = await unit.workingTeams(job.teamTypes)
  if (teams.length === 0) return nobody(`no ${await isAnyTeam(unit, job)} exists`)

  const responsibleId = job.deviceId === null ? null : await unit.deviceParty(job.deviceId, job.role, now)
  const responsible = teams.find(({ id }) => id === responsibleId)
  if (job.role === 'insurer' && responsibleId !== null) {
    return insurersOwn(unit, job, responsibleId, responsible, exclude)
  }
  if (responsible === undefined) return chooseByArea(unit, job, teams, exclude)
  const { name } = responsible
  const missing = whyNot(responsible, job, exclude)
  if (missing !== undefined) {
    const general = await chooseByArea(unit, job, teams, exclude)
    return { ...general, because: `${name} ${job.responsibility} but ${missing}; ${general.because}` }
  }
  const deaf = await isCutOff(unit, responsible, job)
  const other = deaf ? await chooseByArea(unit, job, teams, exclude, { mustHear: true }) : nobody('')
  if (other.teamId !== null) {
    return { ...other, because: `${name} ${job.responsibility} but ${cutOffWords}; ${other.because}` }
  }
  const reasons = [job.responsibility, deaf ? cutOffWords : '', shiftWords(responsible, job)]
  return { teamId: responsible.id, because: sentence(responsible, reasons) }
}

/** Whether it cannot wait for whoever is off duty. */
export function isByShift({ type }: Pick<WorkOrder, 'type'>): boolean {
  return type === 'emergency' || type === 'manual'
}

/** What speaks against a crew to which a person gives an order; they may do it all the same. */
export const crewWarnings = ['off-duty', 'lacks-skill'] as const
export type CrewWarning = (typeof crewWarnings)[number]

/** @param now ms since 1970 */
export async function warningsAbout(
  unit: Operations,
  order: DispatchedOrder,
  team: Team,
  now: number,
): Promise<CrewWarning[]> {
  const { byShift, kind } = await jobOf(unit, order, now)
  const roster = (await unit.roster(team.id)) ?? null
  const isAway = byShift && !isOnDuty({ ...team, roster }, now)
  return crewWarnings.filter((warning) => (warning === 'off-duty' ? isAway : !hasSkill(team, kind)))
}

/** The crews that an order was with, the present one among them: none of them is a next one. */
export function crewsThatHadIt({ teamId }: Pick<WorkOrder, 'teamId'>, reassignments: readonly OrderEvent[]): string[] {
  const ids = [...reassignments.map(({ data }) => data.fromTeamId), teamId]
  return [...new Set(ids)].filter((id) => typeof id === 'string')
}

/** What is asked for. */
interface Job {
  readonly place: Place
  readonly deviceId: string | null
  /** Null = no skill is asked for. */
  readonly kind: string | null
  readonly teamTypes: readonly TeamType[]
  readonly responsibility: string
  readonly role: 'maintainer' | 'insurer'
  readonly crewWord: string
  readonly byShift: boolean
  readonly now: number
}

async function jobOf(unit: Operations, order: DispatchedOrder, now: number): Promise<Job> {
  const incident = await unit.incident(order.incidentId)
  const isInspection = order.type === 'inspection'
  return {
    place: incident?.place ?? nowhere,
    deviceId: order.deviceId,
    kind: await kindOfOrder(unit, order),
    teamTypes: isInspection ? ['insurer-inspector'] : ['crew', 'maintainer'],
    responsibility: isInspection ? `insures ${order.deviceId}` : `maintains ${order.deviceId}`,
    role: isInspection ? 'insurer' : 'maintainer',
    crewWord: isInspection ? 'inspector' : 'crew',
    byShift: isByShift(order),
    now,
  }
}

/** Of its finding, else of its device; where people are trapped an elevator; null = it is about no kind of device. */
export async function kindOfOrder(
  unit: Operations,
  order: Pick<WorkOrder, 'finding' | 'deviceId'>,
): Promise<string | null> {
  const fromFinding = kindOf(order.finding.split('/', 1)[0] ?? '')
  if (fromFinding !== undefined) return fromFinding.id
  const device = order.deviceId === null ? undefined : await unit.device(order.deviceId)
  return device?.kind ?? (isEntrapment(order) ? elevatorKind : null)
}

async function isAnyTeam(unit: Operations, job: Job): Promise<string> {
  return (await unit.teams({ limit: 1 })).items.length === 0 ? 'team' : job.crewWord
}

/** Another insurer has no business at this device. */
async function insurersOwn(
  unit: Operations,
  job: Job,
  insurerId: string,
  inspector: RosteredTeam | undefined,
  exclude: readonly string[],
): Promise<Assignment> {
  if (inspector === undefined) {
    const name = (await unit.team(insurerId))?.name ?? insurerId
    return nobody(`${name} ${job.responsibility} but has no inspectors`)
  }
  const missing = whyNot(inspector, job, exclude)
  if (missing !== undefined) return nobody(`${inspector.name} ${job.responsibility} but ${missing}`)
  return { teamId: inspector.id, because: sentence(inspector, [job.responsibility, shiftWords(inspector, job)]) }
}

function whyNot(team: RosteredTeam, job: Job, exclude: readonly string[]): string | undefined {
  if (exclude.includes(team.id)) return 'was asked already'
  if (job.byShift && !isOnDuty(team, job.now)) return `is not on duty at ${localTime(job.now, shanghai)}`
  return undefined
}

async function chooseByArea(
  unit: Operations,
  job: Job,
  teams: readonly RosteredTeam[],
  exclude: readonly string[],
  { mustHear = false }: { mustHear?: boolean } = {},
): Promise<Assignment> {
  const crews = teams.filter((team) => team.type === 'crew' || job.role === 'insurer')
  if (crews.length === 0) return nobody(`no ${job.crewWord} exists`)
  const near = crews.filter((team) => areaRank(team, job.place) >= 0)
  if (near.length === 0) return nobody(`no ${job.crewWord} has ${await placeName(unit, job.place)} in its area`)
  const able = near.filter((team) => hasSkill(team, job.kind))
  if (able.length === 0) return nobody(`no ${job.crewWord} for this area has ${kindWords(job.kind)} in its skills`)
  const present = job.byShift ? able.filter((team) => isOnDuty(team, job.now)) : able
  if (present.length === 0) {
    const withSkill = job.kind === null ? '' : ` with ${kindWords(job.kind)} in its skills`
    return nobody(`no ${job.crewWord}${withSkill} is on duty at ${localTime(job.now, shanghai)}`)
  }
  const left = present.filter((team) => !exclude.includes(team.id))
  if (left.length === 0) {
    return nobody(`all that could go were asked already: ${present.map(({ name }) => name).join(', ')}`)
  }
  const hearing = await firstThatHears(unit, job, left)
  if (hearing !== undefined) return hearing
  return mustHear ? nobody(cutOffWords) : leastBusy(unit, job, left, cutOffWords)
}

/** @param teams at least one, by id */
async function firstThatHears(
  unit: Operations,
  job: Job,
  teams: readonly RosteredTeam[],
): Promise<Assignment | undefined> {
  const choice = await leastBusy(unit, job, teams)
  const chosen = teams.find(({ id }) => id === choice.teamId)
  if (chosen === undefined || !(await isCutOff(unit, chosen, job))) return choice
  const others = teams.filter((team) => team !== chosen)
  return others.length === 0 ? undefined : firstThatHears(unit, job, others)
}

/** Of the nearest. @param teams at least one, by id */
async function leastBusy(unit: Operations, job: Job, teams: readonly RosteredTeam[], gap = ''): Promise<Assignment> {
  const rank = Math.max(...teams.map((team) => areaRank(team, job.place)))
  const nearest = teams.filter((team) => areaRank(team, job.place) === rank)
  const load = await unit.openOrdersOf(nearest.map(({ id }) => id))
  const ordersOf = ({ id }: Team) => load.get(id) ?? 0
  const [first, ...others] = nearest
  if (first === undefined) return nobody(`no ${job.crewWord} exists`)
  const chosen = others.reduce((best, team) => (ordersOf(team) < ordersOf(best) ? team : best), first)
  const reasons = [gap, shiftWords(chosen, job), await areaWords(unit, chosen, job.place), loadWords(ordersOf(chosen))]
  return { teamId: chosen.id, because: sentence(chosen, reasons) }
}

function hasSkill({ skills }: Team, kind: string | null): boolean {
  return skills.length === 0 || kind === null || skills.includes(kind)
}

function shiftWords(team: RosteredTeam, { byShift, now }: Job): string {
  return byShift ? dutyWords(team, now) : ''
}

function nobody(reason: string): Assignment {
  return { teamId: null, because: `nobody is assigned: ${reason}` }
}

async function areaWords(unit: Operations, { areas }: Team, place: Place): Promise<string> {
  if (areas.length === 0) return 'area everywhere'
  if (!isKnown(place)) return 'whatever its area, for the place is not known'
  const [area = ''] = areas.toSorted((a, b) => siteRank(b, place) - siteRank(a, place))
  return `area ${await siteName(unit, area)}`
}

async function placeName(unit: Operations, { siteId, path }: Place): Promise<string> {
  const nearest = siteId ?? siteTypes.map((type) => path[type]).findLast((id) => id !== undefined)
  return nearest === undefined ? 'this place' : siteName(unit, nearest)
}

async function siteName(unit: Operations, id: string): Promise<string> {
  return (await unit.site(id))?.name ?? id
}

function loadWords(orders: number): string {
  if (orders === 0) return 'no open order'
  if (orders >= loadCounted) return `${loadCounted} open orders or more`
  return orders === 1 ? '1 open order' : `${orders} open orders`
}

function kindWords(kind: string | null): string {
  return kind === null ? 'it' : `${(kindOf(kind)?.title.en ?? kind).toLowerCase()}s`
}
