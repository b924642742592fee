import type { Recipient } from '../core/notice.ts'
import type { Member, TeamType } from '../core/people.ts'
import type { Party } from '../core/plan.ts'
import { onDuty } from '../core/roster.ts'
import { nowhere } from '../core/scope.ts'
import type { ChannelAddress } from '../core/site.ts'
import type { Operations, RosteredTeam } from '../stores/operations/port.ts'
import { chooseCrew, type DispatchedOrder } from './choose-crew.ts'
import { areaRank, dutyWords, isOnDuty, isRostered, sentence } from './teams.ts'

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

const partyWords: Readonly<Record<Party, string>> = {
  crew: 'crew',
  'next-crew': 'next crew',
  maintainer: 'maintainer',
  'duty-room': 'duty room',
  supervisor: 'supervisor',
  district: 'district',
  'insurer-inspector': "insurer's inspector",
  'insurer-parts': "insurer's parts desk",
  property: 'property contact',
  tenant: 'tenant',
}

/**
 * Who is told for a party of a plan: the team's own addresses and those of its members on duty, or a contact's. When nobody
 * can be told, those above are, and `why` says so. `next-crew` is the crew that would get the order if it left its present one.
 *
 * @param now ms since 1970
 */
export async function recipientsOf(
  unit: Operations,
  order: DispatchedOrder,
  party: Party,
  now: number,
): Promise<Recipient[]> {
  let missed = ''
  for (const told of [party, ...insteadOf[party]]) {
    const found = await recipientsFor(unit, order, told, now)
    if (found.length > 0) return found.map((recipient) => ({ ...recipient, why: `${missed}${recipient.why}` }))
    missed += `no ${partyWords[told]} can be told; `
  }
  return []
}

async function recipientsFor(unit: Operations, order: DispatchedOrder, party: Party, now: number) {
  if (party === 'property' || party === 'tenant') return contactsFor(unit, order, party)
  const teams = await teamsFor(unit, order, party, now)
  if (teams.length === 0) return []
  const members = await unit.membersOf(teams.map(({ id }) => id))
  const byShift = order.type === 'emergency' || order.type === 'manual'
  return teams.flatMap((team) => {
    const ofTeam = members.filter(({ teamId }) => teamId === team.id)
    return teamRecipients({ team, members: ofTeam, party, byShift, now })
  })
}

/** A team's own addresses, then those of its members who are on duty. */
export function teamRecipients(of: {
  team: RosteredTeam
  members: readonly Member[]
  party: Party
  /** False: where nobody is on duty, all members are told rather than nobody. */
  byShift: boolean
  now: number
}): Recipient[] {
  const { team, members, party, byShift, now } = of
  const onDutyIds = isRostered(team) ? new Set(onDuty(team.roster, now)) : undefined
  const present = members.filter(({ id }) => onDutyIds?.has(id) ?? true)
  const why = sentence(team, [partyWords[party], dutyWords(team, now)])
  const locale = members.length > 0 && members.every((member) => member.locale === 'en') ? 'en' : 'zh-CN'
  const base = { party, teamId: team.id, why: present.length > 0 ? why : sentence(team, [partyWords[party]]) }

  const own = addressed(team.addresses, { ...base, memberId: null, name: team.name, locale })
  const toMembers = (people: readonly Member[]) =>
    people.flatMap((member) => {
      const { id: memberId, name } = member
      return addressed(member.addresses, { ...base, memberId, name, locale: member.locale })
    })
  const found = [...own, ...toMembers(present)]
  return found.length === 0 && !byShift ? toMembers(members) : found
}

function addressed(addresses: readonly ChannelAddress[], who: Omit<Recipient, 'channelId' | 'address'>): Recipient[] {
  return addresses.map(({ channelId, address }) => ({ ...who, channelId, address }))
}

async function teamsFor(
  unit: Operations,
  order: DispatchedOrder,
  party: Exclude<Party, 'property' | 'tenant'>,
  now: number,
): Promise<RosteredTeam[]> {
  switch (party) {
    case 'crew':
      return teamById(unit, order.teamId)
    case 'next-crew': {
      const exclude = order.teamId === null ? [] : [order.teamId]
      return teamById(unit, (await chooseCrew(unit, order, { exclude }, now)).teamId)
    }
    case 'maintainer':
      return order.deviceId === null ? [] : teamById(unit, await unit.deviceParty(order.deviceId, 'maintainer', now))
    case 'insurer-inspector':
    case 'insurer-parts':
      return insurerTeams(unit, order, party, now)
    default:
      return nearestTeams(unit, order, party, now)
  }
}

async function teamById(unit: Operations, id: string | null): Promise<RosteredTeam[]> {
  const team = id === null ? undefined : await unit.team(id)
  if (team === undefined || team.removedAt !== null) return []
  return [{ ...team, roster: (await unit.roster(team.id)) ?? null }]
}

/** Of an insured device, its insurer's desk: the very team that insures it, or the desk of this type that covers the place. */
async function insurerTeams(
  unit: Operations,
  order: DispatchedOrder,
  party: 'insurer-inspector' | 'insurer-parts',
  now: number,
): Promise<RosteredTeam[]> {
  const insurerId = order.deviceId === null ? null : await unit.deviceParty(order.deviceId, 'insurer', now)
  if (insurerId === null) return []
  const [insurer] = await teamById(unit, insurerId)
  return insurer?.type === party ? [insurer] : nearestTeams(unit, order, party, now)
}

/** Those on duty with the smallest area that covers the place. */
async function nearestTeams(
  unit: Operations,
  order: DispatchedOrder,
  type: TeamType,
  now: number,
): Promise<RosteredTeam[]> {
  const teams = await unit.workingTeams([type])
  if (teams.length === 0) return []
  const place = (await unit.incident(order.incidentId))?.place ?? nowhere
  const present = teams.filter((team) => isOnDuty(team, now) && areaRank(team, place) >= 0)
  const rank = Math.max(...present.map((team) => areaRank(team, place)))
  return present.filter((team) => areaRank(team, place) === rank)
}

/** The nearest contacts of this role that can be told: of the device, else of its unit, its building, and so on. */
async function contactsFor(
  unit: Operations,
  order: DispatchedOrder,
  role: 'property' | 'tenant',
): Promise<Recipient[]> {
  const contacts = await contactsNear(unit, order)
  const reachable = contacts.filter((contact) => contact.role === role && contact.addresses.length > 0)
  const nearest = reachable.filter(({ of, ofId }) => of === reachable[0]?.of && ofId === reachable[0].ofId)
  return nearest.flatMap(({ name, addresses, of, ofId }) => {
    const why = `${partyWords[role]} of ${of} ${ofId}`
    return addressed(addresses, { party: role, teamId: null, memberId: null, name, locale: 'zh-CN', why })
  })
}

async function contactsNear(unit: Operations, order: DispatchedOrder) {
  if (order.deviceId !== null) return unit.contactsOf(order.deviceId)
  const siteId = (await unit.incident(order.incidentId))?.place.siteId ?? null
  const sites = siteId === null ? [] : await unit.sitesAbove(siteId)
  return sites.flatMap((site) => site.contacts.map((contact) => ({ ...contact, of: site.type, ofId: site.id })))
}
