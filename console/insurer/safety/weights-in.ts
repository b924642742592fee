import type { IndexPart } from '../../../core/estate-index.ts'

/** Weights as they were written; null where one is none, or all are 0. */
export function weightsIn(written: Readonly<Record<IndexPart, string>>): Record<IndexPart, number> | null {
  const entries = Object.entries(written).map(
    ([part, text]) => [part, Number(text.trim() === '' ? Number.NaN : text)] as const,
  )
  const isRight =
    entries.every(([, weight]) => weight >= 0 && weight <= 1_000) && entries.some(([, weight]) => weight > 0)
  return isRight ? (Object.fromEntries(entries) as Record<IndexPart, number>) : null
}
