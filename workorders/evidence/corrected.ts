import type { ChainedEvent, OrderCorrection } from '../../stores/operations/port.ts'
import type { Fault } from './verify-row.ts'

/** The first correction of a closed order that is not as the order's events say: figures read the correction. Pure. */
export function faultOfCorrections(
  corrections: readonly OrderCorrection[],
  chain: readonly ChainedEvent[],
): Fault | undefined {
  const left = new Map(corrections.map((correction) => [correction.at, correction]))
  for (const { number, actor, data } of chain.filter((event) => event.data.action === 'correct')) {
    const event = number ?? 0
    const at = Date.parse(String(data.correctedAt))
    const correction = left.get(at)
    if (correction === undefined) return { event, text: `The correction that event ${event} tells of is gone` }
    left.delete(at)
    const { causeClass, outcome, reason } = correction
    const isSame = causeClass === data.causeClass && outcome === data.outcome && reason === data.reason
    if (!isSame || correction.actor !== actor) {
      return { event, text: `The correction is another than event ${event} says` }
    }
  }
  return left.size === 0 ? undefined : { event: chain.length, text: 'A correction stands there that no event tells of' }
}
