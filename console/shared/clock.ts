import { signal } from '@preact/signals'
import { type ClockBounds, narrowed, offsetOf } from './server-clock.ts'

/* The server's time: what deadlines are counted by, whatever the clock of this machine says. */

const tickMs = 200
let known: ClockBounds | null = null

/** ms since 1970 by this machine; steady, for setting its clock moves nothing. */
export const localNow = () => performance.timeOrigin + performance.now()

export const serverNow = () => localNow() + (known === null ? 0 : offsetOf(known))

/** The server's time, a few times a second; read it in a component or `useComputed`, and it goes on by itself. */
export const now = signal(serverNow())

export function addClockSample(sample: { sentAt: number; receivedAt: number; date: string | null }): void {
  const date = Date.parse(sample.date ?? '')
  if (Number.isNaN(date)) return
  known = narrowed(known, { ...sample, date })
}

export function startTicking(): void {
  setInterval(() => {
    now.value = serverNow()
  }, tickMs)
}
