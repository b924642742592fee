import { sql } from 'drizzle-orm'
import { bigserial, boolean, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { ChannelType, Notice, NoticeReason, Recipient } from '../../../core/notice.ts'
import type { Member, Shift, Swap, TeamType } from '../../../core/people.ts'
import type { ChannelAddress } from '../../../core/site.ts'
import { instant, json, transactionId, words } from './columns.ts'

export const teams = pgTable('teams', {
  id: text().primaryKey(),
  type: text().$type<TeamType>().notNull(),
  name: words().notNull(),
  areas: json().$type<readonly string[]>().notNull(),
  skills: json().$type<readonly string[]>().notNull(),
  phone: words(),
  addresses: json().$type<readonly ChannelAddress[]>().notNull(),
  createdAt: instant('created_at').notNull(),
  removedAt: instant('removed_at'),
})

export const members = pgTable(
  'members',
  {
    id: text().primaryKey(),
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    name: words().notNull(),
    phone: words(),
    locale: text().$type<Member['locale']>().notNull(),
    addresses: json().$type<readonly ChannelAddress[]>().notNull(),
    createdAt: instant('created_at').notNull(),
    removedAt: instant('removed_at'),
  },
  (table) => [index('members_team').on(table.teamId)],
)

/** One per team: the whole of it is changed at once, and its history kept. */
export const rosters = pgTable('rosters', {
  teamId: text('team_id')
    .primaryKey()
    .references(() => teams.id),
  timeZone: text('time_zone').$type<'Asia/Shanghai'>().notNull(),
  shifts: json().$type<readonly Shift[]>().notNull(),
  swaps: json().$type<readonly Swap[]>().notNull(),
  holidays: json().$type<readonly string[]>().notNull(),
  version: integer().notNull(),
})

export const channels = pgTable('channels', {
  id: text().primaryKey(),
  type: text().$type<ChannelType>().notNull(),
  name: words().notNull(),
  settings: json().$type<Readonly<Record<string, unknown>>>().notNull(),
  enabled: boolean().notNull(),
  createdAt: instant('created_at').notNull(),
})

/** Written out: only so does the planner see that its index may be used. The reasons are `givingReasons`. */
export const isWaitingToGive = sql`state = 'waiting' and critical and looked_after_at is null
  and reason in ('raised', 'upgraded', 'reassigned', 'on-shift')`

/** The outbox: written in the transaction that changes the order, sent afterwards. */
export const notices = pgTable(
  'notices',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    key: text().notNull(),
    orderId: uuid('order_id'),
    reason: text().$type<NoticeReason>().notNull(),
    channelId: text('channel_id').notNull(),
    /** Of the recipient, for the limit per address. */
    address: words(),
    recipient: json().$type<Recipient>().notNull(),
    content: json().$type<Readonly<Record<string, unknown>>>().notNull(),
    critical: boolean().notNull(),
    state: text().$type<Notice['state']>().notNull(),
    createdAt: instant('created_at').notNull(),
    nextAttemptAt: instant('next_attempt_at').notNull(),
    giveUpAt: instant('give_up_at').notNull(),
    attempts: integer().notNull(),
    /** Held back for a digest, because its address had many. */
    held: boolean().notNull(),
    sentAt: instant('sent_at'),
    /** Key of the message that it left in: its own, or its digest's. */
    sentAs: text('sent_as'),
    lastError: words('last_error'),
    /** When it had waited so long that somebody had to see whether its crew is to be called. */
    lookedAfterAt: instant('looked_after_at'),
  },
  (table) => [
    uniqueIndex('notices_key').on(table.key),
    uniqueIndex('notices_seq').on(table.seq),
    index('notices_waiting')
      .on(table.channelId, table.critical.desc(), table.nextAttemptAt)
      .where(sql`state = 'waiting'`),
    // dangers to life: they go ahead of all that is due
    index('notices_dangers')
      .on(table.channelId, table.nextAttemptAt)
      .where(sql`state = 'waiting' and critical and content ->> 'severity' = 'critical'`),
    index('notices_waiting_to_give').on(table.createdAt).where(isWaitingToGive),
    index('notices_sent').on(table.channelId, table.sentAt).where(sql`state = 'sent'`),
    index('notices_address').on(table.channelId, table.address, table.state, table.sentAt),
    index('notices_state').on(table.state, table.seq),
    index('notices_order').on(table.orderId),
  ],
)

/** What the live stream tells, in the order of the transactions that wrote it. */
export const streamEvents = pgTable(
  'stream_events',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    /** The transaction that wrote it: what is older than every running one can be read without a gap. */
    transaction: transactionId().notNull().default(sql`pg_current_xact_id()`),
    at: instant().notNull(),
    type: text().notNull(),
    subject: text().notNull(),
    data: json().$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (table) => [index('stream_events_order').on(table.transaction, table.id), index('stream_events_at').on(table.at)],
)
