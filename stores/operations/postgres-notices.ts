import { and, asc, desc, eq, gt, inArray, isNull, lt, lte, notInArray, or, type SQL, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import { type Channel, type Notice, toldAfterItEnded } from '../../core/notice.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import { first, pageOf, seqOf, withoutSeq } from './pages.ts'
import { type NoticeTables, type Page, streamStart } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

const { channels, isWaitingToGive, notices, streamEvents } = tables

/** Channels, the outbox of notices, and the live stream. */
export function noticeTables(database: Database): NoticeTables {
  return { ...channelTables(database), ...outboxTables(database), ...streamTables(database) }
}

type ChannelTables = Pick<
  NoticeTables,
  | 'insertChannel'
  | 'updateChannel'
  | 'deleteChannel'
  | 'channelUses'
  | 'channel'
  | 'lockChannel'
  | 'channels'
  | 'countChannels'
  | 'channelStates'
>

function channelTables(database: Database): ChannelTables {
  return {
    async insertChannel(channel) {
      const rows = await database.insert(channels).values(channel).onConflictDoNothing().returning({ id: channels.id })
      if (rows.length === 0) throw new ExpectedError('already-exists', `There is a channel ${channel.id} already`)
    },
    async updateChannel(id, change) {
      const rows = await database.update(channels).set(change).where(eq(channels.id, id)).returning({ id: channels.id })
      return rows.length > 0
    },
    async channelUses(id) {
      const reached = JSON.stringify([{ channelId: id }])
      const uses = await Promise.all(
        [tables.teams, tables.members].map(async (table) => {
          const rows = await database
            .select({ id: table.id })
            .from(table)
            .where(and(isNull(table.removedAt), sql`${table.addresses} @> ${reached}::jsonb`))
          return rows.map((row) => `${table === tables.teams ? 'team' : 'member'} ${row.id}`)
        }),
      )
      const waiting = await database.$count(notices, and(eq(notices.channelId, id), eq(notices.state, 'waiting')))
      return [...uses.flat(), ...(waiting > 0 ? [`${waiting} notices that wait`] : [])]
    },
    async deleteChannel(id) {
      const rows = await database.delete(channels).where(eq(channels.id, id)).returning({ id: channels.id })
      return rows.length > 0
    },
    channel: async (id) => first(await database.select().from(channels).where(eq(channels.id, id))),
    lockChannel: async (id) => first(await database.select().from(channels).where(eq(channels.id, id)).for('update')),
    async channels(page) {
      const rows = await database
        .select()
        .from(channels)
        .where(page.after === undefined ? undefined : gt(channels.id, page.after))
        .orderBy(asc(channels.id))
        .limit(page.limit + 1)
      return pageOf<Channel>(rows, page, ({ id }) => id)
    },
    countChannels: () => database.$count(channels),
    async channelStates() {
      const { rows } = await database.execute<{
        channel_id: string
        waiting: string
        dead: string
        waiting_since: string | null
        last_sent_at: string | null
        last_error: string | null
      }>(sql`
        select ${channels.id} as channel_id, open.waiting, open.dead, open.waiting_since, open.last_error, sent.last_sent_at
        from ${channels}
        left join lateral (
          select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'dead') as dead,
            min(created_at) filter (where state = 'waiting') as waiting_since,
            (array_agg(last_error order by seq desc) filter (where last_error is not null))[1] as last_error
          from ${notices} where channel_id = ${channels.id} and state in ('waiting', 'dead')
        ) open on true
        left join lateral (
          select max(sent_at) as last_sent_at from ${notices} where channel_id = ${channels.id} and state = 'sent'
        ) sent on true`)
      return rows.map((row) => ({
        channelId: row.channel_id,
        waiting: Number(row.waiting),
        dead: Number(row.dead),
        waitingSince: toMs(row.waiting_since),
        lastSentAt: toMs(row.last_sent_at),
        lastError: row.last_error,
      }))
    },
  }
}

function outboxTables(database: Database): Omit<NoticeTables, keyof ChannelTables | keyof StreamTables> {
  const atAddress = (channelId: string, address: string | null) =>
    and(eq(notices.channelId, channelId), address === null ? isNull(notices.address) : eq(notices.address, address))
  const isWaiting = eq(notices.state, 'waiting')

  /** Takes the rows that a query picks and locks; `array(…)` makes sure that it runs once. */
  async function take(picked: SQL, leaseUntil: number): Promise<Notice[]> {
    const rows = await database
      .update(notices)
      .set({ nextAttemptAt: leaseUntil, attempts: sql`${notices.attempts} + 1` })
      .where(sql`${notices.id} = any(array(${picked}))`)
      .returning()
    return rows.map(toNotice).sort(byUrgency)
  }

  return {
    async insertNotices(given) {
      if (given.length === 0) return
      const rows = given.map((notice) => ({
        ...notice,
        channelId: notice.recipient.channelId,
        address: notice.recipient.address,
      }))
      await database.execute(sql`${insertMany(notices, rows)} on conflict (key) do nothing`)
    },
    async notice(id) {
      const row = first(await database.select().from(notices).where(eq(notices.id, id)))
      return row && toNotice(row)
    },
    async notices(page) {
      const rows = await database
        .select()
        .from(notices)
        .where(
          and(
            page.state === undefined ? undefined : eq(notices.state, page.state),
            page.channelId === undefined ? undefined : eq(notices.channelId, page.channelId),
            page.orderId === undefined ? undefined : eq(notices.orderId, page.orderId),
            page.after === undefined ? undefined : lt(notices.seq, seqOf(page.after)),
            (await inSight(database, page.sight))('notice'),
          ),
        )
        .orderBy(desc(notices.seq))
        .limit(page.limit + 1)
      const found = rows.map((row) => ({ ...toNotice(row), seq: row.seq }))
      return withoutSeq(pageOf(found, page, ({ seq }) => String(seq))) as Page<Notice>
    },
    async voidNotices(orderId) {
      const { rowCount } = await database
        .update(notices)
        .set({ state: 'void' })
        .where(and(eq(notices.orderId, orderId), isWaiting, notInArray(notices.reason, [...toldAfterItEnded])))
      return rowCount ?? 0
    },
    async voidWaiting(ids) {
      await database
        .update(notices)
        .set({ state: 'void' })
        .where(and(inArray(notices.id, [...ids]), isWaiting))
    },

    async dueChannels(now) {
      const at = new Date(now).toISOString()
      // from channel to channel, not through all that waits: in a flood that is ten thousands, and we look again and again
      const isDue = (critical: boolean) => sql`exists (select from ${notices} where channel_id = channel.id
        and state = 'waiting' and critical = ${sql.raw(String(critical))} and next_attempt_at <= ${at})`
      const { rows } = await database.execute<{ id: string }>(sql`
        with recursive channel (id) as (
          select min(channel_id) from ${notices} where state = 'waiting'
          union all
          select (select min(channel_id) from ${notices} where state = 'waiting' and channel_id > channel.id)
          from channel where channel.id is not null)
        select id from channel where id is not null and (${isDue(true)} or ${isDue(false)})`)
      return rows.map(({ id }) => id)
    },
    claimNotices({ channelId, now, limit, leaseUntil }) {
      const isDue = sql`channel_id = ${channelId} and state = 'waiting' and next_attempt_at <= ${new Date(now).toISOString()}`
      return take(
        sql`with dangers as (
            select id from ${notices} where ${isDue} and critical and content ->> 'severity' = 'critical'
            order by next_attempt_at limit ${limit} for update skip locked),
          others as (
            select id from ${notices} where ${isDue} and (critical and content ->> 'severity' = 'critical') is not true
            order by critical desc nulls last, next_attempt_at limit ${limit} - (select count(*) from dangers)
            for update skip locked)
          select id from dangers union all select id from others`,
        leaseUntil,
      )
    },
    claimHeld: ({ channelId, address, sentAs, leaseUntil, limit }) =>
      take(
        sql`select id from ${notices} where ${atAddress(channelId, address)} and state = 'waiting' and held
          and sent_as is not distinct from ${sentAs}::text
          order by created_at limit ${limit} for update skip locked`,
        leaseUntil,
      ),
    async giveBackNotices(ids) {
      await database
        .update(notices)
        .set({ nextAttemptAt: sql`created_at`, attempts: sql`${notices.attempts} - 1` })
        .where(and(inArray(notices.id, [...ids]), isWaiting))
    },
    async putInDigest(ids, sentAs) {
      await database
        .update(notices)
        .set({ sentAs })
        .where(and(inArray(notices.id, [...ids]), isWaiting))
    },
    async holdNotices({ channelId, address, until, lastError, except }) {
      const { rowCount } = await database
        .update(notices)
        .set({ held: true, nextAttemptAt: until, lastError })
        .where(
          and(
            atAddress(channelId, address),
            isWaiting,
            eq(notices.critical, false),
            eq(notices.held, false),
            notInArray(notices.id, [...except]),
          ),
        )
      return rowCount ?? 0
    },
    async heldUntil(channelId, address) {
      const found = await database
        .select({ until: notices.nextAttemptAt })
        .from(notices)
        .where(and(atAddress(channelId, address), isWaiting, eq(notices.held, true)))
        .orderBy(asc(notices.nextAttemptAt))
        .limit(1)
      return first(found)?.until ?? null
    },
    async messagesSince(channelId, address, since, limit) {
      const { rows } = await database.execute<{ at: string }>(sql`
        select max(sent_at) as at from ${notices}
        where ${atAddress(channelId, address)} and state = 'sent' and sent_at > ${new Date(since).toISOString()}
        group by sent_as order by at desc limit ${limit}`)
      return rows.map(({ at }) => new Date(at).getTime())
    },
    async markSent(sent) {
      const list = (values: readonly string[]) => sql.param([...values])
      const { rows } = await database.execute<{ id: string }>(sql`
        update ${notices} set state = 'sent', sent_at = given.at, sent_as = given.key, last_error = null
        from unnest(${list(sent.map(({ id }) => id))}::uuid[], ${list(sent.map(({ sentAs }) => sentAs))}::text[],
          ${list(sent.map(({ sentAt }) => new Date(sentAt).toISOString()))}::timestamptz[]) as given (id, key, at)
        where notices.id = given.id and notices.sent_at is null returning notices.id`)
      return rows.map(({ id }) => id)
    },
    async postponeNotices(ids, retry) {
      await database
        .update(notices)
        .set(retry)
        .where(and(inArray(notices.id, [...ids]), isWaiting))
    },
    async buryNotices(ids, lastError) {
      await database
        .update(notices)
        .set({ state: 'dead', lastError })
        .where(and(inArray(notices.id, [...ids]), isWaiting))
    },
    async waitingToGive(writtenBefore, limit, after) {
      const isLater =
        after &&
        or(
          gt(notices.createdAt, after.createdAt),
          and(eq(notices.createdAt, after.createdAt), gt(notices.id, after.id)),
        )
      const rows = await database
        .select()
        .from(notices)
        .where(and(isWaitingToGive, lte(notices.createdAt, writtenBefore), isLater))
        .orderBy(asc(notices.createdAt), asc(notices.id))
        .limit(limit)
      return rows.map(toNotice)
    },
    async markLookedAfter(id, at) {
      await database.update(notices).set({ lookedAfterAt: at }).where(eq(notices.id, id))
    },
    async reviveNotice(id, { nextAttemptAt, giveUpAt }) {
      const rows = await database
        .update(notices)
        .set({ state: 'waiting', nextAttemptAt, giveUpAt, attempts: 0, held: false, sentAs: null })
        .where(and(eq(notices.id, id), eq(notices.state, 'dead')))
        .returning({ id: notices.id })
      return rows.length > 0
    },
    async noticeCounts() {
      const { rows } = await database.execute<{ waiting: string; dead: string; since: string | null }>(sql`
        select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'dead') as dead,
          min(created_at) filter (where state = 'waiting') as since
        from ${notices} where state in ('waiting', 'dead')`)
      const counted = first(rows)
      return {
        waiting: Number(counted?.waiting ?? 0),
        dead: Number(counted?.dead ?? 0),
        waitingSince: toMs(counted?.since ?? null),
      }
    },
    async trimNotices(createdBefore) {
      const { rowCount } = await database
        .delete(notices)
        .where(and(lt(notices.createdAt, createdBefore), inArray(notices.state, ['sent', 'void'])))
      return rowCount ?? 0
    },
  }
}

type StreamTables = Pick<NoticeTables, 'insertStreamEvent' | 'streamAfter' | 'streamHead' | 'isInStream' | 'trimStream'>

/** Finished for good: whatever may still be written belongs to a later transaction. */
const settled = sql`${streamEvents.transaction} < pg_snapshot_xmin(pg_current_snapshot())`

function streamTables(database: Database): StreamTables {
  return {
    async insertStreamEvent(...events) {
      if (events.length > 0) await database.execute(insertMany(streamEvents, events))
    },
    streamAfter: ({ transaction, id }, limit) =>
      database
        .select()
        .from(streamEvents)
        .where(
          and(sql`(${streamEvents.transaction}, ${streamEvents.id}) > (${transaction}::xid8, ${id}::bigint)`, settled),
        )
        .orderBy(asc(streamEvents.transaction), asc(streamEvents.id))
        .limit(limit),
    async streamHead() {
      const newest = await database
        .select({ transaction: streamEvents.transaction, id: streamEvents.id })
        .from(streamEvents)
        .where(settled)
        .orderBy(desc(streamEvents.transaction), desc(streamEvents.id))
        .limit(1)
      return first(newest) ?? streamStart
    },
    async isInStream({ transaction, id }) {
      const found = await database
        .select({ id: streamEvents.id })
        .from(streamEvents)
        .where(and(eq(streamEvents.id, id), eq(streamEvents.transaction, transaction)))
      return found.length > 0
    },
    async trimStream(before) {
      const { rowCount } = await database.delete(streamEvents).where(lt(streamEvents.at, before))
      return rowCount ?? 0
    },
  }
}

function toNotice(row: typeof notices.$inferSelect): Notice {
  const { seq: _, channelId: __, address: ___, lookedAfterAt: ____, ...notice } = row
  return notice
}

function byUrgency(a: Notice, b: Notice): number {
  const rank = ({ content }: Notice) => Number(content.severity === 'critical')
  return Number(b.critical) - Number(a.critical) || rank(b) - rank(a) || a.createdAt - b.createdAt
}

function toMs(time: string | null): number | null {
  return time === null ? null : new Date(time).getTime()
}
