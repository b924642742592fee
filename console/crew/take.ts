import { recall } from '../shared/memory.ts'
import { addTo, enqueue, outbox } from './desk.ts'
import type { Said } from './outbox.ts'
import type { KeptOrder, Step } from './wire.ts'

const positionWithinMs = 4_000

export function sendsPosition(): boolean {
  return recall('sendPosition') === 'yes'
}

/** Once, however often it is tapped. The position comes while the step can still be taken back, or not at all: nothing waits for it. */
export function take(kept: KeptOrder, step: Step, said: Said = {}): void {
  if (outbox.value.some((one) => one.refused === null && one.action === step && one.orderId === kept.order.id)) return
  const item = enqueue(kept, step, step === 'arrive' ? { by: 'hand', ...said } : said)
  navigator.vibrate?.(60)
  if (step !== 'arrive' || !sendsPosition()) return
  navigator.geolocation?.getCurrentPosition(
    ({ coords: { latitude, longitude, accuracy: metres } }) =>
      addTo(item.key, { position: { latitude, longitude, metres } }),
    () => {},
    { enableHighAccuracy: true, timeout: positionWithinMs, maximumAge: 30_000 },
  )
}
