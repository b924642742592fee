import { findingFigures, summaryOf } from '../shared/finding.ts'
import type { Incident } from '../shared/wire.ts'

/** The figures behind it in the reader's language, else in the rule's own words. */
export function findingDetail({ summary, evidence }: Pick<Incident, 'summary' | 'evidence'>): string {
  return findingFigures(evidence) ?? summaryOf({ summary })
}

/** Found and not over: also while the device is silent and nobody knows (`unknown`). What something larger explains is told there. */
export function isOpen({ state }: Pick<Incident, 'state'>): boolean {
  return state === 'open' || state === 'unknown'
}
