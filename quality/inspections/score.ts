import type { Inspection, ItemFinding, ScoreSheet, SheetItem } from '../../core/inspection.ts'

export interface Scored {
  /** 0 to 100, one decimal; null = nothing on the sheet applies. */
  readonly score: number | null
  readonly passed: boolean | null
}

/** What a finding costs, in points of its item. */
export function deducted({ weight, deduction }: SheetItem, { result, defects }: ItemFinding): number {
  return result === 'defect' ? Math.min(weight, defects * deduction) : 0
}

/**
 * score = 100 × (1 − points deducted / points of the items that apply). Passed from the sheet's score on, unless a critical item has a
 * defect. Pure.
 */
export function scoreOf(sheet: ScoreSheet, findings: readonly ItemFinding[]): Scored {
  const byItem = new Map(findings.map((finding) => [finding.item, finding]))
  const applying = sheet.items.flatMap((item) => {
    const finding = byItem.get(item.id)
    return finding === undefined || finding.result === 'not-applicable' ? [] : [{ item, finding }]
  })
  const points = applying.reduce((sum, { item }) => sum + item.weight, 0)
  if (points === 0) return { score: null, passed: null }
  const lost = applying.reduce((sum, { item, finding }) => sum + deducted(item, finding), 0)
  const score = Math.round(1_000 * (1 - lost / points)) / 10
  const isCritical = applying.some(({ item, finding }) => item.critical && finding.result === 'defect')
  return { score, passed: score >= sheet.passScore && !isCritical }
}

export interface Fault {
  readonly path: string
  readonly message: string
}

/** What is still missing before an inspection can be done: an item that nobody looked at, a picture, what is wrong with it. Pure. */
export function missingOf(sheet: ScoreSheet, { findings, photos }: Pick<Inspection, 'findings' | 'photos'>): Fault[] {
  const pictured = new Set(photos.map(({ item }) => item))
  return sheet.items.flatMap(({ id, photo }) => {
    const finding = findings.find(({ item }) => item === id)
    if (finding === undefined) return [{ path: id, message: 'nobody has said how it is' }]
    const { result, note } = finding
    const needsPicture =
      result !== 'not-applicable' && (photo === 'always' || (photo === 'defect' && result === 'defect'))
    return [
      ...(needsPicture && !pictured.has(id) ? [{ path: id, message: 'needs a picture' }] : []),
      ...(result !== 'ok' && note === null
        ? [{ path: id, message: 'needs a note: what is wrong, or why it does not apply' }]
        : []),
    ]
  })
}

/** What is wrong with findings as somebody writes them down. */
export function faultsOf(sheet: ScoreSheet, findings: readonly ItemFinding[]): Fault[] {
  const known = new Set(sheet.items.map(({ id }) => id))
  return findings.flatMap(({ item, result, defects }, index) => {
    const path = `findings.${index}`
    if (!known.has(item)) return [{ path: `${path}.item`, message: `the sheet has no item ${item}` }]
    if (findings.findIndex((other) => other.item === item) < index)
      return [{ path: `${path}.item`, message: 'stands twice' }]
    const isRight = result === 'defect' ? defects >= 1 : defects === 0
    return isRight ? [] : [{ path: `${path}.defects`, message: 'must be 1 or more of a defect, and 0 otherwise' }]
  })
}
