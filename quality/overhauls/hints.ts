import { dayMs } from '../../core/clock.ts'
import type { Overhaul } from '../../core/overhaul.ts'

/** Where nobody says how long a part should last. Unverified default. */
export const usualLifeDays = 730
/** A finding so long before a proposal may be the reason for it. Unverified default. */
export const findingsCountDays = 90
/** A warning that holds so long, and nobody proposed anything. Unverified default. */
export const standsTooLongDays = 30

export type Hint =
  /** The same part of the same elevator again, before it should be worn. */
  | {
      readonly hint: 'repeat-part'
      readonly beforeId: string
      readonly beforeDoneAt: number
      readonly lifeDays: number
      readonly usedDays: number
    }
  /** No finding, forecast or order behind it. */
  | { readonly hint: 'over-repair'; readonly lookedBackDays: number }

/**
 * What an insurer should look at twice before deciding. Pure.
 *
 * @param others proposals for the same elevator
 * @param findings warnings and worse in the `findingsCountDays` before it
 */
export function hintsOf(overhaul: Overhaul, others: readonly Overhaul[], findings: number): Hint[] {
  const before = lastOfSamePart(overhaul, others)
  const hasReason = overhaul.incidentId !== null || overhaul.orderId !== null || overhaul.forecast !== null
  return [
    ...(before === undefined ? [] : repeated(overhaul, before)),
    ...(hasReason || findings > 0 ? [] : [{ hint: 'over-repair' as const, lookedBackDays: findingsCountDays }]),
  ]
}

function repeated({ proposedAt }: Overhaul, { id, doneAt, expectedLifeDays }: Overhaul): Hint[] {
  const beforeDoneAt = doneAt ?? proposedAt
  const lifeDays = expectedLifeDays ?? usualLifeDays
  const usedDays = Math.floor((proposedAt - beforeDoneAt) / dayMs)
  return usedDays < lifeDays ? [{ hint: 'repeat-part', beforeId: id, beforeDoneAt, lifeDays, usedDays }] : []
}

function lastOfSamePart(overhaul: Overhaul, others: readonly Overhaul[]): Overhaul | undefined {
  return others
    .filter(
      (other) =>
        other.id !== overhaul.id &&
        other.doneAt !== null &&
        other.doneAt <= overhaul.proposedAt &&
        isSamePart(other, overhaul),
    )
    .toSorted((one, other) => (other.doneAt ?? 0) - (one.doneAt ?? 0))[0]
}

/** By number where both have one, else by name, however it is spaced and capitalised; an overhaul is the same as any overhaul. */
function isSamePart(one: Overhaul, other: Overhaul): boolean {
  if (one.type !== other.type) return false
  if (one.type === 'overhaul') return true
  if (one.partNumber !== null && other.partNumber !== null) return plain(one.partNumber) === plain(other.partNumber)
  return plain(one.part) === plain(other.part)
}

function plain(text: string | null): string {
  return (text ?? '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
}
