import { serverNow } from '../shared/clock.ts'
import { recall, remember } from '../shared/memory.ts'

/*
 * The server's time where no server answers. By `Date`, which goes on while a phone sleeps in a pocket: the steady clock of the page
 * stands still then, and an arrival would be minutes too early. Whoever sets the phone's clock meanwhile moves it; the next answer
 * puts it right.
 */

let aheadMs = Number(recall('serverAheadMs') ?? 0) || 0

export const phoneNow = () => Date.now() + aheadMs

/** Call it when the server has just answered. */
export function setByServer(): void {
  aheadMs = Math.round(serverNow() - Date.now())
  remember('serverAheadMs', String(aheadMs))
}
