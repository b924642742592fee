import { callersOf, callerText } from '../../core/callers.ts'
import { chineseDetail } from '../../core/chinese-detail.ts'
import { minuteMs } from '../../core/clock.ts'
import { isGivenOn, type WorkOrder } from '../../core/incident.ts'
import { summaryFor } from '../../core/lift-report.ts'
import type { Notice, NoticeReason, Recipient } from '../../core/notice.ts'
import type { Party } from '../../core/plan.ts'
import { type Locale, localMinute, type Words, words } from '../../core/words.ts'
import type { Message } from '../channels/port.ts'
import type { OrderContact } from '../crews/whom-to-call.ts'
import { isEnded, mayBeDone } from '../life/transitions.ts'
import type { PlainContent } from './notify.ts'
import type { OrderContent } from './order-content.ts'
import { linkScopeOf, maySeeCallers } from './order-link.ts'

/**
 * A notice in the words of whoever gets it. What is left of the time is counted when it is sent.
 * @param order as it is now; undefined when the notice is about none
 */
export function wordNotice(notice: Notice, order: WorkOrder | undefined, link: string | null, now: number): Message {
  const { recipient, key, reason, createdAt: at } = notice
  const { locale, address, name } = recipient
  const say = words[locale]
  const base = { key, reason, locale, address, name, at, link, linkText: say.open }
  if (reason === 'test') {
    return { ...base, severity: 'info', title: say.testTitle, lines: [say.testText], data: { noticeId: notice.id } }
  }
  if (notice.orderId === null) {
    const { title, lines, severity } = notice.content as unknown as PlainContent
    const told = { title: title[locale], lines: lines[locale] }
    return { ...base, ...told, severity, data: { noticeId: notice.id } }
  }
  const content = notice.content as unknown as OrderContent
  return {
    ...base,
    severity: order?.severity ?? content.severity,
    title: titleOf(notice, content, order, say),
    lines: [...orderLines(notice, content, order, say, now), ...(link === null ? [say.noLink] : [])],
    data: dataOf(notice, content, order),
  }
}

const longestTitle = 80

function titleOf(
  { reason, recipient }: Notice,
  content: OrderContent,
  order: WorkOrder | undefined,
  say: Words,
): string {
  const about = aboutOf(content, say)
  const what = [...whatOf(content, say)].slice(0, longestTitle).join('')
  return `[${say.severities[content.severity]}] ${whyOf({ reason, party: recipient.party }, content, order, say)}: ${what}${about === null ? '' : ` (${about})`}`
}

/** A step that was missed says which; who is called back hears why; whoever hears it in the crew's place is to call the crew. */
function whyOf(
  { reason, party }: { reason: NoticeReason; party: Party },
  content: OrderContent,
  order: WorkOrder | undefined,
  say: Words,
): string {
  // notices that were written before they said the minutes have none
  const { missed, missedMinutes = null } = content
  if (reason === 'escalated' && missed !== null) return say.missed[missed](missedMinutes)
  if (reason === 'merged' && order !== undefined && order.mergedIntoId !== null) return say.mergedAway
  if (reason === 'closed' && order?.outcome === 'false-alarm' && order.restoredAt === null) return say.falseAlarm
  return say.reasons[reason === 'reassigned' && party !== 'crew' ? 'not-reached' : reason]
}

/** As the field calls it, else in the words of whoever found it. */
export function whatOf({ finding, summary }: Pick<WorkOrder, 'finding' | 'summary'>, say: Words): string {
  return say.findings[finding] ?? summaryFor(summary, say.locale)
}

/** The figures behind it in the reader's language; null when `whatOf` says it all. */
export function detailOf(
  { finding, summary, evidence }: Pick<OrderContent, 'finding' | 'summary' | 'evidence'>,
  locale: Locale,
): string | null {
  const figures = locale === 'zh-CN' ? chineseDetail(evidence) : undefined
  return figures ?? (words[locale].findings[finding] === undefined ? null : summary)
}

/** The device by its name, or what else it is about: "gateway gw-7". */
export function aboutOf(
  { deviceId, deviceName, scope, siteName }: Pick<OrderContent, 'deviceId' | 'deviceName' | 'scope' | 'siteName'>,
  say: Words,
): string | null {
  if (deviceId !== null) return deviceName ?? deviceId
  return siteName ?? (scope === null ? null : `${say.scopes[scope.type]} ${scope.id}`)
}

/** From the district to the device. */
export function whereOf(content: OrderContent, say: Words): string | null {
  const { deviceId, deviceName, siteName, where } = content
  const named = deviceName === null ? aboutOf(content, say) : `${deviceName} (${deviceId})`
  return [where, siteName === null ? named : null].filter(Boolean).join(', ') || null
}

/** "Property Li 0571-8888" */
function contactWords({ role, name, phone }: OrderContact, say: Words): string {
  return [say.contacts[role], name, phone].filter(Boolean).join(' ')
}

/** From the order as it is, for what a notice froze could not be forgotten; for those who read it on the page behind its link, too. */
function reporters(order: WorkOrder | undefined, { party, teamId }: Recipient): string | null {
  if (order === undefined || !maySeeCallers(order, { scope: linkScopeOf(party), teamId })) return null
  return callersOf(order.reportedBy).map(callerText).join('; ') || null
}

/** Null where nobody is trapped, or there is power. */
export function powerOf({ noPower }: Pick<OrderContent, 'noPower'>, say: Words): string | null {
  // notices that were written before they said it have none
  if (!noPower) return null
  return say.since(say.findings[noPower.finding] ?? noPower.finding, localMinute(noPower.since))
}

/** "Meter 301 (Unit 2), Meter 302 (Unit 2), and 7 more"; null where it is about one thing. */
export function membersText({ members }: Pick<OrderContent, 'members'>, say: Words): string | null {
  // notices that were written before they said it have none
  if (!members) return null
  return [...members.names, ...(members.more > 0 ? [say.moreDevices(members.more)] : [])].join(', ')
}

/** What, where, how long is left, who. */
function orderLines(notice: Notice, content: OrderContent, order: WorkOrder | undefined, say: Words, now: number) {
  const { labels } = say
  const { contacts } = content
  const { recipient } = notice
  const arriveBy = order?.arriveBy ?? content.arriveBy
  const waits = order === undefined || order.arrivedAt === null
  const onSiteBy =
    arriveBy === null
      ? null
      : `${localMinute(arriveBy)}${waits ? `, ${say.minutesLeft(minutesTo(arriveBy, now))}` : ''}`
  const facts: readonly (readonly [string, string | null])[] = [
    [labels.to, recipient.address === null ? recipient.name : null],
    [labels.what, whatOf(content, say)],
    [labels.said, content.said ?? null],
    [labels.reportedBy, reporters(order, recipient)],
    [labels.where, whereOf(content, say)],
    [labels.members, membersText(content, say)],
    [labels.onSiteBy, onSiteBy],
    [labels.due, content.dueAt === null ? null : localMinute(content.dueAt)],
    [labels.power, powerOf(content, say)],
    [labels.details, detailOf(content, recipient.locale)],
    [labels.state, order === undefined ? null : stateOf(order, content.teamName, say)],
    [labels.assigned, content.teamName ?? say.nobodyAssigned],
    [labels.entrance, content.entrance],
    [labels.plan, content.emergencyPlan],
    [labels.contact, contacts.map((contact) => contactWords(contact, say)).join('; ') || null],
    [labels.detected, localMinute(content.detectedAt)],
    [labels.why, recipient.why || null],
    [labels.order, content.orderId],
  ]
  const lines = facts.flatMap(([label, value]) => (value === null ? [] : [`${label}: ${value}`]))
  if (content.trappedIn) return [say.trappedIn(content.trappedIn), ...lines]
  const isDecided = order === undefined || isEnded(order) || order.arrivedAt !== null
  const asks = notice.reason === 'ask-first' && (order === undefined || mayBeDone(order, 'dealt-with'))
  if (asks) return [say.askFirst, ...lines]
  return order?.outcome === 'self-corrected' && !isDecided ? [say.saidDealtWith, ...lines] : lines
}

/** @param teamName of the team that has it */
export function stateOf(order: WorkOrder, teamName: string | null, say: Words): string {
  if (isGivenOn(order)) return say.notAccepted(teamName)
  return order.technicianName === null
    ? say.states[order.state]
    : `${say.states[order.state]} (${order.technicianName})`
}

/** Whole minutes that are still there; the last one is over at the deadline. */
export function minutesTo(deadline: number, now: number): number {
  return Math.floor((deadline - now) / minuteMs)
}

function dataOf(notice: Notice, content: OrderContent, order: WorkOrder | undefined) {
  const { detectedAt, arriveBy, dueAt, ...rest } = content
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const times = { detectedAt: iso(detectedAt), arriveBy: iso(order?.arriveBy ?? arriveBy), dueAt: iso(dueAt) }
  const { party, teamId, memberId, why } = notice.recipient
  return { ...rest, ...times, noticeId: notice.id, state: order?.state ?? null, party, teamId, memberId, why }
}

/** What a team's people and the duty room read when nobody will be there. */
export function rosterGapContent(teamName: string, from: number, until: number): PlainContent {
  const hours = `${localMinute(from)} – ${localMinute(until)}`
  return {
    severity: 'warning',
    // in the title, for a digest and a text message have nothing else
    title: { en: `Nobody is on duty: ${teamName}, ${hours}`, 'zh-CN': `无人值班：${teamName}，${hours}` },
    lines: { en: ['Add a shift or a swap to the roster.'], 'zh-CN': ['请在排班表中补上班次或换班。'] },
  }
}

/** Many in one: a line and a link for each. */
export function wordDigest(key: string, messages: readonly Message[], locale: Locale): Message {
  const [first] = messages
  if (first === undefined) throw new TypeError('a digest of nothing')
  const say = words[locale]
  const lines = messages.map(({ title, at, link, address, name }) => {
    const to = address === null ? [`${say.labels.to}: ${name}`] : []
    return [localMinute(at), title, ...to, ...(link === null ? [] : [link])].join(' ')
  })
  return {
    ...first,
    key,
    title: say.digestTitle(messages.length),
    lines,
    link: null,
    data: { digest: messages.map(({ key: noticeKey, data }) => ({ ...data, key: noticeKey })) },
  }
}
