import { minuteMs } from '../../../core/clock.ts'
import type { ElevatorValues } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'

/**
 * Who uses the elevator: 0 nobody knows, 1 `mode` says people in general, 2 `mode` says people at work, 3 a fault code says so, of an
 * elevator that has never told its mode.
 */
export type Service = 0 | 1 | 2 | 3

/** For the settings of a detector that asks: the codes of inspection, fire return and firefighter mode. */
export const workCodes = codesOf('work')

/**
 * Where people may be shut in, a code that was not said again for so long is over, ms: some gateways send a code only while there is one,
 * and a lost "40" must not silence rescue. Who repeats it does so within minutes. Unverified default.
 */
export const workCodeMs = 30 * minuteMs

/**
 * The last word holds, however old: a mechanic works for hours, and a gateway that tells changes says it once. Inspection, fire and
 * firefighter mode are work; `out-of-service`, `emergency-power`, `earthquake` and an unknown mode are not, as nobody works there.
 */
export function serviceAfter(
  service: Service,
  { mode, faultCode }: Pick<ElevatorValues, 'mode' | 'faultCode'>,
  codes: readonly string[],
): Service {
  if (mode !== undefined) return mode === 'inspection' || mode === 'fire' || mode === 'firefighter' ? 2 : 1
  if (faultCode === undefined || service === 1 || service === 2) return service
  return codes.includes(faultCode) ? 3 : 0
}

/** A detector's state after a reading says who uses the elevator; the same object when nothing is new. */
export function withService<State extends { readonly service: Service }>(
  was: State,
  said: Pick<ElevatorValues, 'mode' | 'faultCode'>,
  codes: readonly string[],
): State {
  const service = serviceAfter(was.service, said, codes)
  return service === was.service ? was : { ...was, service }
}

export function isAtWork(service: Service): boolean {
  return service >= 2
}
