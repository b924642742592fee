import type { Mapping } from './wire.ts'

/* What the mapping editor holds: texts, as somebody writes them. What they say wrongly the service says, by its place. */

export interface MetricTexts {
  readonly name: string
  readonly path: string
  readonly as: 'number' | 'text' | 'flag' | 'words'
  readonly scale: string
  readonly offset: string
  /** `0 = open, 1 = closed`; `a = "1"` where ours is a text. */
  readonly words: string
  /** What says nothing: `-9999, NA, ""`. */
  readonly empty: string
}

export interface RuleTexts {
  readonly topic: string
  readonly device: 'topic' | 'id' | 'path'
  /** The id or the path. */
  readonly deviceText: string
  readonly each: string
  readonly time: 'receipt' | 'iso' | 'epoch-ms' | 'epoch-s'
  readonly timePath: string
  readonly utcOffset: string
  readonly metrics: readonly MetricTexts[]
}

export interface MappingTexts {
  readonly rules: readonly RuleTexts[]
  /** One topic a line. */
  readonly ignore: string
  /** `their name = our id`, one a line. */
  readonly devices: string
}

type Rule = Mapping['rules'][number]
type Metric = Rule['metrics'][string]
type Value = string | number | boolean

const blank = { scale: '', offset: '', words: '', empty: '' }
export const emptyMetric: MetricTexts = { name: '', path: '', as: 'number', ...blank }
export const emptyRule: RuleTexts = {
  ...{ topic: '', device: 'topic', deviceText: '', each: '', time: 'receipt', timePath: '', utcOffset: '' },
  metrics: [emptyMetric],
}

export function textsOf({ rules, ignore = [], devices = {} }: Mapping): MappingTexts {
  return {
    rules: rules.map(ruleTexts),
    ignore: ignore.join('\n'),
    devices: Object.entries(devices)
      .map(([theirs, ours]) => `${theirs} = ${ours}`)
      .join('\n'),
  }
}

function ruleTexts({ topic, device, each = '', time, metrics }: Rule): RuleTexts {
  const isTimed = time !== 'receipt'
  return {
    ...{ topic, each, device: device === undefined ? 'topic' : 'id' in device ? 'id' : 'path' },
    deviceText: device === undefined ? '' : 'id' in device ? device.id : device.path,
    ...{ time: isTimed ? time.format : 'receipt', timePath: isTimed ? time.path : '' },
    utcOffset: (isTimed ? time.utcOffset : undefined) ?? '',
    metrics: Object.entries(metrics).map(([name, metric]) => metricTexts(name, metric)),
  }
}

function metricTexts(name: string, { path, as = 'number', scale, offset, words, empty = [] }: Metric): MetricTexts {
  return {
    ...{ name, path, as: words === undefined ? as : 'words' },
    ...{ scale: scale?.toString() ?? '', offset: offset?.toString() ?? '' },
    words: Object.entries(words ?? {})
      .map(([theirs, ours]) => `${theirs} = ${valueText(ours)}`)
      .join(', '),
    empty: empty.map(valueText).join(', '),
  }
}

/** What is sent. A number that is none is sent as it is written, for the service to name it; a line of a metric without a name says nothing. */
export function mappingOf({ rules, ignore, devices }: MappingTexts): Mapping {
  const ignored = partsOf(ignore, '\n')
  const names = pairsOf(devices, '\n')
  return {
    rules: rules.map(ruleOf),
    ...(ignored.length > 0 && { ignore: ignored }),
    ...(names.length > 0 && { devices: Object.fromEntries(names) }),
  }
}

function ruleOf({ topic, device, deviceText, each, time, timePath, utcOffset, metrics }: RuleTexts): Rule {
  const offset = utcOffset.trim()
  return {
    topic: topic.trim(),
    ...(device === 'id' && { device: { id: deviceText.trim() } }),
    ...(device === 'path' && { device: { path: deviceText.trim() } }),
    ...(each.trim() !== '' && { each: each.trim() }),
    time:
      time === 'receipt'
        ? time
        : { path: timePath.trim(), format: time, ...(time === 'iso' && offset !== '' && { utcOffset: offset }) },
    metrics: Object.fromEntries(
      metrics.filter(({ name }) => name.trim() !== '').map((metric) => [metric.name.trim(), metricOf(metric)]),
    ),
  }
}

function metricOf({ path, as, scale, offset, words, empty }: MetricTexts): Metric {
  const none = partsOf(empty, ',').map(valueIn)
  const said = pairsOf(words, ',').map(([theirs, ours]): [string, Value] => [theirs, valueIn(ours)])
  return {
    path: path.trim(),
    as: as === 'words' ? 'number' : as,
    ...(as === 'words' && { words: Object.fromEntries(said) }),
    ...(as === 'number' && scale.trim() !== '' && { scale: numberIn(scale) }),
    ...(as === 'number' && offset.trim() !== '' && { offset: numberIn(offset) }),
    ...(none.length > 0 && { empty: none }),
  }
}

/** Metrics that a rule names twice: of these the last one alone would be sent. */
export function namedTwice({ metrics }: RuleTexts): string[] {
  const names = metrics.map(({ name }) => name.trim()).filter((name) => name !== '')
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

function partsOf(text: string, between: ',' | '\n'): string[] {
  return text
    .split(between === ',' ? /[,，\n]/ : '\n')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function pairsOf(text: string, between: ',' | '\n'): [string, string][] {
  return partsOf(text, between).map((part) => {
    const at = part.lastIndexOf('=')
    return at < 0 ? [part, ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()]
  })
}

/** In quotes where it would be read as something else without: "1" is a text, 1 a number. */
function valueText(value: Value): string {
  const isPlain = value !== '' && valueIn(String(value).trim()) === value
  return isPlain ? String(value) : `"${value}"`
}

function valueIn(text: string): Value {
  const quoted = /^"(.*)"$/.exec(text)?.[1]
  if (quoted !== undefined) return quoted
  if (text === 'true' || text === 'false') return text === 'true'
  return text === '' || !Number.isFinite(Number(text)) ? text : Number(text)
}

function numberIn(text: string): number {
  const number = Number(text)
  return Number.isNaN(number) ? (text.trim() as unknown as number) : number
}

const mostPaths = 100
const plainName = /^[\p{L}_][\p{L}\p{N}_-]*$/u

/** Places in a message that hold one value, as a mapping names them; those of the first item of `each` as `@`. */
export function pathsIn(payload: string, each = ''): string[] {
  const paths: string[] = []
  try {
    collect(JSON.parse(payload), '$', paths)
  } catch {
    return []
  }
  const item = `${each.trim()}[0]`
  return each.trim() === ''
    ? paths
    : paths.map((path) => (path.startsWith(item) ? `@${path.slice(item.length)}` : path))
}

function collect(value: unknown, path: string, into: string[]): void {
  if (into.length >= mostPaths) return
  if (typeof value !== 'object' || value === null) {
    into.push(path)
    return
  }
  for (const [name, inner] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${name}]` : plainName.test(name) ? `.${name}` : `['${name}']`
    if (!/['\\].*['\\].*['\\]/.test(step)) collect(inner, path + step, into)
  }
}

/** A rule to begin with: the message's topic, and a line for each number in it. */
export function ruleFor(topic: string, payload: string): RuleTexts {
  const metrics = pathsIn(payload).map((path): MetricTexts => ({ ...emptyMetric, path }))
  return { ...emptyRule, topic, device: 'id', metrics: metrics.length > 0 ? metrics.slice(0, 20) : [emptyMetric] }
}
