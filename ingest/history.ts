import type { Fault, QuarantineItem } from '../core/quarantine.ts'
import { identityOf, type Reading } from '../core/reading.ts'
import type { ReadingStore, WriteReport } from '../stores/readings/port.ts'
import type { DecodedBatch, DecodedItem } from './batch.ts'
import { maxFaultsKept } from './decode.ts'
import type { Consumer } from './follow.ts'

/** A commit costs more than a hundred rows do, so a quiet stream is written in steps. Charts lag by it, alarms do not. */
const stepMs = 100
/** A backlog is worked off as fast as it comes. */
const stepReadings = 5_000

type Message = Extract<DecodedItem, { type: 'message' }>

export interface History extends Consumer<DecodedBatch> {
  readonly written: number
  /** Writes what is held. @throws when the store cannot now; then it is read from the journal again */
  flush(): Promise<void>
}

/** Writes accepted readings into the history, at the history's own pace: it may be down while everything else goes on. */
export async function createHistory(options: {
  readings: ReadingStore
  journalId: string
  /** Where it may read on when the store cannot be asked now: its last known position. */
  rememberedPosition: number
  /** What can never be stored: messages that were refused, and readings that the store will not take. Doing it again changes nothing. */
  quarantine: (items: readonly QuarantineItem[]) => Promise<void>
  /** Least time between two writes of a quiet stream; 0 writes each batch. */
  everyMs?: number
}): Promise<History> {
  const { readings, journalId, quarantine, everyMs = stepMs } = options
  let position = await readings.position(journalId).catch(() => options.rememberedPosition)
  let next = position
  let written = 0

  let held: Message[] = []
  let heldReadings: Reading[] = []
  let timer: NodeJS.Timeout | undefined
  let writtenAt = Number.NEGATIVE_INFINITY
  let writing: Promise<unknown> = Promise.resolve()
  /** Why the last write failed. */
  let failure: unknown

  async function write(): Promise<void> {
    const [items, batch, end] = [held, heldReadings, next]
    held = []
    heldReadings = []
    if (end === position) return
    try {
      const { refused } = await readings.write(batch, { journalId, position: end }, async (refused) => {
        const refusals = new Map<string, Refusal[]>()
        for (const refusal of refused) {
          const identity = identityOf(refusal.reading)
          refusals.set(identity, [...(refusals.get(identity) ?? []), refusal])
        }
        await quarantine(refusedItems(items, refusals))
      })
      written += batch.length - new Set(refused.map(({ reading }) => identityOf(reading))).size
      position = end
      failure = undefined
    } catch (cause) {
      next = position // the journal has it
      failure = cause
      throw cause
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const done = writing.then(write).finally(() => {
      writtenAt = performance.now()
    })
    writing = done.catch(() => {}) // whoever waits for `done` is told
    return done
  }

  return {
    name: 'history',
    get position() {
      return position
    },
    get next() {
      return next
    },
    get written() {
      return written
    },
    flush,
    async take(batch) {
      // though the rules do it as well: they may have read it at another time, when the registry said something else
      if (batch.quarantined.length > 0) await quarantine(batch.quarantined)
      await writing
      if (batch.first !== next) throw failure
      for (const item of batch.items) {
        if (item.type !== 'message') continue
        held.push(item)
        heldReadings.push(...item.readings)
      }
      next = batch.next
      if (failure !== undefined) return flush()
      // not waited for: the next batch is decoded meanwhile, and told when this one could not be written
      const flushUnawaited = () => void flush().catch(() => {})
      const waitMs = writtenAt + everyMs - performance.now()
      if (waitMs <= 0 || heldReadings.length >= stepReadings) flushUnawaited()
      else timer ??= setTimeout(flushUnawaited, waitMs)
    },
  }
}

type Refusal = WriteReport['refused'][number]

/** By identity: a store that takes the rest of a reading answers its refused parts, which are other objects. */
function refusedItems(
  messages: readonly Message[],
  refusals: ReadonlyMap<string, readonly Refusal[]>,
): QuarantineItem[] {
  const byPosition = new Map<number, { message: Message; refused: Refusal[] }>()
  for (const message of messages) {
    const refused = message.readings.flatMap((reading) => refusals.get(identityOf(reading)) ?? [])
    const before = byPosition.get(message.position)
    if (before !== undefined) before.refused.push(...refused)
    else if (refused.length > 0) byPosition.set(message.position, { message, refused })
  }
  return [...byPosition.values()].map(({ message, refused }) => refusedItem(message, refused))
}

/** A mapped message may be of several devices, and is one item. The bytes are the refused parts, as JSON; each fault names its own in them. */
function refusedItem({ position, receivedAt, device }: Message, refused: readonly Refusal[]): QuarantineItem {
  const [only = '', ...others] = new Set(refused.map(({ reading }) => reading.deviceId))
  return {
    ...{ position, receivedAt, gatewayId: device.gatewayId },
    deviceId: others.length === 0 ? only : '',
    reason: 'store-refused',
    faults: refused.slice(0, maxFaultsKept).map(faultOf),
    raw: Buffer.from(
      JSON.stringify(refused.map(({ reading: { deviceId, at, values } }) => ({ deviceId, at, values }))),
    ),
  }
}

function faultOf({ reading: { deviceId, at, values }, reason }: Refusal, index: number): Fault {
  const [metric = '', ...others] = Object.keys(values)
  const isOne = metric !== '' && others.length === 0
  return {
    path: isOne ? `$[${index}].values.${metric}` : `$[${index}]`,
    reason: 'store-refused',
    text: `the history store will not take ${isOne ? metric : 'the reading'} of ${deviceId} at ${new Date(at).toISOString()}: ${reason}`,
  }
}
