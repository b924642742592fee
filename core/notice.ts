import type { Party } from './plan.ts'

export const channelTypes = ['webhook', 'dingtalk', 'wecom', 'feishu', 'email', 'http-template', 'mqtt'] as const
export type ChannelType = (typeof channelTypes)[number]

/** A way to reach people, with its address and secrets. */
export interface Channel {
  readonly id: string
  readonly type: ChannelType
  readonly name: string
  /** What its type needs; each type's own zod schema has checked it. Holds secrets: never leaves as it is. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly enabled: boolean
  readonly createdAt: number
}

/** One person, team or contact on one channel, and why it is they. */
export interface Recipient {
  readonly party: Party
  readonly teamId: string | null
  readonly memberId: string | null
  readonly name: string
  readonly channelId: string
  readonly address: string | null
  readonly locale: 'zh-CN' | 'en'
  readonly why: string
}

export const noticeReasons = [
  'raised',
  'upgraded',
  'escalated',
  'reassigned',
  'on-shift',
  'not-reached',
  'handed-over',
  'merged',
  'reported-again',
  'still-told',
  'passenger',
  'outage',
  'moved',
  'ask-first',
  'dealt-with',
  'help-comes',
  'cancelled',
  'closed',
  'roster-gap',
  'maintenance-due',
  'report-ready',
  'public-value',
  'test',
] as const
export type NoticeReason = (typeof noticeReasons)[number]

/** By these a team learns that an order is theirs. */
export const givingReasons: readonly NoticeReason[] = ['raised', 'upgraded', 'reassigned', 'on-shift']

/** These leave though their order has ended meanwhile: whoever is on the road must hear that nobody waits for them. */
export const toldAfterItEnded: readonly NoticeReason[] = ['cancelled', 'closed', 'handed-over', 'merged', 'still-told']

/** A row of the outbox: it leaves at least once, always with the same key (in a digest, with that of the digest). */
export interface Notice {
  readonly id: string
  /** Idempotency key for the receiver; the same effect always has the same one. */
  readonly key: string
  readonly orderId: string | null
  readonly reason: NoticeReason
  readonly recipient: Recipient
  /** What the words are made of, frozen when it was written. */
  readonly content: Readonly<Record<string, unknown>>
  readonly state: 'waiting' | 'sent' | 'dead' | 'void'
  readonly createdAt: number
  /** Somebody's life may hang on it: it is never held back, and leaves first. */
  readonly critical: boolean
  readonly nextAttemptAt: number
  /** A dead letter from then on, if it could not be delivered. */
  readonly giveUpAt: number
  readonly attempts: number
  /** It waits for a digest, because its address had many lately. */
  readonly held: boolean
  readonly sentAt: number | null
  /** Key of the message that it left in: its own, or its digest's, and that from when the digest is made. */
  readonly sentAs: string | null
  readonly lastError: string | null
}
