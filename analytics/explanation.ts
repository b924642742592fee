import type { Evidence } from '../core/detector.ts'
import type { Incident } from '../core/incident.ts'
import type { RuleChange, RuleSettings } from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations } from '../stores/operations/port.ts'
import { ruleBehind, ruleNamed } from './rules.ts'

/** The figures of a finding by what they are. */
export interface Figures {
  readonly measured: Evidence
  /** What is usual for this very device. */
  readonly baseline: Evidence
  /** What it was held against: limits, and settings that the evidence repeats. */
  readonly limits: Evidence
}

/** The rule that found it, as it was then. */
export interface ExplainingRule {
  /** 0 = as it ships. */
  readonly version: number
  readonly settings: RuleSettings
  /** The change of that version: who, when and why; null as it ships. */
  readonly change: RuleChange | null
  readonly finds: string
  /** Standard and clause, paper, or "unverified default". */
  readonly source: string
  /** Metrics without which it sees nothing, and those that it uses when they are there. */
  readonly reads: readonly string[]
  readonly mayRead: readonly string[]
}

/** `rule` is null where no rule found it: what people report, or what collects others. */
export type Explanation = Figures & { readonly rule: ExplainingRule | null }

/** Why it was found: what was measured, against which baseline and limit, by which rule. */
export async function explanationOf(
  operations: Operations,
  kinds: readonly DeviceKind[],
  incident: Pick<Incident, 'finding' | 'deviceId' | 'ruleVersion' | 'evidence'>,
): Promise<Explanation> {
  const { finding, ruleVersion, evidence } = incident
  const rule = await ruleBehind(operations, kinds, incident)
  if (rule === null) return { ...figuresOf(evidence, {}), rule: null }

  const { about, reads, mayRead } = ruleNamed(kinds, finding).detector
  return {
    ...figuresOf(evidence, rule.settings),
    rule: {
      version: ruleVersion,
      settings: rule.settings,
      change: await changeOf(operations, finding, ruleVersion),
      ...{ finds: about.finds, source: about.source, reads, mayRead },
    },
  }
}

async function changeOf(operations: Operations, finding: string, version: number): Promise<RuleChange | null> {
  const changes = await operations.ruleChanges({ upTo: version, finding })
  return changes.find((change) => change.version === version) ?? null
}

/**
 * By the names that detectors give them: `usual…` and `known…` are the baseline, `limit…`, `ceiling…`, `warn…` and the names of settings
 * are limits.
 */
export function figuresOf(evidence: Evidence, settings: RuleSettings): Figures {
  const partOf = (name: string): keyof Figures => {
    if (/^(usual|known)/.test(name)) return 'baseline'
    return /^(limit|ceiling|warn)/.test(name) || Object.hasOwn(settings, name) ? 'limits' : 'measured'
  }
  const figures = { measured: {}, baseline: {}, limits: {} } as Record<keyof Figures, Record<string, Evidence[string]>>
  for (const [name, value] of Object.entries(evidence)) figures[partOf(name)][name] = value
  return figures
}
