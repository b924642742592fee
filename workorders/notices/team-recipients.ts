import type { Recipient } from '../../core/notice.ts'
import type { Member } from '../../core/people.ts'
import type { Party } from '../../core/plan.ts'
import type { ChannelAddress } from '../../core/site.ts'
import { type Locale, words } from '../../core/words.ts'
import type { Operations, RosteredTeam } from '../../stores/operations/port.ts'
import { dutyWords, isRostered, presentIn, sentence } from '../crews/teams.ts'

interface Told {
  readonly team: RosteredTeam
  readonly members: readonly Member[]
  readonly party: Party
  /** False: where nobody is on duty, all members are told rather than nobody. */
  readonly byShift: boolean
  /** Who has the order: told on duty or not. */
  readonly acceptedBy?: string | null
  readonly now: number
}

/** A team's own addresses, then those of its members who are on duty, then that of whoever has accepted and is not. */
export function teamRecipients({ team, members, party, byShift, acceptedBy = null, now }: Told): Recipient[] {
  const onDutyIds = isRostered(team) ? new Set(presentIn(team.roster, now)) : undefined
  const present = members.filter(({ id }) => onDutyIds?.has(id) ?? true)
  const base = (locale: Locale, duty = present.length > 0 ? dutyWords(team, now, words[locale].because) : '') => ({
    ...{ party, teamId: team.id, locale },
    why: sentence(team, [words[locale].parties[party], duty]),
  })
  const toMembers = (people: readonly Member[], duty?: (locale: Locale) => string) =>
    people.flatMap(({ id: memberId, name, locale, addresses }) =>
      addressed(addresses, { ...base(locale, duty?.(locale)), memberId, name }),
    )
  const away = members.filter((member) => member.id === acceptedBy && !present.includes(member))

  const teamLocale = members.length > 0 && members.every(({ locale }) => locale === 'en') ? 'en' : 'zh-CN'
  const own = addressed(team.addresses, { ...base(teamLocale), memberId: null, name: team.name })
  const found = [...own, ...toMembers(present), ...toMembers(away, (locale) => words[locale].because.hasAccepted)]
  return found.length === 0 && !byShift ? toMembers(members) : found
}

export function addressed(
  addresses: readonly ChannelAddress[],
  who: Omit<Recipient, 'channelId' | 'address'>,
): Recipient[] {
  return addresses.map(({ channelId, address }) => ({ ...who, channelId, address }))
}

/**
 * The same teams, people or contacts, with those of their addresses that lead somewhere now. What is sent to a channel that is
 * switched off or gone becomes a dead letter: whoever has no other way counts as one who cannot be told.
 */
export async function withOpenAddresses<T extends { readonly addresses: readonly ChannelAddress[] }>(
  unit: Operations,
  holders: readonly T[],
): Promise<T[]> {
  const isOpen = new Map<string, boolean>()
  for (const { channelId } of holders.flatMap(({ addresses }) => addresses)) {
    if (!isOpen.has(channelId)) isOpen.set(channelId, (await unit.channel(channelId))?.enabled ?? false)
  }
  return holders.map((holder) => {
    const addresses = holder.addresses.filter(({ channelId }) => isOpen.get(channelId))
    return addresses.length === holder.addresses.length ? holder : { ...holder, addresses }
  })
}

/**
 * Whether a team has addresses, none of which leads anywhere now: it would not hear of an order. One without any address is not
 * cut off, for somebody calls it.
 */
export async function isCutOff(
  unit: Operations,
  team: RosteredTeam,
  { byShift, now }: { byShift: boolean; now: number },
): Promise<boolean> {
  const members = await unit.membersOf([team.id])
  const told = { party: 'crew', byShift, now } as const
  if (teamRecipients({ team, members, ...told }).length === 0) return false
  const [openTeam = team] = await withOpenAddresses(unit, [team])
  const openMembers = await withOpenAddresses(unit, members)
  return teamRecipients({ team: openTeam, members: openMembers, ...told }).length === 0
}
