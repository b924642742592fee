import type { WorkOrder } from '../../core/incident.ts'
import type { Recipient } from '../../core/notice.ts'
import type { TeamType } from '../../core/people.ts'
import type { Party } from '../../core/plan.ts'
import { nowhere } from '../../core/scope.ts'
import { words } from '../../core/words.ts'
import type { NearContact, Operations, RosteredTeam } from '../../stores/operations/port.ts'
import { chooseCrew, crewsThatHadIt, type DispatchedOrder, isByShift } from '../crews/choose-crew.ts'
import { areaRank, isOnDuty } from '../crews/teams.ts'
import { addressed, teamRecipients, withOpenAddresses } from './team-recipients.ts'

export { teamRecipients }

/** Who is told instead when a party cannot be. A contact has no deputy, for it is asked about its own house. */
const insteadOf: Readonly<Record<Party, readonly Party[]>> = {
  crew: ['duty-room', 'supervisor', 'district'],
  'next-crew': ['duty-room', 'supervisor', 'district'],
  maintainer: ['duty-room', 'supervisor', 'district'],
  'duty-room': ['supervisor', 'district'],
  supervisor: ['district', 'duty-room'],
  district: ['supervisor', 'duty-room'],
  'insurer-inspector': [],
  'insurer-parts': [],
  property: [],
  tenant: [],
}

/** An order that somebody may have accepted. */
type ToldOrder = DispatchedOrder & Pick<WorkOrder, 'technicianId'>

/**
 * Who is told for a party of a plan: the team's own addresses and those of its members on duty, or a contact's; of a crew also
 * whoever has accepted, though their shift be over. When nobody can be told, those above are, and `why` says so; when nobody of
 * them is on duty either, who is off duty, for at night a call is better than silence. `next-crew` is the crew that would get the
 * order now, none that had it.
 *
 * @param now ms since 1970
 */
export async function recipientsOf(
  unit: Operations,
  order: ToldOrder,
  party: Party,
  now: number,
): Promise<Recipient[]> {
  const byShift = isByShift(order)
  const found = await firstToBeTold(unit, order, party, { byShift, now })
  if (found.length > 0 || !byShift || insteadOf[party].length === 0) return found
  const offDuty = await firstToBeTold(unit, order, party, { byShift: false, now })
  return offDuty.map((recipient) => ({
    ...recipient,
    why: `${words[recipient.locale].because.nobodyOnDuty}${recipient.why}`,
  }))
}

interface When {
  /** False: whoever is off duty is told as well. */
  readonly byShift: boolean
  readonly now: number
}

async function firstToBeTold(unit: Operations, order: ToldOrder, party: Party, when: When): Promise<Recipient[]> {
  const missed: Party[] = []
  for (const told of [party, ...insteadOf[party]]) {
    const found = await recipientsFor(unit, order, told, when)
    if (found.length > 0) return found.map((recipient) => saying(recipient, missed))
    missed.push(told)
  }
  return []
}

function saying(recipient: Recipient, missed: readonly Party[]): Recipient {
  const { because } = words[recipient.locale]
  return { ...recipient, why: `${missed.map(because.cannotBeTold).join('')}${recipient.why}` }
}

async function recipientsFor(unit: Operations, order: ToldOrder, party: Party, when: When): Promise<Recipient[]> {
  if (party === 'property' || party === 'tenant') return contactsFor(unit, order, party)
  const acceptedBy = party === 'crew' ? order.technicianId : null
  for (const near of await teamsFor(unit, order, party, when)) {
    const teams = await withOpenAddresses(unit, near)
    const members = await withOpenAddresses(unit, await unit.membersOf(teams.map(({ id }) => id)))
    const found = teams.flatMap((team) => {
      const ofTeam = members.filter(({ teamId }) => teamId === team.id)
      return teamRecipients({ team, members: ofTeam, party, acceptedBy, ...when })
    })
    if (found.length > 0) return found
  }
  return []
}

/** The nearest first; those farther away are told where none of them can be. */
async function teamsFor(
  unit: Operations,
  order: DispatchedOrder,
  party: Exclude<Party, 'property' | 'tenant'>,
  when: When,
): Promise<RosteredTeam[][]> {
  const { byShift, now } = when
  switch (party) {
    case 'crew': {
      const isNobodyOnDuty = order.teamId === null && isByShift(order) && !byShift
      return [await teamById(unit, isNobodyOnDuty ? await nextCrew(unit, order, when) : order.teamId)]
    }
    case 'next-crew':
      return [await teamById(unit, await nextCrew(unit, order, when))]
    case 'maintainer':
      return order.deviceId === null
        ? []
        : [await teamById(unit, await unit.deviceParty(order.deviceId, 'maintainer', now))]
    // never another insurer's, whatever desks the device's own has
    case 'insurer-inspector':
    case 'insurer-parts':
      return order.deviceId === null
        ? []
        : [await teamById(unit, await unit.deviceParty(order.deviceId, 'insurer', now))]
    default:
      // those above are asked by their shift about planned work, too
      return teamsByDistance(unit, order, party, { byShift: byShift || !isByShift(order), now })
  }
}

/** The crew that would get the order, none that had it; null = there is none. */
async function nextCrew(unit: Operations, order: DispatchedOrder, { byShift, now }: When): Promise<string | null> {
  const exclude = crewsThatHadIt(order, (await unit.reassignments([order.id])).get(order.id) ?? [])
  return (await chooseCrew(unit, order, { exclude, byShift: byShift && isByShift(order) }, now)).teamId
}

async function teamById(unit: Operations, id: string | null): Promise<RosteredTeam[]> {
  const team = id === null ? undefined : await unit.team(id)
  if (team === undefined || team.removedAt !== null) return []
  return [{ ...team, roster: (await unit.roster(team.id)) ?? null }]
}

/** Those on duty with the smallest area that covers the place. */
export async function nearestTeams(
  unit: Operations,
  order: Pick<DispatchedOrder, 'incidentId'>,
  type: TeamType,
  now: number,
): Promise<RosteredTeam[]> {
  return (await teamsByDistance(unit, order, type, { byShift: true, now }))[0] ?? []
}

/** Those on duty (or, where that is not asked, all) whose area covers the place, by its size: the smallest first, and equal ones together. */
async function teamsByDistance(
  unit: Operations,
  order: Pick<DispatchedOrder, 'incidentId'>,
  type: TeamType,
  { byShift, now }: When,
): Promise<RosteredTeam[][]> {
  const teams = await unit.workingTeams([type])
  if (teams.length === 0) return []
  const place = (await unit.incident(order.incidentId))?.place ?? nowhere
  const present = teams.filter((team) => (!byShift || isOnDuty(team, now)) && areaRank(team, place) >= 0)
  const ranks = [...new Set(present.map((team) => areaRank(team, place)))].toSorted((one, other) => other - one)
  return ranks.map((rank) => present.filter((team) => areaRank(team, place) === rank))
}

/** The nearest contacts of this role that can be told: of the device, else of its unit, its building, and so on. */
async function contactsFor(
  unit: Operations,
  order: DispatchedOrder,
  role: 'property' | 'tenant',
): Promise<Recipient[]> {
  const contacts = await withOpenAddresses(unit, await contactsNear(unit, order))
  const reachable = contacts.filter((contact) => contact.role === role && contact.addresses.length > 0)
  const nearest = reachable.filter(({ of, ofId }) => of === reachable[0]?.of && ofId === reachable[0].ofId)
  const locale = 'zh-CN'
  return nearest.flatMap(({ name, addresses, of, ofId }) => {
    const why = words[locale].because.contactOf(role, of, ofId)
    return addressed(addresses, { party: role, teamId: null, memberId: null, name, locale, why })
  })
}

/** Of the device and of the sites that it is in, the nearest first. */
export async function contactsNear(
  unit: Operations,
  { deviceId, incidentId }: Pick<DispatchedOrder, 'deviceId' | 'incidentId'>,
): Promise<NearContact[]> {
  if (deviceId !== null) return unit.contactsOf(deviceId)
  const siteId = (await unit.incident(incidentId))?.place.siteId ?? null
  const sites = siteId === null ? [] : await unit.sitesAbove(siteId)
  return sites.flatMap((site) => site.contacts.map((contact) => ({ ...contact, of: site.type, ofId: site.id })))
}
