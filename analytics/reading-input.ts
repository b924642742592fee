import type { Values } from '../core/reading.ts'
import type { DeviceKind } from '../devices/kind.ts'

type Input = Record<string, number | string | boolean | undefined> & { at: number }

const blanks = new WeakMap<DeviceKind, Input>()

/**
 * A reading as the detectors of its kind get it: every metric of the kind in the same order, undefined where there is none. Gateways
 * send every mix of metrics; detectors that find each at the same place in memory take an eighth less time over a fleet.
 */
export function readingInput(kind: DeviceKind, at: number, values: Values): Input {
  let blank = blanks.get(kind)
  if (blank === undefined) {
    blank = blankOf(kind)
    blanks.set(kind, blank)
  }
  return Object.assign({ ...blank, at }, values)
}

/** From a text, because an object that was built key by key becomes a hash table when it gets as large as this. */
function blankOf({ telemetry }: DeviceKind): Input {
  const names = ['at', 'tick', ...Object.keys(telemetry.shape)]
  const blank = JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, null]))))
  for (const name of names) blank[name] = undefined
  return blank
}
