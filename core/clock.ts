/** Milliseconds since 1970. Whatever depends on time takes one of these, so tests can stand at 29:59 and at 30:01. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

export const secondMs = 1_000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
