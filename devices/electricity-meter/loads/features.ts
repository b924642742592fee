import {
  type Day,
  type MinuteWatts,
  meanOf,
  medianOf,
  minutesPerDay,
  quantile,
  readDay,
  runsAbove,
  variation,
} from './day.ts'

type Features = Record<string, number>

/**
 * A day of one-minute powers in numbers that one appliance shares with others of its class: how much it draws, how long and how often,
 * how steady, how it starts, and when. Watts and counts as logarithms, shares of time as square roots: then the rare and the small count
 * too. What a day lacks (no run, no burst) is 0.
 *
 * Source  steady levels, steps and cycles: G. W. Hart, "Nonintrusive Appliance Load Monitoring", Proc. IEEE 80 (1992), 1870–1891;
 *         day traces: A. Reinhardt et al., "On the Accuracy of Appliance Identification Based on Distributed Load Metering Data",
 *         SustainIT 2012. The cuts (minutes, shares, bins) are unverified defaults
 */
export function dayFeatures(minuteWatts: MinuteWatts): Float64Array {
  return Float64Array.from(Object.values(featuresOf(readDay(minuteWatts))))
}

/** In the order of `dayFeatures`. */
export function featureNames(): readonly string[] {
  return Object.keys(featuresOf(readDay(new Float64Array(minutesPerDay))))
}

function featuresOf(day: Day): Features {
  return {
    ...levels(day),
    ...histogram(day),
    ...use(day),
    ...steadiness(day),
    ...standby(day),
    ...high(day),
    ...starts(day),
    ...bursts(day),
    ...plateaus(day),
    ...clock(day),
  }
}

const log = (value: number) => Math.log(1 + Math.max(0, value))
const lengths = (runs: readonly { from: number; to: number }[]) => runs.map(({ from, to }) => to - from)

function levels({ sorted }: Day): Features {
  const features: Features = { meanWatts: log(meanOf(sorted)) }
  for (const percent of [0, 10, 25, 50, 75, 90, 95, 99, 100])
    features[`watts${percent}`] = log(quantile(sorted, percent / 100))
  // A kettle's highest minutes are alike, those of a microwave oven or a compressor's start are not.
  for (const rank of [2, 4, 8])
    features[`peak${rank}`] = (sorted[sorted.length - rank] ?? 0) / ((sorted[sorted.length - 1] ?? 0) + 1)
  return features
}

/** Half an octave each, W. */
const binsFrom = [
  0.5, 1.5, 2.5, 4.5, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 450, 640, 900, 1_280, 1_800, 2_560,
]

/** Share of the minutes and of the energy in each bin. */
function histogram({ sorted }: Day): Features {
  const minutes = new Float64Array(binsFrom.length + 1)
  const energy = new Float64Array(binsFrom.length + 1)
  let bin = 0
  for (const watts of sorted) {
    while (watts >= (binsFrom[bin] ?? Infinity)) bin++
    minutes[bin] = (minutes[bin] ?? 0) + 1
    energy[bin] = (energy[bin] ?? 0) + watts
  }
  const total = meanOf(sorted) * sorted.length || 1
  const features: Features = {}
  for (const [index, from] of [0, ...binsFrom].entries()) {
    features[`minutesFrom${from}`] = Math.sqrt((minutes[index] ?? 0) / (sorted.length || 1))
    if (from > 0) features[`energyFrom${from}`] = Math.sqrt((energy[index] ?? 0) / total)
  }
  return features
}

/** How much of the day it is in use, in how many runs, how regularly. */
function use({ watts, sorted, runs, useWatts, standbyWatts, peakWatts }: Day): Features {
  const active = sorted.filter((value) => value > useWatts)
  const usual = quantile(active, 0.5)
  const minutes = lengths(runs)
  const periods = runs.slice(1).map(({ from }, index) => from - (runs[index]?.from ?? 0))
  const wattHours = runs.map(({ from, to }) => {
    let sum = 0
    for (let minute = from; minute < to; minute++) sum += (watts[minute] ?? 0) - standbyWatts
    return sum / 60
  })
  return {
    useShare: Math.sqrt(active.length / (sorted.length || 1)),
    runs: log(runs.length),
    runMinutes: log(medianOf(minutes)),
    longestMinutes: log(Math.max(0, ...minutes)),
    runVariation: variation(minutes),
    periodMinutes: log(medianOf(periods)),
    periodVariation: periods.length > 2 ? variation(periods) : 2,
    runWattHours: log(medianOf(wattHours)),
    mostWattHours: log(Math.max(0, ...wattHours)),
    usualWatts: log(usual),
    highWatts: log(quantile(active, 0.9)),
    spread: (quantile(active, 0.75) - quantile(active, 0.25)) / (usual + 3),
    variation: variation(active),
    peakToUsual: log(peakWatts / (usual + 3)),
  }
}

/** From minute to minute while in use: a lamp stays within its watt, a screen follows its picture, a computer its work. */
function steadiness({ watts, sorted, useWatts, standbyWatts, peakWatts }: Day): Features {
  const absolute: number[] = []
  const relative: number[] = []
  let rises = 0
  for (let minute = 1; minute < minutesPerDay; minute++) {
    const before = watts[minute - 1] ?? 0
    const now = watts[minute] ?? 0
    if (now - before > Math.max(3, 0.1 * (peakWatts - standbyWatts))) rises++
    if (!(before > useWatts && now > useWatts)) continue
    absolute.push(Math.abs(now - before))
    relative.push(Math.abs(now - before) / Math.max(now, before))
  }
  const sortedAbsolute = Float64Array.from(absolute).sort()
  const sortedRelative = Float64Array.from(relative).sort()
  const share = (holds: (watts: number, share: number) => boolean) =>
    absolute.filter((value, index) => holds(value, relative[index] ?? 0)).length / (absolute.length || 1)
  // Below 1.5 W a change may be the rounding of the meter.
  const beyond = (limit: number) => Math.sqrt(share((watts, part) => watts > 1.5 && part > limit))

  const active = sorted.filter((value) => value > useWatts)
  const { minutes, watts: fullestWatts } = fullestLevel(active)
  return {
    changeWatts50: log(quantile(sortedAbsolute, 0.5)),
    changeWatts90: log(quantile(sortedAbsolute, 0.9)),
    change50: Math.sqrt(quantile(sortedRelative, 0.5)),
    change75: Math.sqrt(quantile(sortedRelative, 0.75)),
    change90: Math.sqrt(quantile(sortedRelative, 0.9)),
    change97: Math.sqrt(quantile(sortedRelative, 0.97)),
    unchanged: share((value) => value < 0.5),
    within1Watt: share((value) => value < 1.5),
    beyond2: beyond(0.02),
    beyond5: beyond(0.05),
    beyond20: beyond(0.2),
    rises: log(rises),
    flatShare: minutes / (active.length || 1),
    flatWatts: log(fullestWatts),
    wholeWatts: log(wholeWatts(active)),
  }
}

/** The level, 2 W + 4 % wide, that holds most of these minutes. */
function fullestLevel(sorted: Float64Array): { minutes: number; watts: number } {
  let fullest = { minutes: 0, watts: 0 }
  let from = 0
  for (let to = 0; to < sorted.length; to++) {
    while ((sorted[to] ?? 0) - (sorted[from] ?? 0) > 2 + 0.04 * (sorted[from] ?? 0)) from++
    if (to - from + 1 > fullest.minutes) fullest = { minutes: to - from + 1, watts: sorted[(from + to) >> 1] ?? 0 }
  }
  return fullest
}

/** How many whole watts hold 80 % of these minutes. */
function wholeWatts(values: Float64Array): number {
  const minutes = new Map<number, number>()
  for (const value of values) minutes.set(Math.round(value), (minutes.get(Math.round(value)) ?? 0) + 1)
  let held = 0
  let levels = 0
  for (const count of [...minutes.values()].sort((a, b) => b - a)) {
    if (held >= 0.8 * values.length) break
    held += count
    levels++
  }
  return levels
}

function standby({ watts, sorted, useWatts, standbyWatts }: Day): Features {
  const low = sorted.filter((value) => value <= useWatts)
  const changes: number[] = []
  for (let minute = 1; minute < minutesPerDay; minute++) {
    const before = watts[minute - 1] ?? Number.NaN
    const now = watts[minute] ?? Number.NaN
    if (before <= useWatts && now <= useWatts) changes.push(Math.abs(now - before))
  }
  const share = (count: number) => count / (low.length || 1)
  return {
    standbyWatts: log(standbyWatts),
    standbyMean: Math.sqrt(meanOf(low)),
    standbySpread: log(quantile(low, 0.95) - quantile(low, 0.05)),
    standbyChange: Math.sqrt(meanOf(changes)),
    standbyZero: share(low.filter((value) => value < 0.5).length),
    standbyFrom2: share(low.filter((value) => value >= 1.5).length),
  }
}

/** Above half of the way from standby to peak: the heating of a washing machine, the warm-up of a projector. */
function high({ watts, sorted, runs, standbyWatts, peakWatts }: Day): Features {
  const highFrom = standbyWatts + 0.5 * (peakWatts - standbyWatts)
  const minutes = lengths(runsAbove(watts, highFrom))
  const above = sorted.filter((value) => value > highFrom)
  const duty = runs
    .filter(({ from, to }) => to - from >= 10)
    .map(({ from, to }) => {
      const run = watts.subarray(from, to)
      const near = 0.6 * run.reduce((most, value) => Math.max(most, value), 0)
      return run.filter((value) => value > near).length / run.length
    })
  return {
    highRuns: log(minutes.length),
    highMinutes: log(medianOf(minutes)),
    highLongest: log(Math.max(0, ...minutes)),
    highEnergy: (meanOf(above) * above.length) / (meanOf(sorted) * sorted.length || 1),
    duty: medianOf(duty),
  }
}

/** How a run begins and drifts: a compressor starts high, a backlight warms up, a charger falls off. As shares of the run's level, less one. */
function starts({ watts, runs }: Day): Features {
  const first: number[] = []
  const warm: number[] = []
  const drift: number[] = []
  const slope: number[] = []
  for (const { from, to } of runs) {
    const inside = watts.subarray(from + 1, to - 1)
    const third = Math.floor(inside.length / 3)
    if (to - from >= 8) slope.push(meanOf(inside.slice(-third)) / (meanOf(inside.slice(0, third)) || 1) - 1)

    const seen = from > 0 && !Number.isNaN(watts[from - 1])
    if (!seen || to - from < 25) continue
    const run = watts.subarray(from, to - 1)
    const level = medianOf(run.slice(15, 40))
    first.push(Math.max(...run.slice(0, 3)) / level - 1)
    warm.push(meanOf(run.slice(2, 5)) / level - 1)
    if (run.length >= 45) drift.push(meanOf(run.slice(-10)) / meanOf(run.slice(12, 22)) - 1)
  }
  return { first: medianOf(first), warm: medianOf(warm), drift: medianOf(drift), slope: medianOf(slope) }
}

/** Runs of a few minutes, and how they come in groups. */
function bursts({ watts, runs }: Day): Features {
  const short = runs.filter(({ from, to }) => to - from < 15)
  const peaks = short.map(({ from, to }) => Math.max(...watts.subarray(from, to)))
  const pauses = runs.slice(1).map(({ from }, index) => from - (runs[index]?.to ?? 0))
  const sessions = runs.length === 0 ? 0 : 1 + pauses.filter((pause) => pause >= 20).length
  return {
    bursts: log(short.length),
    burstWatts: log(medianOf(peaks)),
    sessions: log(sessions),
    runsPerSession: log(runs.length / (sessions || 1)),
    dips: log(pauses.filter((pause) => pause <= 5).length),
  }
}

/** Levels held for 5 minutes, within 2 W or 5 %. */
function plateaus({ watts, sorted, useWatts }: Day): Features {
  let inUse = 0
  let steadyMinutes = 0
  let from = 0
  for (let minute = 1; minute <= minutesPerDay; minute++) {
    const level = watts[from] ?? 0
    if (Math.abs((watts[minute] ?? Number.NaN) - level) <= Math.max(2, 0.05 * level)) continue
    if (minute - from >= 5) {
      steadyMinutes += minute - from
      if (level > useWatts) inUse++
    }
    from = minute
  }
  return { plateaus: log(inUse), steadyShare: steadyMinutes / (sorted.length || 1) }
}

/** When it is used: an office by day, a lamp in the evening, a fridge always. */
function clock({ watts, runs, useWatts, standbyWatts }: Day): Features {
  const quarters = new Float64Array(6)
  const hours = new Set<number>()
  let minutes = 0
  let office = 0
  let evening = 0
  let cosine = 0
  let sine = 0
  for (let minute = 0; minute < minutesPerDay; minute++) {
    const now = watts[minute] ?? Number.NaN
    const quarter = Math.floor(minute / 240)
    if (now > standbyWatts) quarters[quarter] = (quarters[quarter] ?? 0) + now - standbyWatts
    if (!(now > useWatts)) continue
    minutes++
    hours.add(Math.floor(minute / 60))
    if (minute >= 8 * 60 && minute < 18 * 60) office++
    if (minute >= 18.5 * 60) evening++
    cosine += Math.cos((2 * Math.PI * minute) / minutesPerDay)
    sine += Math.sin((2 * Math.PI * minute) / minutesPerDay)
  }
  const energy = quarters.reduce((sum, value) => sum + value, 0) || 1
  const share = (count: number) => count / (minutes || 1)
  const longest = longestPause(runs)
  return {
    ...Object.fromEntries(
      Array.from(quarters, (value, index) => [`energyFrom${4 * index}h`, Math.sqrt(value / energy)]),
    ),
    hoursInUse: hours.size / 24,
    office: share(office),
    evening: share(evening),
    together: share(Math.hypot(cosine, sine)),
    noonOrMidnight: share(cosine),
    morningOrEvening: share(sine),
    firstHour: (runs[0]?.from ?? minutesPerDay) / 60,
    lastHour: (runs.at(-1)?.to ?? 0) / 60,
    atMidnight: (watts[0] ?? 0) > useWatts ? 1 : 0,
    pauseHours: (longest.to - longest.from) / 60,
    pauseAt: (longest.from + longest.to) / 120,
  }
}

function longestPause(runs: Day['runs']): { from: number; to: number } {
  let longest = { from: 0, to: 0 }
  let from = 0
  for (const run of [...runs, { from: minutesPerDay, to: minutesPerDay }]) {
    if (run.from - from > longest.to - longest.from) longest = { from, to: run.from }
    from = run.to
  }
  return longest
}
