import type { InspectionPlan } from '../wire-records.ts'

interface Written {
  readonly quarterly: boolean
  /** In percent. */
  readonly share: string
  readonly unannounced: string
  /** Empty = none. */
  readonly publicSource: string
}

/** What is sent for a plan; null where what was written is no share or no count. */
export function planBody(
  { quarterly, share, unannounced, publicSource }: Written,
  before: InspectionPlan | null,
): object | null {
  const [percent, count] = [numberIn(share), numberIn(unannounced)]
  // a share counts to four decimals: of less nobody is drawn
  if (
    percent === null ||
    percent > 100 ||
    (percent > 0 && percent < 0.01) ||
    count === null ||
    !Number.isInteger(count) ||
    count > 10_000
  )
    return null
  return {
    ...{ quarterly, monthlyShare: percent / 100, unannouncedPerMonth: count },
    publicSource: publicSource.trim() || null,
    ...(before !== null && { sheetId: before.sheetId, version: before.version }),
  }
}

/** Not negative; a comma is a point to many. */
function numberIn(text: string): number | null {
  const plain = text.trim().replace(',', '.')
  return /^\d+(?:\.\d+)?$/.test(plain) ? Number(plain) : null
}
