import type { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import type { ChannelType, NoticeReason } from '../../core/notice.ts'
import type { Severity } from '../../core/severity.ts'
import type { Locale } from '../../core/words.ts'
import type { Resolve } from '../notices/safe-fetch.ts'

/** A notice in words, as it leaves. */
export interface Message {
  /** The receiver may know by it that this came before. */
  readonly key: string
  readonly reason: NoticeReason
  readonly severity: Severity
  readonly locale: Locale
  /** On this channel: a phone number, a mailbox, a gateway; null = the channel itself is the address. */
  readonly address: string | null
  /** Of the person or team. */
  readonly name: string
  /** When it was written; ms since 1970. */
  readonly at: number
  readonly title: string
  /** Plain text, one fact a line. */
  readonly lines: readonly string[]
  readonly link: string | null
  readonly linkText: string
  /** The same for programs. */
  readonly data: Readonly<Record<string, unknown>>
}

export type Delivery =
  | { readonly outcome: 'delivered' }
  /** It may work later: not before `afterMs` from now, where the receiver said so. */
  | { readonly outcome: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** It will not work, however often it is tried. */
  | { readonly outcome: 'refused'; readonly reason: string }

export interface SendContext {
  /** Aborted when the time is over: whatever it has begun, it lets go of. */
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** One way to reach people, ready to be used. */
export interface OpenChannel {
  /** Answers `delivered` only when the receiver said that it has it. */
  send(message: Message, context: SendContext): Promise<Delivery>
}

/** What a channel may use of the service around it. */
export interface ChannelTools {
  /**
   * To the gateway's `commands` topic.
   * @throws {ExpectedError} `not-found`: there is no such gateway
   * @throws {Error} it is not connected, or did not take it
   */
  readonly publish: (gatewayId: string, payload: string) => Promise<void>
  /** Instead of DNS. */
  readonly resolve?: Resolve
}

export interface ChannelKind<Settings extends z.ZodType = z.ZodType> {
  readonly type: ChannelType
  readonly settings: Settings
  /** How the fields that hold secrets are shown. */
  readonly hide: Readonly<Record<string, (value: unknown) => unknown>>
  /** Before the settings are saved: may its receiver be reached at all? @throws {Error} one sentence for a person */
  check(settings: z.output<Settings>, tools: ChannelTools): Promise<void>
  open(settings: z.output<Settings>, tools: ChannelTools): OpenChannel
}

export function defineChannel<Settings extends z.ZodType>(kind: ChannelKind<Settings>): ChannelKind<Settings> {
  return kind
}
