import type { Device } from '../core/device.ts'
import { isIdentifier } from '../core/identifier.ts'
import type { Fault } from '../core/quarantine.ts'
import type { Reading } from '../core/reading.ts'
import type { DeviceKind } from '../devices/kind.ts'
import { type KindChecks, kindChecks, readingOf } from '../ingest/check-reading.ts'

/** What one line of a recording says; `device` is a new object when something about it is new. */
export interface RecordedLine {
  readonly device: Device
  /** Undefined when nothing of it can be used. */
  readonly reading: Reading | undefined
  /** What is not used, and why; empty when all is. */
  readonly faults: readonly string[]
}

export interface RecordedLines {
  /** @returns a text when it is no reading of a known kind of device at all */
  parse(text: string): RecordedLine | string
  /** Whether any line named this gateway. */
  namesGateway(gatewayId: string): boolean
}

/**
 * Lines like `{"device": "e1", "kind": "elevator", "at": ms, "values": {…}, "facts"?: {…}, "gateway"?, "site"?}`. Kind, facts, gateway and
 * site once per device are enough. Values are checked as a live gateway's are; there is no time of receipt to check `at` against.
 */
export function createRecordedLines(kinds: readonly DeviceKind[]): RecordedLines {
  const checks = kindChecks(kinds)
  const devices = new Map<string, Device>()
  const gateways = new Set<string>()

  function deviceOf(line: Record<string, unknown>, faults: string[]): Device | string {
    const { device: id, kind, facts, gateway, site } = line
    if (typeof id !== 'string' || !isIdentifier(id)) return '"device" is 1 to 64 of the characters A-Z a-z 0-9 _ -'
    const known = devices.get(id)
    if (known !== undefined && kind !== undefined && kind !== known.kind)
      return `"kind" is ${known.kind} since the first line of ${id}; this is ${JSON.stringify(kind)}`
    if (known !== undefined && facts === undefined && gateway === undefined && site === undefined) return known

    const kindId = known?.kind ?? kind
    const kindCheck = typeof kindId === 'string' ? checks.get(kindId) : undefined
    if (kindCheck === undefined) {
      const needed = `"kind" is one of ${[...checks.keys()].join(', ')}`
      return kindId === undefined
        ? `${needed}; the first line of ${id} has none`
        : `${needed}; this is ${JSON.stringify(kind)}`
    }
    const device = deviceFrom(id, known, kindCheck, { facts, gateway, site }, faults)
    if (typeof gateway === 'string') gateways.add(device.gatewayId)
    const same = known !== undefined && JSON.stringify(known) === JSON.stringify(device)
    if (!same) devices.set(id, device)
    return same ? known : device
  }

  return {
    parse(text) {
      let line: unknown
      try {
        line = JSON.parse(text)
      } catch {
        return 'not JSON'
      }
      if (typeof line !== 'object' || line === null || Array.isArray(line)) return 'not a JSON object'
      const faults: string[] = []
      const device = deviceOf(line as Record<string, unknown>, faults)
      if (typeof device === 'string') return device

      const { at, values } = line as { at?: unknown; values?: unknown }
      const found: Fault[] = []
      const receivedAt = typeof at === 'number' ? at : 0
      const kindCheck = checks.get(device.kind) as KindChecks
      const reading = readingOf({ at, values }, '$', {
        ...kindCheck,
        device,
        receivedAt,
        oldestAt: Number.NEGATIVE_INFINITY,
        faults: found,
      })
      for (const { path, reason, text: what } of found) faults.push(`${path}: ${reason}: ${what}`)
      return { device, reading, faults }
    },
    namesGateway: (gatewayId) => gateways.has(gatewayId),
  }
}

function deviceFrom(
  id: string,
  known: Device | undefined,
  { kind }: KindChecks,
  { facts, gateway, site }: { facts: unknown; gateway: unknown; site: unknown },
  faults: string[],
): Device {
  const gatewayId = typeof gateway === 'string' && isIdentifier(gateway) ? gateway : (known?.gatewayId ?? id)
  if (gateway !== undefined && gateway !== gatewayId) faults.push('$.gateway: not an identifier, so not used')
  return {
    id,
    kind: kind.id,
    gatewayId,
    name: null,
    siteId: typeof site === 'string' ? site : (known?.siteId ?? null),
    feederId: null,
    contacts: [],
    facts: { ...known?.facts, ...usableFacts(kind, facts, faults) },
    createdAt: 0,
  }
}

/** Each fact by itself: a wrong one must not take the others with it. */
function usableFacts(kind: DeviceKind, facts: unknown, faults: string[]): Record<string, unknown> {
  if (facts === undefined) return {}
  if (typeof facts !== 'object' || facts === null) {
    faults.push('$.facts: not an object, so not used')
    return {}
  }
  const usable = Object.entries(facts).filter(([name, value]) => {
    const good = kind.facts.safeParse({ [name]: value }).success
    if (!good) faults.push(`$.facts.${name}: not a fact of ${kind.id}, or not a value for it; not used`)
    return good
  })
  return Object.fromEntries(usable)
}
