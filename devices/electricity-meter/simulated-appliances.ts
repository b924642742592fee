import { dayMs, hourMs, minuteMs } from '../../core/clock.ts'
import type { ElectricityMeterFacts } from './facts.ts'

export interface Load {
  readonly watts: number
  /** Reactive power, var: positive for motors, and with what distortion adds for simple power supplies. */
  readonly vars: number
  /** What its filter capacitors leak, mA. */
  readonly leakMilliamps: number
}

export function load(watts: number, powerFactor: number, leakMilliamps = 0): Load {
  return { watts, vars: watts * Math.tan(Math.acos(powerFactor)), leakMilliamps }
}

/** What people and thermostats go by. */
export interface Moment {
  readonly at: number
  readonly elapsedMs: number
  /** Local, with its fraction. */
  readonly hour: number
  /** Since 1970, local. */
  readonly day: number
  /** Nobody works: a weekend, or one of the holidays that all of China has. */
  readonly isFree: boolean
  readonly outsideCelsius: number
}

/** What a room draws at one moment, and whether somebody is there. */
export interface Drawn extends Load {
  readonly isHome: boolean
}

/** Something that people switch on now and then, and that is off after a while or when they go. */
interface Habit extends Load {
  readonly minutes: readonly [least: number, most: number]
  /** Its power is never twice the same: deviation, W. */
  readonly jitterWatts?: number
  /** Times per hour while somebody is there. */
  perHour(moment: Moment): number
}

export type Use = NonNullable<ElectricityMeterFacts['use']>

const within = (hour: number, from: number, to: number, perHour: number) => (hour >= from && hour < to ? perHour : 0)

const kettle: Habit = {
  ...load(1_800, 1, 0.2),
  minutes: [3, 5],
  perHour: ({ hour }) => within(hour, 6.5, 9, 0.6) + within(hour, 18, 23, 0.3),
}
const riceCooker: Habit = {
  ...load(700, 1, 0.3),
  minutes: [28, 38],
  perHour: ({ hour }) => within(hour, 17, 19.5, 0.4),
}
const inductionStove: Habit = {
  ...load(1_600, 0.98, 2.5),
  jitterWatts: 20,
  minutes: [12, 24],
  perHour: ({ hour }) => within(hour, 11, 13, 0.2) + within(hour, 17, 20, 0.6),
}
const hairDryer: Habit = { ...load(1_150, 1, 0.1), minutes: [3, 6], perHour: ({ hour }) => within(hour, 7, 8, 0.3) }
const television: Habit = {
  ...load(95, 0.6, 0.3),
  jitterWatts: 8,
  minutes: [50, 160],
  perHour: ({ hour, isFree }) => within(hour, 19, 22.5, 0.7) + (isFree ? within(hour, 9, 19, 0.2) : 0),
}
const computer: Habit = {
  ...load(170, 0.65, 0.6),
  jitterWatts: 22,
  minutes: [60, 220],
  perHour: ({ hour, isFree }) => within(hour, 18.5, 22.5, 0.25) + (isFree ? within(hour, 10, 18, 0.15) : 0),
}
const washingMachine: Habit = {
  ...load(280, 0.7, 0.8),
  jitterWatts: 60,
  minutes: [38, 55],
  perHour: ({ hour, isFree }) => (isFree ? within(hour, 8, 20, 0.12) : within(hour, 19, 21.5, 0.1)),
}
const officeComputers: Habit = {
  ...load(420, 0.75, 2),
  jitterWatts: 35,
  minutes: [150, 240],
  perHour: ({ hour }) => within(hour, 8.5, 17, 1),
}
const machineTool: Habit = {
  ...load(1_500, 0.8, 1),
  jitterWatts: 120,
  minutes: [5, 40],
  perHour: ({ hour }) => within(hour, 8, 18, 0.8),
}
const hotPlate: Habit = { ...load(1_000, 1, 0.5), minutes: [10, 20], perHour: ({ hour }) => within(hour, 11, 20, 0.3) }

interface Mix {
  readonly habits: readonly Habit[]
  readonly standbyWatts: number
  readonly lampWatts: number
  readonly fridge?: true
  readonly waterHeater?: true
  readonly cooled?: true
  /** When people are away on a working day, and on a free one; local hours. */
  readonly away: { readonly working: readonly [from: number, to: number]; readonly free: readonly [number, number] }
}

const home = { working: [8, 18.4], free: [13, 16] } as const
const business = { working: [19, 32], free: [0, 24] } as const
const mixes: Readonly<Record<Exclude<Use, 'feeder'>, Mix>> = {
  residential: {
    habits: [kettle, riceCooker, inductionStove, hairDryer, television, computer, washingMachine],
    ...{ standbyWatts: 22, lampWatts: 45, fridge: true, waterHeater: true, cooled: true, away: home },
  },
  dormitory: {
    habits: [computer, hairDryer],
    ...{ standbyWatts: 10, lampWatts: 36, cooled: true, away: { working: [8, 17], free: [10, 15] } },
  },
  hotel: { habits: [kettle, hairDryer, television], standbyWatts: 15, lampWatts: 60, cooled: true, away: home },
  shop: {
    habits: [kettle, hotPlate],
    ...{ standbyWatts: 60, lampWatts: 240, fridge: true, cooled: true },
    away: { working: [21, 32.5], free: [21, 32.5] },
  },
  office: { habits: [kettle, officeComputers], standbyWatts: 60, lampWatts: 180, cooled: true, away: business },
  workshop: { habits: [machineTool, kettle], standbyWatts: 40, lampWatts: 200, away: business },
  medical: {
    habits: [officeComputers, kettle],
    ...{ standbyWatts: 150, lampWatts: 200, fridge: true, cooled: true },
    away: { working: [20, 31.5], free: [18, 32] },
  },
}

const feederRooms = 12
/** A storage water heater's own losses, what a shower takes, and what heats it; K per hour, K. */
const tankLossPerHour = 0.6
const tankHeatPerHour = 18
const showerKelvin = 12
const coolFromCelsius = 26
const heatToCelsius = 6
/** Once in so many days people are away for some days. */
const tripEveryDays = 45

/** Everything that runs in a room of this use, by the habits of its people. A feeder carries a dozen dwellings. */
export function household(random: () => number, use: Use): (moment: Moment) => Drawn {
  if (use !== 'feeder') return room(random, mixes[use])
  const rooms = Array.from({ length: feederRooms }, () => room(random, mixes.residential))
  return (moment) => rooms.map((drawn) => drawn(moment)).reduce(together)
}

function together(one: Drawn, other: Drawn): Drawn {
  return {
    watts: one.watts + other.watts,
    vars: one.vars + other.vars,
    leakMilliamps: one.leakMilliamps + other.leakMilliamps,
    isHome: one.isHome || other.isHome,
  }
}

function room(random: () => number, mix: Mix): (moment: Moment) => Drawn {
  const isHome = people(random, mix)
  const parts = [
    ...(mix.fridge ? [fridge(random)] : []),
    ...(mix.waterHeater ? [waterHeater(random)] : []),
    ...(mix.cooled ? [airConditioner(random)] : []),
    ...mix.habits.map((habit) => habitual(random, habit)),
    lamps(mix.lampWatts),
  ]
  const standby = load(mix.standbyWatts, 0.6)

  // sums in variables: a fleet of thousands asks each of its rooms every ten seconds
  return (moment) => {
    const home = isHome(moment)
    let { watts, vars, leakMilliamps } = standby
    for (const part of parts) {
      const running = part(moment, home)
      if (running === undefined) continue
      watts += running.watts
      vars += running.vars
      leakMilliamps += running.leakMilliamps
    }
    return { watts, vars, leakMilliamps, isHome: home }
  }
}

type Part = (moment: Moment, isHome: boolean) => Load | undefined

/** Hours differ by half an hour from room to room; each day is drawn when it begins. */
function people(random: () => number, { away }: Mix): (moment: Moment) => boolean {
  const lateHours = random() - 0.5
  let today = Number.NaN
  let backOn = 0
  let goesOut = true
  return ({ day, hour, isFree }) => {
    if (day !== today) {
      today = day
      goesOut = !isFree || random() < 0.6
      if (day >= backOn && random() < 1 / tripEveryDays) backOn = day + 1 + Math.ceil(3 * random())
    }
    if (day < backOn) return false
    const [from, to] = isFree ? away.free : away.working
    const local = hour < to - 24 - lateHours ? hour + 24 : hour
    return !(goesOut && local >= from + lateHours && local < to + lateHours)
  }
}

function habitual(random: () => number, habit: Habit): Part {
  const { minutes, jitterWatts, watts, vars, leakMilliamps } = habit
  const [least, most] = minutes
  let until = 0
  return (moment, isHome) => {
    if (!isHome) until = 0
    else if (until <= moment.at) {
      const perHour = habit.perHour(moment)
      if (perHour > 0 && random() < perHour * (moment.elapsedMs / hourMs))
        until = moment.at + (least + (most - least) * random()) * minuteMs
    }
    if (until <= moment.at) return undefined
    if (jitterWatts === undefined) return habit
    const share = 1 + ((random() + random() - 1) * 2.4 * jitterWatts) / watts
    return { watts: watts * share, vars: vars * share, leakMilliamps }
  }
}

/** When it is dark and somebody is awake. */
function lamps(watts: number): Part {
  const lit = load(watts, 0.9, 0.2)
  return ({ hour }, isHome) =>
    isHome && ((hour > 6.3 && hour < 7.5) || (hour > 17.5 && hour < 23.4)) ? lit : undefined
}

/** Its compressor runs for a quarter of an hour of forty minutes, for longer in summer. */
function fridge(random: () => number): Part {
  const running = load(85 + 35 * random(), 0.75, 0.2)
  let isOn = random() < 0.35
  let until = 0
  return ({ at, outsideCelsius }) => {
    if (at >= until) {
      isOn = until > 0 ? !isOn : isOn
      const minutes = isOn ? 13 + 5 * random() : 30 - Math.max(0, outsideCelsius - 18) * 0.6 + 8 * random()
      until = at + minutes * minuteMs
    }
    return isOn ? running : undefined
  }
}

/** A tank of which showers take, mostly in the evening; its thermostat keeps it warm. */
function waterHeater(random: () => number): Part {
  const heating = load(1_500, 1, 0.8)
  const isThere = random() < 0.6
  let celsius = 54 + 6 * random()
  let isOn = false
  return ({ elapsedMs, hour }, isHome) => {
    if (!isThere) return undefined
    const hours = elapsedMs / hourMs
    const showers = isHome && within(hour, 19.5, 22, 0.6) + within(hour, 7, 7.8, 0.2)
    celsius -= tankLossPerHour * hours + (random() < Number(showers) * hours ? showerKelvin : 0)
    if (celsius < 50) isOn = true
    if (isOn) celsius += tankHeatPerHour * hours
    if (celsius > 60) isOn = false
    return isOn ? heating : undefined
  }
}

/** Half of them turn their compressor slower and faster, the others switch it on and off. */
function airConditioner(random: () => number): Part {
  const isInverter = random() < 0.5
  const fixed = load(900, 0.92, 1)
  let watts = 0
  let isOn = false
  let until = 0
  return ({ at, elapsedMs, outsideCelsius }, isHome) => {
    const kelvin = Math.max(outsideCelsius - coolFromCelsius, heatToCelsius - outsideCelsius)
    if (isInverter) {
      const target = isHome && kelvin > 0 ? Math.min(900, 230 + 55 * kelvin) : 0
      watts = target + (watts - target) * Math.exp(-elapsedMs / (4 * minuteMs))
      return watts < 40 ? undefined : load(watts + (random() + random() - 1) * 18, 0.98, 1)
    }
    if (!isHome || kelvin <= 0) {
      isOn = false
      return undefined
    }
    if (at >= until) {
      isOn = !isOn
      until = at + (isOn ? 7 + kelvin + 4 * random() : Math.max(6, 14 - kelvin) + 4 * random()) * minuteMs
    }
    return isOn ? fixed : undefined
  }
}

/** Constant current while the battery's voltage rises by some per cent, then constant voltage, then a float of some watts. */
export function chargerWatts(hours: number, watts: number, flatHours: number, taperHours: number): number {
  if (hours < 0) return 0
  if (hours < flatHours) return watts * (0.94 + (0.06 * hours) / flatHours)
  return Math.max(3.5, watts * Math.exp((-2.6 * (hours - flatHours)) / taperHours))
}

/** 1 January, 1 to 3 May and 1 to 7 October are holidays in all of China; those of the moon's calendar are not simulated. */
export function isFreeDay(day: number): boolean {
  const date = new Date(day * dayMs)
  const ofMonth = date.getUTCDate()
  const month = date.getUTCMonth() + 1
  const isHoliday = (month === 1 && ofMonth === 1) || (month === 5 && ofMonth <= 3) || (month === 10 && ofMonth <= 7)
  return isHoliday || date.getUTCDay() % 6 === 0
}

/** @returns the local day since 1970 and its hour */
export function localTime(localMs: number): { day: number; hour: number } {
  const day = Math.floor(localMs / dayMs)
  return { day, hour: (localMs - day * dayMs) / hourMs }
}
