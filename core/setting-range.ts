/** What a detector says of a setting that its name does not: the least and the most, or the words that a map may have. */
export type Bound = readonly [least: number, most: number] | readonly string[]
export type Bounds = Readonly<Record<string, Bound>>

/** What a number of a rule may be, both ends included. */
export interface SettingRange {
  readonly least: number
  readonly most: number
  readonly whole: boolean
}

const countOf =
  /(days|nights|windows|readings|samples|rides|runs|closings|values|cycles|tries|events|jumps|jumpsWithLow|times)$/i
const timeOf = /(Seconds|Minutes|Hours)$/
const hourOf = /(Hour|rushHours)$/
const partOf = /(Share|PowerFactor|Confidence|Score)$/

/** So many times what it ships with; a rule of life must not be put to sleep by its patience. */
const mostTimes = { number: 10, patienceOfLife: 5, hysteresis: 3 }

/**
 * What a setting may be where its detector names nothing else: a tenth to ten times what it ships with, and by its name
 * counts (`learnDays`) whole and 1 at least; parts (`holdShare`) of 1 at most; `…Hour` an hour of the day; `timesUsual` 1 at least;
 * durations and counts of a rule that may be critical to five times; a hysteresis from nothing to three times, so that a finding can clear.
 * @param isOfLife its rule may be critical
 */
export function rangeOf(setting: string, ships: number, isOfLife: boolean, bound?: Bound): SettingRange {
  const whole = countOf.test(setting) || hourOf.test(setting)
  if (isNumbers(bound)) return { least: bound[0], most: bound[1], whole }
  if (hourOf.test(setting)) return { least: 0, most: 24, whole }
  if (setting.startsWith('hysteresis')) return rounded(0, mostTimes.hysteresis * ships)

  const isPatience = whole || timeOf.test(setting)
  const most = (isPatience && isOfLife ? mostTimes.patienceOfLife : mostTimes.number) * ships
  if (whole) return { least: 1, most, whole }
  if (/timesUsual$/i.test(setting)) return rounded(1, most)
  if (partOf.test(setting) && ships <= 1) return rounded(ships / mostTimes.number, 1)
  const ends = [ships / mostTimes.number, most] as const
  return rounded(Math.min(...ends), Math.max(...ends))
}

/** In words that go after the name of the setting. */
export function rangeWords({ least, most, whole }: SettingRange): string {
  return `must be ${whole ? 'a whole number, ' : ''}${least} to ${most}`
}

export function isWithin(value: number, { least, most, whole }: SettingRange): boolean {
  return value >= least && value <= most && (!whole || Number.isInteger(value))
}

function isNumbers(bound: Bound | undefined): bound is readonly [number, number] {
  return typeof bound?.[0] === 'number'
}

/** Without the dust of binary fractions. */
function rounded(least: number, most: number): SettingRange {
  return { least: Number(least.toPrecision(6)), most: Number(most.toPrecision(6)), whole: false }
}
