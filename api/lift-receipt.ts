import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Clock, minuteMs } from '../core/clock.ts'
import type { Taken } from './lift-reports.ts'

/**
 * What became of a report, for the address of the page that is shown after it. Signed and dated: an address that somebody made up,
 * kept, or sent on must not say to a person who is trapped that the duty room has their report.
 */
export interface LiftReceipts {
  /** `said=taken&at=1795600000000&tag=…` */
  queryOf(deviceId: string, said: Told): string
  /** What such a query says of this lift; undefined when it is not ours or too old. */
  toldBy(deviceId: string, query: Readonly<Record<string, unknown>>): Told | undefined
}

type Told = Exclude<Taken, 'too-many'>

/** Unverified default. */
const shownForMs = 10 * minuteMs

/** @param key see `liftKeyOf` */
export function createLiftReceipts(key: Uint8Array, clock: Clock): LiftReceipts {
  // with spaces, which no device id has: it can be taken for no label's
  const tagOf = (deviceId: string, said: Told, at: number) =>
    createHmac('sha256', key).update(`said ${deviceId} ${said} ${at}`).digest()
  return {
    queryOf(deviceId, said) {
      const at = clock()
      return `said=${said}&at=${at}&tag=${tagOf(deviceId, said, at).toString('base64url')}`
    },
    toldBy(deviceId, { said, at: time, tag }) {
      if ((said !== 'taken' && said !== 'known') || typeof tag !== 'string') return undefined
      const at = Number(time)
      const ageMs = clock() - at
      if (!(ageMs >= 0 && ageMs < shownForMs)) return undefined
      const given = Buffer.from(tag, 'base64url')
      const ours = tagOf(deviceId, said, at)
      return given.length === ours.length && timingSafeEqual(given, ours) ? said : undefined
    },
  }
}
