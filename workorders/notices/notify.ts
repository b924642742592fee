import { createHash, randomUUID } from 'node:crypto'
import { dayMs } from '../../core/clock.ts'
import { type Incident, isEntrapment, type WorkOrder } from '../../core/incident.ts'
import type { Notice, NoticeReason, Recipient } from '../../core/notice.ts'
import type { Party, PlanStep } from '../../core/plan.ts'
import type { Severity } from '../../core/severity.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recipientsOf } from '../crews/dispatch.ts'
import { isOutage, noPowerAt } from '../intake/no-power.ts'
import { isEnded } from '../life/transitions.ts'
import { contentOf } from './order-content.ts'
import { linkScopeOf } from './order-link.ts'

/** A notice that could not be delivered for so long is a dead letter. */
export const giveUpAfterMs = dayMs

const besideCrew: readonly Party[] = ['insurer-inspector', 'insurer-parts', 'next-crew', 'property']

/** As many of one order are looked through. */
const noticesOfOrder = 1_000

/** What the words of any other notice are made of. */
export interface PlainContent {
  readonly title: { readonly 'zh-CN': string; readonly en: string }
  readonly lines: { readonly 'zh-CN': readonly string[]; readonly en: readonly string[] }
  readonly severity: Severity
}

/** Why now, where the reason alone does not say it. */
export interface Occasion {
  /** What tells this time from the next: a key must not swallow what is new. Absent = the reason does. */
  readonly occasion?: string
  /** In the place of what the order says. */
  readonly summary?: string
  /** What somebody says beside it. */
  readonly said?: string
  /** Somebody is trapped where this order is about an outage. */
  readonly trapped?: { readonly where: string; readonly severity: Severity }
}

/** Of what is told about an order. */
export interface NoticeRequest {
  order: WorkOrder
  reason: NoticeReason
  /** The step of the plan that was missed. */
  step?: Pick<PlanStep, 'id' | 'goal' | 'minutes'>
  heard?: Occasion
  now: number
}

/** What was written about an order, whatever became of it; the newest first. */
export async function noticesOf(unit: Operations, orderId: string): Promise<Notice[]> {
  return (await unit.notices({ orderId, limit: noticesOfOrder })).items
}

/**
 * Writes a notice for each recipient of these parties to the outbox, in the caller's transaction: it leaves when that commits,
 * and not otherwise. Writing it again changes nothing. Answers who is told.
 */
export async function notify(
  unit: Operations,
  request: NoticeRequest & { parties: readonly Party[] },
): Promise<Recipient[]> {
  return notifyRecipients(unit, { ...request, recipients: await recipientsOfAll(unit, request) })
}

async function recipientsOfAll(
  unit: Operations,
  { order, parties, now }: Pick<NoticeRequest, 'order' | 'now'> & { parties: readonly Party[] },
): Promise<Recipient[]> {
  const recipients: Recipient[] = []
  for (const party of parties) recipients.push(...(await recipientsOf(unit, order, party, now)))
  return recipients
}

/**
 * What is new about an order that runs; whom no message of it went to reads the first one instead, and whom these very words go to by
 * another one of this moment reads no second.
 */
export async function notifyFurther(
  unit: Operations,
  request: Omit<NoticeRequest, 'step'> & { reason: 'reported-again' | 'upgraded'; parties: readonly Party[] },
): Promise<void> {
  const { order, reason, heard, now } = request
  const letters = (await noticesOf(unit, order.id)).filter(isOnItsWay)
  const reading = reason === 'upgraded' ? [] : letters.filter((letter) => isSaying(letter, heard?.summary, now))
  const haveRead = new Set(reading.map(({ recipient }) => placeOf(recipient)))
  const recipients = (await recipientsOfAll(unit, request)).filter((recipient) => !haveRead.has(placeOf(recipient)))
  const places = new Set(letters.map(({ recipient }) => placeOf(recipient)))
  const knows = (recipient: Recipient) => places.has(placeOf(recipient))
  await notifyRecipients(unit, { ...request, recipients: recipients.filter(knows) })
  const occasion = heard?.occasion ?? occasionOf(order, reason, undefined, now)
  const said = heard?.summary === undefined ? {} : { said: heard.summary }
  const first = { order, reason: 'raised', heard: { occasion, ...said }, now } as const
  await notifyRecipients(unit, { ...first, recipients: recipients.filter((recipient) => !knows(recipient)) })
}

/** By it they read these words at this moment. */
function isSaying({ reason, createdAt, content }: Notice, words: string | undefined, now: number): boolean {
  if (createdAt !== now || words === undefined) return false
  return reason === 'raised' ? content.said === words : content.summary === words
}

/** The same, to recipients that are known already. */
export async function notifyRecipients(
  unit: Operations,
  request: NoticeRequest & { recipients: readonly Recipient[] },
): Promise<Recipient[]> {
  const { order, reason, step, heard, now } = request
  const recipients = withoutRepeats(request.recipients)
  if (recipients.length === 0) return []
  const content = {
    ...(await contentOf(unit, order, step ?? null, now)),
    // the order's own figures would stand in the place of these words
    ...(heard?.summary !== undefined && { summary: heard.summary, evidence: {} }),
    ...(heard?.said !== undefined && { said: heard.said }),
    ...(heard?.trapped && { trappedIn: heard.trapped.where, severity: heard.trapped.severity }),
  }
  const subject = `${order.id}:${reason}:${heard?.occasion ?? occasionOf(order, reason, step, now)}`
  // who has 30 minutes is never made to wait for a digest
  const critical = order.arriveBy !== null
  const rows = recipients.map((recipient) =>
    row({ subject, orderId: order.id, reason, recipient, content, critical, now }),
  )
  await unit.insertNotices(rows)
  return recipients
}

/**
 * The crew that had an order hears that another has it now. Where no other has it, nobody is turned back; and whoever would be told in
 * the crew's place has not set out.
 * @param before with the crew that had it
 */
export async function tellFormerCrew(
  unit: Operations,
  before: WorkOrder,
  order: WorkOrder,
  now: number,
): Promise<void> {
  if (order.teamId === null || before.teamId === null || before.teamId === order.teamId) return
  const recipients = await ownCrew(unit, before, now)
  await notifyRecipients(unit, { order, reason: 'handed-over', recipients, now })
}

/** Its crew, and nobody in their place. */
export async function ownCrew(unit: Operations, order: WorkOrder, now: number): Promise<Recipient[]> {
  return (await recipientsOf(unit, order, 'crew', now)).filter(({ party }) => party === 'crew')
}

/** It has reached somebody, or will. */
export function isOnItsWay({ state }: Notice): boolean {
  return state === 'sent' || state === 'waiting'
}

/** It has reached somebody, or may have. */
export function wasTold({ state, attempts }: Notice): boolean {
  return state === 'sent' || attempts > 0
}

/** The insurer's people, the property contact and whoever was called to help, if they were told of an order, or may have been, hear how it ended. */
export async function tellEnd(
  unit: Operations,
  order: WorkOrder,
  reason: 'cancelled' | 'closed',
  now: number,
): Promise<void> {
  const told = (await noticesOf(unit, order.id)).filter(wasTold)
  const recipients = told.map(({ recipient }) => recipient).filter(({ party }) => besideCrew.includes(party))
  await notifyRecipients(unit, { order, reason, recipients, now })
}

/** Whoever goes for the outage may be there first: another crew than that of the passenger hears of the passenger. */
export async function tellOutageCrews(
  unit: Operations,
  order: WorkOrder,
  incident: Incident,
  now: number,
): Promise<void> {
  if (!isEntrapment(order)) return
  const trapped = await trappedBy(unit, order)
  for (const { id } of await noPowerAt(unit, incident)) {
    const other = await unit.orderOfIncident(id)
    if (other === undefined || isEnded(other) || other.teamId === null || other.teamId === order.teamId) continue
    const heard = { occasion: `order ${order.id}`, trapped }
    await notify(unit, { order: other, reason: 'passenger', parties: ['crew'], heard, now })
  }
}

/**
 * The same when the outage is found after the passenger was: its crew hears of the passenger, and theirs of the outage.
 * @param order of the outage
 */
export async function tellOfTrapped(
  unit: Operations,
  order: WorkOrder,
  { id, scope, place, finding }: Incident,
  now: number,
): Promise<void> {
  if (!isOutage({ finding })) return
  for (const entrapment of await unit.openEntrapmentsIn({ scope, place })) {
    const outage = { occasion: `outage ${id}` }
    await notify(unit, { order: entrapment, reason: 'outage', parties: ['crew'], heard: outage, now })
    if (order.teamId === null || order.teamId === entrapment.teamId) continue
    const heard = { occasion: `order ${entrapment.id}`, trapped: await trappedBy(unit, entrapment) }
    await notify(unit, { order, reason: 'passenger', parties: ['crew'], heard, now })
  }
}

async function trappedBy(unit: Operations, { deviceId, severity }: WorkOrder) {
  const device = deviceId === null ? undefined : await unit.device(deviceId)
  return { where: device?.name ?? deviceId ?? '', severity }
}

/**
 * A notice that is about no order: nobody is on duty, maintenance is due.
 * @param request.subject what it is about, the same for the same occasion: `roster-gap:crew-1:2026-11-24T12:00:00.000Z@1795435200000`
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
    key: `${subject}:${placeOf(recipient)}`,
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
  if (reason === 'reassigned' || reason === 'handed-over' || reason === 'on-shift')
    return `${order.teamId ?? 'nobody'}@${now}`
  if (reason === 'upgraded') return `${order.severity}${clockBegan}`
  return `${step?.id ?? `v${order.plan?.version ?? 0}`}${clockBegan}`
}

/**
 * Where a message goes. Whoever shares a phone or a mailbox shares what comes there; but behind a channel without addresses (a
 * group, another program) are several people, each with a link of their own. No phone number, mailbox or name stands in it: keys
 * are logged, and sent to receivers.
 */
export function placeOf({ channelId, address, memberId, name }: Recipient): string {
  const at = address === null ? ['who', memberId ?? name] : ['address', address]
  return `${channelId}:${createHash('sha256').update(at.join(':')).digest('hex').slice(0, 16)}`
}

/** What the link of a notice lets one do: more, from left to right. */
const scopes = ['watch', 'contact', 'inspector', 'duty-room', 'crew'] as const
const power = ({ party }: Recipient) => scopes.indexOf(linkScopeOf(party))

/** One who has two roles is told once, for the one in which they can do more. */
function withoutRepeats(recipients: readonly Recipient[]): Recipient[] {
  const places = new Map<string, Recipient>()
  for (const recipient of recipients) {
    const known = places.get(placeOf(recipient))
    if (known === undefined || power(recipient) > power(known)) places.set(placeOf(recipient), recipient)
  }
  return [...places.values()]
}
