import { secondMs } from '../core/clock.ts'
import { isIdentifier } from '../core/identifier.ts'
import { type JsonPath, type JsonStep, parseJsonPath, valueAt } from '../core/json-path.ts'
import { type Mapping, type MappingRule, topicMatcher } from '../core/mapping.ts'
import type { Fault } from '../core/quarantine.ts'
import type { MetricValue, Values } from '../core/reading.ts'

/** One reading in our words, not checked yet: its device's kind says which metrics there are and what they may be. */
export interface MappedReading {
  readonly deviceId: string
  readonly at: number
  readonly values: Values
  /** Where in the message it stood: `$`, `$.data[3]`. */
  readonly path: string
  /** Where its time and each of its values stood. */
  readonly places: { readonly at: string; readonly values: Readonly<Record<string, string>> }
}

export interface Mapped {
  readonly readings: readonly MappedReading[]
  /** What could not be used, by its path in the message as it came; at most 20. */
  readonly faults: readonly Fault[]
}

/**
 * @param topic as it was published; below the gateway's own `raw/`, without that
 * @param body the message, parsed
 * @param receivedAt ms since 1970
 * @returns undefined when no rule is for this topic
 */
export type MapMessage = ((topic: string, body: unknown, receivedAt: number) => Mapped | undefined) & {
  /** Nothing is wanted of it, whatever its messages are. */
  readonly ignores: (topic: string) => boolean
}

export const mostItems = 500
/** Nobody reads more of one message. */
const mostFaults = 20

/**
 * A mapping as a function. Pure, and done with nothing but the message: a replay of the journal gives the same readings. It never
 * throws, whatever the message is; what it cannot use is a fault, and the rest is used.
 */
export function compileMapping({ rules, ignore = [], devices = {} }: Mapping): MapMessage {
  const compiled = rules.map((rule) => compileRule(rule, devices))
  const ignored = ignore.map(topicMatcher)
  const map = (topic: string, body: unknown, receivedAt: number) => {
    const levels = topic.split('/')
    for (const rule of compiled) if (rule.fits(levels)) return rule.map(levels, body, receivedAt)
    return undefined
  }
  return Object.assign(map, { ignores: (topic: string) => ignored.some((fits) => fits(topic.split('/'))) })
}

interface Item {
  readonly root: unknown
  readonly item: unknown
  readonly itemPath: string
}

interface Place {
  /** As a person finds it in the message. */
  readonly path: string
  readonly value: unknown
}

type Find = (item: Item) => Place
type Read<T> = (place: Place) => T | Wrong

/** Answered, not thrown: a message may have thousands. */
class Wrong {
  readonly reason: Fault['reason']
  readonly text: string
  constructor(reason: Fault['reason'], text: string) {
    this.reason = reason
    this.text = text
  }
}

function compileRule(rule: MappingRule, devices: Readonly<Record<string, string>>) {
  const findItems = itemsFinder(rule.each)
  const findName = nameFinder(rule)
  const readName = nameReader(devices)
  const timeOf = timeReader(rule.time)
  const findTime = rule.time === 'receipt' ? receiptPlace : finder(rule.time.path)
  const metrics = Object.entries(rule.metrics).map(([name, metric]) => ({
    ...{ name, find: finder(metric.path), read: metricReader(metric) },
    empty: new Set(metric.empty?.map(asSaid)),
  }))

  function readingOf(item: Item, levels: readonly string[], receivedAt: number, faults: Fault[]) {
    const values: Record<string, MetricValue> = {}
    const places: Record<string, string> = {}
    const faultsBefore = faults.length
    for (const { name, find, read, empty } of metrics) {
      const place = find(item)
      if (place.value === undefined || place.value === null) continue
      if (isScalar(place.value) && empty.has(asSaid(place.value))) continue
      const value = attempt(place, read, faults)
      if (value === undefined) continue
      values[name] = value
      places[name] = place.path
    }
    if (Object.keys(values).length === 0) {
      const isSilent = faults.length === faultsBefore
      if (isSilent) note(faults, item.itemPath, new Wrong('not-mapped', 'no metric of the mapping is in it'))
      return []
    }
    const deviceId = attempt(findName(item, levels), readName, faults)
    const at = timeOf(item, receivedAt, faults)
    if (deviceId === undefined || at === undefined) return []
    return [{ deviceId, at, values, path: item.itemPath, places: { at: findTime(item).path, values: places } }]
  }

  return {
    fits: topicMatcher(rule.topic),

    map(levels: readonly string[], body: unknown, receivedAt: number): Mapped {
      const faults: Fault[] = []
      const items = attempt({ path: rule.each ?? '$', value: body }, findItems, faults) ?? []
      return { readings: items.flatMap((item) => readingOf(item, levels, receivedAt, faults)), faults }
    },
  }
}

const receiptPlace: Find = ({ itemPath }) => ({ path: itemPath, value: undefined })

/** What it answers; else undefined, and one fault more, at the place that was wrong. */
function attempt<T>(place: Place, read: Read<T>, faults: Fault[]): T | undefined {
  const answer = read(place)
  if (!(answer instanceof Wrong)) return answer
  note(faults, place.path, answer)
  return undefined
}

function note(faults: Fault[], path: string, { reason, text }: Wrong): void {
  if (faults.length < mostFaults) faults.push({ path, reason, text })
}

function finder(text: string): Find {
  const { from, steps } = parsed(text)
  const rest = text.slice(1)
  if (from === '$') return ({ root }) => ({ path: text, value: valueAt(root, steps) })
  return ({ item, itemPath }) => ({ path: itemPath + rest, value: valueAt(item, steps) })
}

/** The schema has let no other text in. */
function parsed(text: string): JsonPath {
  const path = parseJsonPath(text)
  if (path === undefined) throw new Error(`${text} is no path`)
  return path
}

function itemsFinder(each: string | undefined): Read<Item[]> {
  if (each === undefined) return ({ value: root }) => [{ root, item: root, itemPath: '$' }]
  const steps: readonly JsonStep[] = parsed(each).steps
  return ({ value: root }) => {
    const items = valueAt(root, steps)
    if (!Array.isArray(items)) return new Wrong('not-mapped', `a list is expected here, this is ${shown(items)}`)
    if (items.length > mostItems) {
      return new Wrong('too-many', `${items.length} readings in one message; at most ${mostItems}`)
    }
    return items.map((item: unknown, index) => ({ root, item, itemPath: `${each}[${index}]` }))
  }
}

function nameFinder({ topic, device }: MappingRule): (item: Item, levels: readonly string[]) => Place {
  if (device === undefined) {
    const level = topic.split('/').indexOf('{device}')
    return (_, levels) => ({ path: '$', value: levels[level] })
  }
  if ('id' in device) return () => ({ path: '$', value: device.id })
  return finder(device.path)
}

function nameReader(devices: Readonly<Record<string, string>>): Read<string> {
  return ({ value }) => {
    const name = typeof value === 'number' ? String(value) : value
    if (typeof name !== 'string')
      return new Wrong('unknown-device', `the name of a device is expected, this is ${shown(value)}`)
    const id = Object.hasOwn(devices, name) ? devices[name] : name
    if (id === undefined || !isIdentifier(id)) {
      return new Wrong('unknown-device', `${shown(name)} is no id, and the mapping has no device for it`)
    }
    return id
  }
}

function metricReader({ as, scale = 1, offset = 0, words }: MappingRule['metrics'][string]): Read<MetricValue> {
  if (words !== undefined) return wordReader(words)
  if (as === 'text') return readText
  return as === 'flag' ? readFlag : ({ value }) => readNumber(value, scale, offset)
}

function wordReader(words: Readonly<Record<string, MetricValue>>): Read<MetricValue> {
  return ({ value }) => {
    const word = isScalar(value) ? String(value) : undefined
    const ours = word !== undefined && Object.hasOwn(words, word) ? words[word] : undefined
    if (ours === undefined) return new Wrong('unknown-value', `the mapping has no word for ${shown(value)}`)
    return ours
  }
}

function readText({ value }: Place): string | Wrong {
  if (isScalar(value)) return String(value)
  return new Wrong('wrong-type', `a text is expected, this is ${shown(value)}`)
}

const flags: Readonly<Record<string, boolean>> = {
  ...{ true: true, yes: true, on: true, '1': true },
  ...{ false: false, no: false, off: false, '0': false },
}

function readFlag({ value }: Place): boolean | Wrong {
  const word = isScalar(value) ? String(value).toLowerCase() : ''
  const flag = Object.hasOwn(flags, word) ? flags[word] : undefined
  if (flag === undefined) return new Wrong('wrong-type', `true or false is expected, this is ${shown(value)}`)
  return flag
}

const decimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?\s*$/i
/** Of thousands of digits and a letter, the pattern would try every beginning. */
const longestNumber = 40

/** Also one that is written as text; undefined where there is none. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.length <= longestNumber && decimal.test(value) ? Number(value) : undefined
}

/** The same for a number and for that number as text, however it is written: -9999, "-9999.00". */
function asSaid(value: MetricValue): string {
  return String(numberIn(value) ?? value)
}

function readNumber(value: unknown, scale: number, offset: number): number | Wrong {
  const theirs = numberIn(value)
  if (theirs === undefined) return new Wrong('wrong-type', `a number is expected, this is ${shown(value)}`)
  return converted(theirs, scale, offset)
}

/** More digits than a sensor has, and fewer than binary fractions make up: 0.1 × 3 is 0.3. */
const significantDigits = 12

function converted(theirs: number, scale: number, offset: number): number | Wrong {
  const ours = scale === 1 && offset === 0 ? theirs : Number((theirs * scale + offset).toPrecision(significantDigits))
  if (!Number.isFinite(ours)) return new Wrong('not-a-number', `${theirs} is not a finite number here`)
  return ours
}

function timeReader(
  time: MappingRule['time'],
): (item: Item, receivedAt: number, faults: Fault[]) => number | undefined {
  if (time === 'receipt') return (_, receivedAt) => receivedAt
  const { format, utcOffset } = time
  const find = finder(time.path)
  const read: Read<number> =
    format === 'iso' ? ({ value }) => isoTime(value, utcOffset) : ({ value }) => epochTime(value, format)
  return (item, _, faults) => attempt(find(item), read, faults)
}

function epochTime(value: unknown, format: 'epoch-ms' | 'epoch-s'): number | Wrong {
  const at = Math.round((numberIn(value) ?? Number.NaN) * (format === 'epoch-s' ? secondMs : 1))
  if (!Number.isSafeInteger(at)) return new Wrong('bad-time', `a time is expected here, this is ${shown(value)}`)
  return at
}

const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?$/i

function isoTime(value: unknown, utcOffset: string | undefined): number | Wrong {
  const [, day = '', clock = '', named] = (typeof value === 'string' && iso.exec(value)) || []
  const zone = named ?? utcOffset
  if (day !== '' && zone === undefined) {
    return new Wrong('bad-time', `${shown(value)} names no zone, and the mapping has no "utcOffset"`)
  }
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const at = Date.parse(`${day}T${clock}${zone?.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`)
  // `Date` takes 31 February for 3 March
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day)
  if (Number.isNaN(at) || !isDay) return new Wrong('bad-time', `${shown(value)} is not an ISO 8601 time`)
  return at
}

function isScalar(value: unknown): value is MetricValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

const longestShown = 60

/** For a sentence. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}
