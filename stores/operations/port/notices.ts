import type { Channel, Notice } from '../../../core/notice.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** What became of the notices of a channel, for the operator. */
export interface ChannelState {
  readonly channelId: string
  readonly waiting: number
  readonly dead: number
  /** When the notice that waits longest was written. */
  readonly waitingSince: number | null
  readonly lastSentAt: number | null
  /** Of a notice that still waits or is dead, the newest. */
  readonly lastError: string | null
}

export interface NewStreamEvent {
  readonly at: number
  /** What kind of thing happened: `order.accepted`, `incident.opened`. */
  readonly type: string
  /** What it happened to: the id of an order or incident. */
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A place in the stream: the transaction that wrote the event, and the event's own number in it. */
export interface StreamPosition {
  /** Decimal digits: it may pass 2^53. */
  readonly transaction: string
  readonly id: number
}

export type StreamEvent = NewStreamEvent & StreamPosition

/** Channels, the outbox of notices, and the live stream. */
export interface NoticeTables {
  /** @throws {ExpectedError} `already-exists` */
  insertChannel(channel: Channel): Promise<void>
  updateChannel(id: string, change: Partial<Pick<Channel, 'name' | 'settings' | 'enabled'>>): Promise<boolean>
  deleteChannel(id: string): Promise<boolean>
  /** Teams and members that are reached by it, and whether notices wait for it: "team duty-room", … */
  channelUses(id: string): Promise<string[]>
  channel(id: string): Promise<Channel | undefined>
  /** Locked until the transaction ends, so that two changes of its settings cannot overwrite each other. */
  lockChannel(id: string): Promise<Channel | undefined>
  /** By id. */
  channels(page: PageRequest): Promise<Page<Channel>>
  countChannels(): Promise<number>
  channelStates(): Promise<ChannelState[]>

  /** Leaves out those whose key is there already. */
  insertNotices(notices: readonly Notice[]): Promise<void>
  notice(id: string): Promise<Notice | undefined>
  /** Newest first. */
  notices(
    page: PageRequest & InSight & { state?: Notice['state']; channelId?: string; orderId?: string },
  ): Promise<Page<Notice>>
  /** Those of an ended order that have not left, but for those of `toldAfterItEnded`. Answers how many. */
  voidNotices(orderId: string): Promise<number>
  /** Those of them that have not left. */
  voidWaiting(ids: readonly string[]): Promise<void>

  /** Channels with something due. */
  dueChannels(now: number): Promise<string[]>
  /**
   * Takes what is due: the critical ones of critical orders first, then the other critical ones, and of each those due longest;
   * none that another worker has. Whoever took them may work on them until `leaseUntil`; then they are due again.
   */
  claimNotices(claim: { channelId: string; now: number; limit: number; leaseUntil: number }): Promise<Notice[]>
  /** Takes what is held back for an address, due or not: all of one digest, or (null) all that belongs to none yet. */
  claimHeld(claim: {
    channelId: string
    address: string | null
    sentAs: string | null
    leaseUntil: number
    limit: number
  }): Promise<Notice[]>
  /** What was claimed and not tried: due at once, and at its place among the others, as it was before. */
  giveBackNotices(ids: readonly string[]): Promise<void>
  /** From now on they leave together, under this key. */
  putInDigest(ids: readonly string[], sentAs: string): Promise<void>
  /**
   * Holds back what waits for an address until then, but for critical ones, those held back already, and those (by id) that are
   * about to leave. Answers how many.
   */
  holdNotices(hold: {
    channelId: string
    address: string | null
    until: number
    lastError: string
    except: readonly string[]
  }): Promise<number>
  /** When those that are held back for an address are due; null when there are none. */
  heldUntil(channelId: string, address: string | null): Promise<number | null>
  /** When messages left for an address after `since`, newest first, at most `limit`; a digest is one message. */
  messagesSince(channelId: string, address: string | null, since: number, limit: number): Promise<number[]>
  /** Answers which of them had not been sent already. */
  markSent(sent: readonly { id: string; sentAt: number; sentAs: string }[]): Promise<string[]>
  /** Those that were sent or voided meanwhile stay so. */
  postponeNotices(ids: readonly string[], retry: { nextAttemptAt: number; lastError: string }): Promise<void>
  /** Those that were sent or voided meanwhile stay so. */
  buryNotices(ids: readonly string[], lastError: string): Promise<void>
  /**
   * Those that gave an order with a clock to somebody, were written at `writtenBefore` or before and still wait, and that nobody has
   * looked after; oldest first.
   * @param after only those that come after this one
   */
  waitingToGive(writtenBefore: number, limit: number, after?: Pick<Notice, 'createdAt' | 'id'>): Promise<Notice[]>
  /** `waitingToGive` does not answer it again. */
  markLookedAfter(id: string, at: number): Promise<void>
  /** Takes one from the dead letters. Answers false when it is not there. */
  reviveNotice(id: string, again: { nextAttemptAt: number; giveUpAt: number }): Promise<boolean>
  /** How many notices are in which state; of those that wait, since when. */
  noticeCounts(): Promise<{ waiting: number; dead: number; waitingSince: number | null }>
  /** Drops notices that left or became void before then. Answers how many. */
  trimNotices(createdBefore: number): Promise<number>

  insertStreamEvent(...events: readonly NewStreamEvent[]): Promise<void>
  /**
   * What comes after a place, in order of transactions, and without a gap: only what was written by transactions older than
   * every one that still runs, for those may yet add something before it.
   */
  streamAfter(after: StreamPosition, limit: number): Promise<StreamEvent[]>
  /** The last place that can be read now. */
  streamHead(): Promise<StreamPosition>
  /** Whether the event of that place is still kept: then nothing after it is missing. */
  isInStream(place: StreamPosition): Promise<boolean>
  /** Drops what is older. Answers how many. */
  trimStream(before: number): Promise<number>
}

/** Before every event. */
export const streamStart: StreamPosition = { transaction: '0', id: 0 }
