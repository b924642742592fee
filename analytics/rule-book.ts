import type { Detector } from '../core/detector.ts'
import type { Device } from '../core/device.ts'
import { type RuleChange, type RuleInForce, type RuleScope, type RuleSettings, ruleInForce } from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations } from '../stores/operations/port.ts'

/** All rules as people changed them up to one version. */
export interface RuleBook {
  readonly version: number
  /** In the order of the kind's detectors. */
  rulesOf(device: Device, kind: DeviceKind): readonly RuleInForce[]
}

/** Every rule as it ships. */
export const shippedRules: RuleBook = {
  version: 0,
  rulesOf: (_, { detectors }) => detectors.map((detector) => ruleInForce(detector, [])),
}

/**
 * @param changes those that hold, one of each finding and scope
 * @param sitesAbove of a site and all above it, nearest first
 */
export function createRuleBook(options: {
  version: number
  changes: readonly RuleChange[]
  sitesAbove: (siteId: string) => readonly string[]
}): RuleBook {
  const byScope = new Map(options.changes.map((change) => [keyOf(change.finding, change.scope), change]))
  if (byScope.size === 0) return { ...shippedRules, version: options.version }

  /** From the widest to the narrowest. */
  function changesFor(finding: string, device: Device): RuleChange[] {
    const sites = device.siteId === null ? [] : options.sitesAbove(device.siteId).toReversed()
    const scopes: RuleScope[] = [
      { type: 'kind', id: device.kind },
      ...sites.map((id): RuleScope => ({ type: 'site', id })),
      { type: 'device', id: device.id },
    ]
    return scopes.map((scope) => byScope.get(keyOf(finding, scope))).filter((change) => change !== undefined)
  }

  return {
    version: options.version,
    rulesOf: (device, { detectors }) => detectors.map((rule) => ruleInForce(rule, changesFor(rule.id, device))),
  }
}

/** The rules as they were at a version; sites as they are now. @throws {StoreUnavailable} */
export async function loadRuleBook(operations: Operations, version: number): Promise<RuleBook> {
  const changes = await operations.ruleChanges({ upTo: version })
  const above = new Map<string, readonly string[]>()
  const isOfSites = changes.some(({ scope }) => scope.type === 'site')
  if (isOfSites) for (const [id, sites] of await operations.allSitesAbove()) above.set(id, sites)
  return createRuleBook({ version, changes, sitesAbove: (id) => above.get(id) ?? [id] })
}

/** What a scope inherits from the wider ones. @param sites the scope's site, or its device's, and all above it, nearest first */
export function rulesAbove(
  detector: Detector,
  {
    kind,
    scope,
    sites,
    changes,
  }: { kind: string; scope: RuleScope; sites: readonly string[]; changes: readonly RuleChange[] },
): RuleSettings {
  const wider: RuleScope[] = [
    { type: 'kind', id: kind },
    ...sites.toReversed().map((id): RuleScope => ({ type: 'site', id })),
  ]
  const until = wider.findIndex(({ type, id }) => type === scope.type && id === scope.id)
  const above = until < 0 ? wider : wider.slice(0, until)
  const found = above.map((at) => changes.find((change) => keyOf('', change.scope) === keyOf('', at)))
  return ruleInForce(
    detector,
    found.filter((change) => change !== undefined),
  ).settings
}

function keyOf(finding: string, { type, id }: RuleScope): string {
  return `${finding} ${type} ${id}`
}
