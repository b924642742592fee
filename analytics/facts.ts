import type { Detector } from '../core/detector.ts'
import type { Device } from '../core/device.ts'
import type { DeviceKind } from '../devices/kind.ts'

type Facts = Readonly<Record<string, unknown>>

/** What is known of a device, and its kind's safe assumptions where nothing is. */
export function factsOf(kind: DeviceKind, device: Device): Facts {
  return { ...kind.factDefaults, ...device.facts }
}

/** A rule is off where a fact that it needs is missing. */
export function isOff(detector: Detector, facts: Facts): boolean {
  for (const fact of detector.needs) if (facts[fact] === undefined) return true
  return false
}

/** Rules that are off for this device, and the facts that they miss; none for a kind that is not among these. */
export function rulesOff(kinds: readonly DeviceKind[], device: Device): { finding: string; missingFacts: string[] }[] {
  const kind = kinds.find(({ id }) => id === device.kind)
  if (kind === undefined) return []
  const facts = factsOf(kind, device)
  return kind.detectors
    .filter((detector) => isOff(detector, facts))
    .map(({ id, needs }) => ({ finding: id, missingFacts: needs.filter((fact) => facts[fact] === undefined) }))
}
