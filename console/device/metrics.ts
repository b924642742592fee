import { metricWords } from '../../core/evidence-words.ts'
import { language } from '../shared/language.ts'

/** Metrics that are read together: one chart, one unit. */
export interface MetricGroup {
  readonly id: string
  readonly metrics: readonly string[]
  /** Shown at once; the others when somebody wants all, or something is found in them. */
  readonly isMain: boolean
}

const groups: readonly MetricGroup[] = [
  { id: 'door-times', metrics: ['doorCloseSeconds', 'doorOpenSeconds'], isMain: true },
  { id: 'machine-temperatures', metrics: ['motorCelsius', 'cabinetCelsius', 'machineRoomCelsius'], isMain: true },
  { id: 'levelling', metrics: ['levellingErrorMm'], isMain: true },
  { id: 'brake', metrics: ['brakeApplyMs', 'brakeReleaseMs'], isMain: true },
  { id: 'stopping', metrics: ['stopDistanceMm', 'ropeSlipMm'], isMain: true },
  { id: 'vibration', metrics: ['vibrationMmPerS'], isMain: true },
  { id: 'motor-current', metrics: ['motorAmps'], isMain: true },
  { id: 'ride', metrics: ['carVibrationMps2'], isMain: false },
  { id: 'speed', metrics: ['carSpeedMps'], isMain: false },
  { id: 'floor', metrics: ['floor'], isMain: false },
  { id: 'load', metrics: ['loadPercent'], isMain: false },
  { id: 'door-held', metrics: ['doorHeldSeconds'], isMain: false },
  { id: 'retries', metrics: ['doorReopens', 'doorLockRetries', 'relevels'], isMain: false },
  { id: 'lifetime', metrics: ['trips', 'doorCycles'], isMain: false },
  { id: 'hours', metrics: ['runHours'], isMain: false },

  { id: 'terminals', metrics: ['terminalCelsius', 'cableCelsius', 'ambientCelsius'], isMain: true },
  { id: 'leakage', metrics: ['residualMilliamps'], isMain: true },
  { id: 'current', metrics: ['amps', 'neutralAmps'], isMain: true },
  { id: 'power', metrics: ['watts'], isMain: true },
  { id: 'voltage', metrics: ['volts'], isMain: true },
  { id: 'arcs', metrics: ['arcHalfCycles'], isMain: true },
  { id: 'meter-temperature', metrics: ['meterCelsius'], isMain: false },
  { id: 'power-factor', metrics: ['powerFactor'], isMain: false },
  { id: 'energy', metrics: ['energyKwh'], isMain: false },
  { id: 'frequency', metrics: ['hertz'], isMain: false },
]

/** Measured once per door cycle, stop or run: none of them, no value. */
const perEvent: ReadonlySet<string> = new Set([
  ...['doorOpenSeconds', 'doorCloseSeconds', 'doorHeldSeconds', 'doorReopens', 'doorLockRetries'],
  ...['levellingErrorMm', 'relevels', 'brakeApplyMs', 'brakeReleaseMs', 'stopDistanceMm', 'ropeSlipMm'],
  ...['vibrationMmPerS', 'carVibrationMps2', 'motorAmps'],
])

export const isPerEvent = (metric: string) => perEvent.has(metric)

/** Counts, of which the worst single one says something and a mean nothing. */
const counts: ReadonlySet<string> = new Set(['arcHalfCycles', 'doorReopens', 'doorLockRetries', 'relevels'])

export const isCount = (metric: string) => counts.has(metric)

/** States in the order of the strip; others stay in the table. */
const stripMetrics = [
  'mode',
  'doorState',
  'safetyCircuit',
  'alarmButton',
  'mainsLost',
  'faultCode',
  'breaker',
  'occupied',
]

type Values = Readonly<Record<string, number | string | boolean>>

/**
 * The groups of what this device measures; one that nobody thought of is a group of its own. What is found or foreseen comes first.
 * @param concerned metrics that something is the matter with
 */
export function groupsOf(last: Values, concerned: ReadonlySet<string>): MetricGroup[] {
  const numbers = Object.keys(last).filter((name) => typeof last[name] === 'number')
  const known = groups.flatMap(({ metrics, ...group }): MetricGroup[] => {
    const there = metrics.filter((metric) => numbers.includes(metric))
    return there.length === 0 ? [] : [{ ...group, metrics: there }]
  })
  const others = numbers.filter((name) => !groups.some(({ metrics }) => metrics.includes(name)))
  const all = [...known, ...others.map((metric) => ({ id: metric, metrics: [metric], isMain: true }))]
  const isConcerned = ({ metrics }: MetricGroup) => metrics.some((metric) => concerned.has(metric))
  return [
    ...all.filter(isConcerned).map((group) => ({ ...group, isMain: true })),
    ...all.filter((group) => !isConcerned(group)),
  ]
}

export function stripOf(last: Values): string[] {
  return stripMetrics.filter((name) => Object.hasOwn(last, name))
}

/** By the end of a name; the longest that fits counts. */
const units: readonly (readonly [end: string, unit: string])[] = [
  ...([
    ['MmPerS', 'mm/s'],
    ['Mps2', 'm/s²'],
    ['Mps', 'm/s'],
    ['Mm', 'mm'],
    ['Ms', 'ms'],
  ] as const),
  ...([
    ['Milliamps', 'mA'],
    ['amps', 'A'],
    ['Amps', 'A'],
    ['Celsius', '°C'],
    ['Seconds', 's'],
  ] as const),
  ...([
    ['Percent', '%'],
    ['Kwh', 'kWh'],
    ['volts', 'V'],
    ['watts', 'W'],
    ['hertz', 'Hz'],
    ['Hours', 'h'],
  ] as const),
]

/** Empty = a plain number. */
export function unitOf(metric: string): string {
  return units.find(([end]) => metric.endsWith(end))?.[1] ?? ''
}

const english: Readonly<Record<string, string>> = {
  ...{ carSpeedMps: 'Car speed', loadPercent: 'Load', floor: 'Floor', mode: 'Mode', doorState: 'Door' },
  ...{ doorOpenSeconds: 'Opening time', doorCloseSeconds: 'Closing time', doorHeldSeconds: 'Door held open' },
  ...{ doorReopens: 'Door reopens', doorLockRetries: 'Door lock retries', relevels: 'Re-levellings' },
  ...{ levellingErrorMm: 'Levelling error', brakeApplyMs: 'Brake applies in', brakeReleaseMs: 'Brake releases in' },
  ...{
    stopDistanceMm: 'Stopping distance',
    ropeSlipMm: 'Rope slip',
    motorCelsius: 'Motor',
    motorAmps: 'Motor current',
  },
  ...{ vibrationMmPerS: 'Machine vibration', carVibrationMps2: 'Car vibration', machineRoomCelsius: 'Machine room' },
  ...{ cabinetCelsius: 'Control cabinet', trips: 'Trips', runHours: 'Running hours', doorCycles: 'Door cycles' },
  ...{ faultCode: 'Fault code', alarmButton: 'Alarm button', mainsLost: 'Mains', safetyCircuit: 'Safety circuit' },
  ...{ direction: 'Direction', doorZone: 'Door zone', brakeState: 'Brake', passengerPresent: 'Passenger' },
  ...{ doorObstructed: 'Door obstructed' },
  ...{ volts: 'Voltage', amps: 'Line current', neutralAmps: 'Neutral current', watts: 'Power', hertz: 'Frequency' },
  ...{ powerFactor: 'Power factor', energyKwh: 'Energy', residualMilliamps: 'Leakage current', breaker: 'Breaker' },
  ...{ terminalCelsius: 'Terminal', cableCelsius: 'Cable', ambientCelsius: 'Air in the box', meterCelsius: 'Meter' },
  ...{ arcHalfCycles: 'Arc half-cycles in a second', occupied: 'Room' },
}

/** What a metric is called; one without a word is its own name, taken apart. */
export function metricName(metric: string): string {
  if (language.value === 'en')
    return english[metric] ?? metric.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  const word = chineseOf(metric)
  return word === undefined ? metric : typeof word === 'string' ? word : word.name
}

/** "3.92 s": as many places as a person can use. */
export function measure(value: number, metric: string): string {
  return `${plainNumber(value)} ${unitOf(metric)}`.trimEnd()
}

function plainNumber(value: number): string {
  const size = Math.abs(value)
  return String(Number(value.toFixed(size < 1 ? 3 : size < 10 ? 2 : size < 100 ? 1 : 0)))
}

type Word = (typeof metricWords)[keyof typeof metricWords]

function chineseOf(metric: string): Word | undefined {
  return (metricWords as Readonly<Record<string, Word>>)[metric]
}

const englishStates: Readonly<Record<string, string>> = {
  ...{
    'alarmButton:true': 'pressed',
    'alarmButton:false': 'not pressed',
    'mainsLost:true': 'lost',
    'mainsLost:false': 'present',
  },
  ...{ 'occupied:true': 'someone there', 'occupied:false': 'nobody there', 'faultCode:00': 'none' },
}

/** "inspection", "pressed": a state as people say it. */
export function stateText(metric: string, value: string | number | boolean): string {
  const key = `${metric}:${value}`
  if (language.value === 'en') return englishStates[key] ?? String(value).replaceAll('-', ' ')
  if (key === 'faultCode:00') return '无'
  const word = chineseOf(metric)
  if (word === undefined || typeof word === 'string') return String(value)
  if ('values' in word) return (word.values as Readonly<Record<string, string>>)[String(value)] ?? String(value)
  if ('yes' in word && typeof value === 'boolean') return value ? word.yes : word.no
  return String(value)
}

/** The colour of a state: calm ones are grey, so that the strip shows what is not. */
export function stateColour(metric: string, value: string | number | boolean): string {
  const said = stateColours[metric]?.[String(value)]
  if (said !== undefined) return said
  if (metric === 'faultCode') return value === '00' ? '--raised' : '--urgent'
  return '--raised'
}

const stateColours: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mode: {
    ...{ inspection: '--info', fire: '--critical', firefighter: '--critical', earthquake: '--critical' },
    ...{ 'emergency-power': '--urgent', 'out-of-service': '--warning' },
  },
  doorState: { open: '--info', opening: '--info', closing: '--info' },
  // with the door open it is open: nothing is wrong
  safetyCircuit: { open: '--info' },
  alarmButton: { true: '--critical' },
  mainsLost: { true: '--critical' },
  breaker: { open: '--warning', tripped: '--urgent' },
  occupied: { true: '--info' },
}
