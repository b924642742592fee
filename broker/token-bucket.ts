/** What one gateway may send in the long run. Every control packet counts as a message, or a flood of PINGREQ would be free. */
export interface Rate {
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
}

/** One per gateway, shared by its connections. */
export interface TokenBucket {
  /** What a connection draws at a time: 50 ms of the rate, at least one message. */
  readonly slice: { readonly messages: number; readonly bytes: number }
  /**
   * Takes tokens, on credit when there are none, and answers after how many ms they may be used. Whoever draws later is told
   * a later time, so the connections of one gateway take turns and none starves.
   */
  draw(messages: number, bytes: number, nowMs: number): number
}

/** An idle gateway has saved up this much of its rate; unverified default. */
const burstSeconds = 1
/** Short slices make short pauses, so that a PINGREQ in the stream is still answered soon; unverified default. */
const sliceSeconds = 0.05

/**
 * A token bucket with two levels (messages, bytes) that may go below zero: a packet larger than the bucket is paid off
 * afterwards instead of waiting for ever. `nowMs` is any clock in ms; a step back refills nothing.
 *
 * @throws {RangeError} a rate is not a positive, finite number
 */
export function createTokenBucket(rate: Rate, nowMs: number): TokenBucket {
  const messages = createLevel('messagesPerSecond', rate.messagesPerSecond)
  const bytes = createLevel('bytesPerSecond', rate.bytesPerSecond)
  let filledAtMs = nowMs

  return {
    slice: {
      messages: Math.max(1, rate.messagesPerSecond * sliceSeconds),
      bytes: Math.max(1, rate.bytesPerSecond * sliceSeconds),
    },
    draw(wantedMessages, wantedBytes, nowMs) {
      const elapsedSeconds = Math.max(0, nowMs - filledAtMs) / 1000
      filledAtMs = nowMs
      return Math.max(messages.draw(wantedMessages, elapsedSeconds), bytes.draw(wantedBytes, elapsedSeconds))
    },
  }
}

function createLevel(name: string, perSecond: number) {
  if (!Number.isFinite(perSecond) || perSecond <= 0) throw new RangeError(`${name} must be above 0, not ${perSecond}`)
  const full = perSecond * burstSeconds
  let level = full
  return {
    draw(wanted: number, elapsedSeconds: number): number {
      level = Math.min(full, level + elapsedSeconds * perSecond) - wanted
      return level >= 0 ? 0 : (-level / perSecond) * 1000
    },
  }
}
