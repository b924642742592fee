/** How far the server's clock is ahead of ours, in ms: no less than `least`, no more than `most`. */
export interface ClockBounds {
  readonly least: number
  readonly most: number
}

/** One answer: when it was asked for and there by our clock, and its `Date` (RFC 9110, 6.6.1), a whole second. */
export interface ClockSample {
  readonly sentAt: number
  readonly receivedAt: number
  readonly date: number
}

/** Node writes `Date` from a text that it renews once a second, and a busy one late. */
const staleMs = 250

/**
 * The server wrote `date` between our sending and receiving, and its clock was then within the second that it names. Each answer
 * narrows what was known; one that contradicts it (a clock was set, this machine slept) begins anew.
 */
export function narrowed(known: ClockBounds | null, { sentAt, receivedAt, date }: ClockSample): ClockBounds {
  const told = { least: date - receivedAt, most: date + 1_000 + staleMs - sentAt }
  if (known === null) return told
  const both = { least: Math.max(known.least, told.least), most: Math.min(known.most, told.most) }
  return both.least <= both.most ? both : told
}

export function offsetOf({ least, most }: ClockBounds): number {
  return (least + most) / 2
}
