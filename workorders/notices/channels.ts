import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { Channel, ChannelType, Notice } from '../../core/notice.ts'
import type { Locale } from '../../core/words.ts'
import type { ChannelState, Operations, Page, PageRequest } from '../../stores/operations/port.ts'
import { channelKinds, checkSettings, openChannel, withoutSecrets } from '../channels/index.ts'
import type { ChannelTools, Delivery } from '../channels/port.ts'
import { findHidden, hideSecrets, restoreSecrets } from '../channels/secrets.ts'
import { giveUpAfterMs } from './notify.ts'
import { wordNotice } from './wording.ts'

/** Each may have messages on the way, and each is asked for what is due. */
const mostChannels = 200
const testWithinMs = 5_000

export interface ChannelOverview extends Channel {
  readonly state: Omit<ChannelState, 'channelId'>
}

export interface NewChannel {
  readonly id: string
  readonly type: ChannelType
  readonly name: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly enabled?: boolean
}

/** What people do with channels and with notices that could not be delivered. Secrets go in and never come out. */
export interface Channels {
  /** @throws {ExpectedError} `already-exists`; `invalid` */
  add(channel: NewChannel, actor: string): Promise<ChannelOverview>
  /**
   * Settings are replaced as a whole; a secret that is sent as it was shown stays.
   * @throws {ExpectedError} `not-found`; `invalid`
   */
  update(
    id: string,
    change: Partial<Pick<Channel, 'name' | 'settings' | 'enabled'>>,
    actor: string,
  ): Promise<ChannelOverview>
  /** @throws {ExpectedError} `not-found`; `already-done` while people are reached by it or notices wait for it */
  remove(id: string, actor: string): Promise<void>
  /** @throws {ExpectedError} `not-found` */
  get(id: string): Promise<ChannelOverview>
  list(page: PageRequest): Promise<Page<ChannelOverview>>
  /** Sends a test now, past the outbox, and answers what came of it. @throws {ExpectedError} `not-found` */
  test(id: string, to: { address: string | null; locale: Locale }, actor: string): Promise<Delivery>
  /** A dead letter is tried again, for as long as a new one. @throws {ExpectedError} `not-found`; `already-done` */
  retry(noticeId: string, actor: string): Promise<Notice>
}

export function createChannels(options: {
  operations: Operations
  tools: ChannelTools
  clock: Clock
  /** After the transaction in which a notice became due. */
  wake?: () => void
}): Channels {
  const { operations, tools, clock, wake = () => {} } = options

  async function overview(channel: Channel): Promise<ChannelOverview> {
    return withState(channel, await operations.channelStates())
  }

  return {
    async add({ enabled = true, ...given }, actor) {
      const settings = await checkSettings(given.type, given.settings, tools)
      refuseHidden(settings)
      const channel: Channel = { ...given, settings, enabled, createdAt: clock() }
      await operations.transaction(async (unit) => {
        if ((await unit.countChannels()) >= mostChannels) {
          throw new ExpectedError('invalid', `There are ${mostChannels} channels, which is as many as there may be`)
        }
        await unit.insertChannel(channel)
        await keep(unit, { action: 'channel.add', actor, at: clock(), before: null, after: channel })
      })
      return overview(channel)
    },

    async update(id, change, actor) {
      const known = await operations.channel(id)
      if (known === undefined) throw noChannel(id)
      const settings = change.settings && (await mergedSettings(known, change.settings, tools))
      const changed = await operations.transaction(async (unit) => {
        const before = await unit.lockChannel(id)
        if (before === undefined) throw noChannel(id)
        const after = { ...before, ...change, ...(settings && { settings }) }
        const { name, enabled } = after
        await unit.updateChannel(id, { name, enabled, settings: after.settings })
        await keep(unit, { action: 'channel.update', actor, at: clock(), before, after })
        return after
      })
      return overview(changed)
    },

    async remove(id, actor) {
      await operations.transaction(async (unit) => {
        const before = await unit.lockChannel(id)
        if (before === undefined) throw noChannel(id)
        const uses = await unit.channelUses(id)
        if (uses.length > 0) {
          const shown = uses.slice(0, 10).join(', ')
          throw new ExpectedError(
            'already-done',
            `The channel ${id} is in use: ${shown}; switch it off or give them another one first`,
          )
        }
        await unit.deleteChannel(id)
        await keep(unit, { action: 'channel.remove', actor, at: clock(), before, after: null })
      })
    },

    async get(id) {
      const channel = await operations.channel(id)
      if (channel === undefined) throw noChannel(id)
      return overview(channel)
    },

    async list(page) {
      const [{ items, nextCursor }, states] = [await operations.channels(page), await operations.channelStates()]
      return { items: items.map((channel) => withState(channel, states)), nextCursor }
    },

    async test(id, { address, locale }, actor) {
      const channel = await operations.channel(id)
      if (channel === undefined) throw noChannel(id)
      const now = clock()
      const message = wordNotice(testNotice(id, address, locale, now), undefined, null, now)
      const signal = AbortSignal.timeout(testWithinMs)
      const delivery = await openChannel(channel, tools).send(message, { signal, clock })
      const { outcome } = delivery
      await operations.insertAudit({ at: now, actor, action: 'channel.test', subject: id, data: { outcome } })
      return delivery
    },

    async retry(noticeId, actor) {
      const now = clock()
      const revived = await operations.transaction(async (unit) => {
        const again = { nextAttemptAt: now, giveUpAt: now + giveUpAfterMs }
        if (!(await unit.reviveNotice(noticeId, again))) return false
        await unit.insertAudit({ at: now, actor, action: 'notice.retry', subject: noticeId, data: {} })
        return true
      })
      const notice = await operations.notice(noticeId)
      if (notice === undefined) throw new ExpectedError('not-found', `There is no notice ${noticeId}`)
      if (!revived) throw new ExpectedError('already-done', `The notice is no dead letter: it is ${notice.state}`)
      wake()
      return notice
    },
  }
}

function noChannel(id: string): ExpectedError {
  return new ExpectedError('not-found', `There is no channel ${id}`)
}

async function mergedSettings(known: Channel, given: unknown, tools: ChannelTools): Promise<Channel['settings']> {
  const shown = hideSecrets(known.settings, channelKinds[known.type].hide)
  const settings = await checkSettings(known.type, restoreSecrets(given, shown, known.settings), tools)
  refuseHidden(settings)
  return settings
}

/** What was shown instead of a secret must not become one. */
function refuseHidden(settings: Channel['settings']): void {
  const path = findHidden(settings)
  if (path === undefined) return
  throw new ExpectedError('invalid', `settings.${path}: there is no secret yet that •••• could stand for`)
}

async function keep(
  unit: Operations,
  change: { action: string; actor: string; at: number; before: Channel | null; after: Channel | null },
): Promise<void> {
  const { action, actor, at } = change
  const [before, after] = [change.before && withoutSecrets(change.before), change.after && withoutSecrets(change.after)]
  const id = (change.after ?? change.before)?.id ?? ''
  await unit.insertAudit({ at, actor, action, subject: id, data: {} })
  await unit.insertHistory({ at, actor, subjectType: 'channel', subjectId: id, before, after })
}

const nothingYet = { waiting: 0, dead: 0, waitingSince: null, lastSentAt: null, lastError: null }

function withState(channel: Channel, states: readonly ChannelState[]): ChannelOverview {
  const found = states.find(({ channelId }) => channelId === channel.id)
  if (found === undefined) return { ...withoutSecrets(channel), state: nothingYet }
  const { channelId: _, ...state } = found
  return { ...withoutSecrets(channel), state }
}

function testNotice(channelId: string, address: string | null, locale: Locale, now: number): Notice {
  const id = randomUUID()
  const recipient = {
    party: 'duty-room' as const,
    teamId: null,
    memberId: null,
    name: 'Test',
    channelId,
    address,
    locale,
    why: '',
  }
  return {
    ...{ id, key: `test:${id}`, orderId: null, reason: 'test' as const, recipient, content: {}, critical: false },
    ...{ state: 'waiting' as const, createdAt: now, nextAttemptAt: now, giveUpAt: now, attempts: 1, held: false },
    ...{ sentAt: null, sentAs: null, lastError: null },
  }
}
