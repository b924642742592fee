/** From the least to the most severe; critical and urgent send a crew now, warning plans a visit, info is recorded. */
export const severities = ['info', 'warning', 'urgent', 'critical'] as const

export type Severity = (typeof severities)[number]

export function isMoreSevere(severity: Severity, than: Severity): boolean {
  return severities.indexOf(severity) > severities.indexOf(than)
}

export const orderTypes = ['emergency', 'planned', 'inspection', 'manual'] as const
export type OrderType = (typeof orderTypes)[number]

/** Which order a finding of this severity opens; none for information. */
export function orderTypeOf(severity: Severity): 'emergency' | 'planned' | null {
  if (severity === 'info') return null
  return severity === 'warning' ? 'planned' : 'emergency'
}
