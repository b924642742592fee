import { createHash, randomUUID } from 'node:crypto'
import { dayMs } from '../core/clock.ts'
import type { WorkOrder } from '../core/incident.ts'
import type { Notice, NoticeReason, Recipient } from '../core/notice.ts'
import type { Party, PlanStep } from '../core/plan.ts'
import type { Severity } from '../core/severity.ts'
import type { Operations } from '../stores/operations/port.ts'
import { recipientsOf } from './dispatch.ts'

/** A notice that could not be delivered for so long is a dead letter. */
export const giveUpAfterMs = dayMs

/** What the words of an order's notice are made of, as it was when the notice was written. */
export interface OrderContent {
  readonly orderId: string
  readonly incidentId: string
  readonly type: WorkOrder['type']
  readonly severity: Severity
  readonly finding: string
  readonly summary: string
  readonly deviceId: string | null
  readonly deviceName: string | null
  /** District to unit, and the address. */
  readonly where: string
  readonly entrance: string | null
  readonly emergencyPlan: string | null
  readonly contacts: readonly string[]
  readonly detectedAt: number
  readonly arriveBy: number | null
  readonly dueAt: number | null
  readonly teamName: string | null
  /** The goal that was missed, where one was. */
  readonly missed: PlanStep['goal'] | null
}

/** What the words of any other notice are made of. */
export interface PlainContent {
  readonly title: { readonly 'zh-CN': string; readonly en: string }
  readonly lines: { readonly 'zh-CN': readonly string[]; readonly en: readonly string[] }
  readonly severity: Severity
}

/**
 * Writes a notice for each recipient of these parties to the outbox, in the caller's transaction: it leaves when that commits,
 * and not otherwise. Writing it again changes nothing. Answers who is told.
 */
export async function notify(
  unit: Operations,
  request: {
    order: WorkOrder
    reason: NoticeReason
    parties: readonly Party[]
    /** The step of the plan that was missed. */
    step?: Pick<PlanStep, 'id' | 'goal'>
    now: number
  },
): Promise<Recipient[]> {
  const { order, parties, now } = request
  const recipients: Recipient[] = []
  for (const party of parties) recipients.push(...(await recipientsOf(unit, order, party, now)))
  return notifyRecipients(unit, { ...request, recipients })
}

/** The same, to recipients that are known already. */
export async function notifyRecipients(
  unit: Operations,
  request: {
    order: WorkOrder
    reason: NoticeReason
    recipients: readonly Recipient[]
    step?: Pick<PlanStep, 'id' | 'goal'>
    now: number
  },
): Promise<Recipient[]> {
  const { order, reason, step, now } = request
  const recipients = withoutRepeats(request.recipients)
  if (recipients.length === 0) return []
  const content = { ...(await contentOf(unit, order, step?.goal ?? null)) }
  const subject = `${order.id}:${reason}:${occasionOf(order, reason, step, now)}`
  // who has 30 minutes is never made to wait for a digest
  const critical = order.arriveBy !== null
  const rows = recipients.map((recipient) =>
    row({ subject, orderId: order.id, reason, recipient, content, critical, now }),
  )
  await unit.insertNotices(rows)
  return recipients
}

/**
 * A notice that is about no order: nobody is on duty, maintenance is due.
 * @param request.subject what it is about, the same for the same occasion: `roster-gap:crew-1:2026-11-24T12:00:00Z`
 */
export async function tell(
  unit: Operations,
  request: {
    subject: string
    reason: NoticeReason
    recipients: readonly Recipient[]
    content: PlainContent
    now: number
  },
): Promise<Recipient[]> {
  const { subject, reason, content, now } = request
  const recipients = withoutRepeats(request.recipients)
  await unit.insertNotices(
    recipients.map((recipient) =>
      row({ subject, orderId: null, reason, recipient, content: { ...content }, critical: false, now }),
    ),
  )
  return recipients
}

/** An order that has ended sends nobody any more; only the word that it ended still leaves. Answers how many it was. */
export function voidNotices(unit: Operations, orderId: string, _now: number): Promise<number> {
  return unit.voidNotices(orderId)
}

function row(given: {
  subject: string
  orderId: string | null
  reason: NoticeReason
  recipient: Recipient
  content: Notice['content']
  critical: boolean
  now: number
}): Notice {
  const { subject, orderId, reason, recipient, content, critical, now } = given
  return {
    id: randomUUID(),
    key: `${subject}:${recipient.channelId}:${addressKey(recipient)}`,
    orderId,
    reason,
    recipient,
    content,
    critical,
    state: 'waiting',
    createdAt: now,
    nextAttemptAt: now,
    giveUpAt: now + giveUpAfterMs,
    attempts: 0,
    held: false,
    sentAt: null,
    sentAs: null,
    lastError: null,
  }
}

/**
 * Tells one occasion from the next, for a key must not swallow what is new: after an upgrade a plan's steps run again, and an
 * order may come back to a crew that had it.
 */
function occasionOf(order: WorkOrder, reason: NoticeReason, step: { id: string } | undefined, now: number): string {
  const clockBegan = order.upgradedAt === null ? '' : `@${order.upgradedAt}`
  if (reason === 'reassigned') return `${order.teamId ?? 'nobody'}@${now}`
  if (reason === 'upgraded') return `${order.severity}${clockBegan}`
  return `${step?.id ?? `v${order.plan?.version ?? 0}`}${clockBegan}`
}

/** No phone number or mailbox stands in a key: keys are logged, and sent to receivers. */
function addressKey({ address }: Recipient): string {
  return address === null ? 'channel' : createHash('sha256').update(address).digest('hex').slice(0, 16)
}

/** One who has two roles is told once, for the first of them. */
function withoutRepeats(recipients: readonly Recipient[]): Recipient[] {
  const places = new Map<string, Recipient>()
  for (const recipient of recipients) {
    const place = `${recipient.channelId} ${addressKey(recipient)}`
    if (!places.has(place)) places.set(place, recipient)
  }
  return [...places.values()]
}

const contactsShown = 3

async function contentOf(unit: Operations, order: WorkOrder, missed: OrderContent['missed']): Promise<OrderContent> {
  const device = order.deviceId === null ? undefined : await unit.device(order.deviceId)
  const siteId = order.siteId ?? device?.siteId ?? null
  const sites = siteId === null ? [] : await unit.sitesAbove(siteId)
  const contacts =
    order.deviceId === null ? sites.flatMap((site) => site.contacts) : await unit.contactsOf(order.deviceId)
  const team = order.teamId === null ? undefined : await unit.team(order.teamId)
  const nearest = <T>(values: readonly (T | null)[]) => values.find((value) => value !== null) ?? null

  const { incidentId, type, severity, finding, summary, deviceId, detectedAt, arriveBy, dueAt } = order
  const path = sites.map(({ name }) => name).reverse()
  const address = nearest(sites.map((site) => site.address))
  return {
    ...{
      orderId: order.id,
      incidentId,
      type,
      severity,
      finding,
      summary,
      deviceId,
      detectedAt,
      arriveBy,
      dueAt,
      missed,
    },
    deviceName: device?.name ?? null,
    where: [path.join(' / '), address].filter(Boolean).join(', '),
    entrance: nearest(sites.map((site) => site.entrance)),
    emergencyPlan: nearest(sites.map((site) => site.emergencyPlan)),
    contacts: contacts.slice(0, contactsShown).map(({ name, phone }) => (phone === null ? name : `${name} ${phone}`)),
    teamName: team?.name ?? order.teamId,
  }
}
