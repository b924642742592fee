import type { Evidence } from './detector.ts'
import { type EvidenceWord, evidenceWords, type Figure, metricWords, prefixes, share, units } from './evidence-words.ts'
import { findingTitles } from './finding-titles.ts'

/** The longest first: `Milliamps` ends with no `Amps`. */
const unitNames = Object.keys(units).toSorted((one, other) => other.length - one.length)

/**
 * The figures behind a finding as people in Hangzhou read them: "电机温度 131 °C，限值 130 °C". Rules speak English; a new one
 * needs no sentence here, only a word for each key of its evidence that has none yet.
 *
 * Undefined when there is nothing to say, or when a key or a choice has no word: then the rule's own sentence is shown, for half
 * of the figures is worse than all of them in English.
 */
export function chineseDetail(evidence: Evidence): string | undefined {
  const keys = Object.keys(evidence).filter((key) => evidence[key] !== null && !isLimitAgain(key, evidence))
  const said: string[] = []
  for (const key of keys.toSorted((one, other) => placeOf(one, keys) - placeOf(other, keys))) {
    const text = sayFigure(key, evidence[key] ?? '', keys)
    if (text === undefined) return undefined
    if (text !== '') said.push(text)
  }
  return said.length === 0 ? undefined : said.join('，')
}

const titles = findingTitles('zh-CN')
const order = Object.keys(evidenceWords)
const prefixOrder = Object.keys(prefixes)

/**
 * The database keeps the keys in an order of its own, so they get one here: what was measured, in the order of the words above,
 * and each limit behind what it is the limit of; then what has no unit.
 */
function placeOf(key: string, keys: readonly string[]): number {
  const place = (name: string) => order.indexOf(name) + (unitOf(name) === '' ? order.length : 0)
  if (Object.hasOwn(evidenceWords, key)) return place(key)
  const { prefix, rest } = partsOf(key)
  const ofItsUnit = keys.filter((other) => Object.hasOwn(evidenceWords, other) && unitOf(other) === unitOf(key))
  const limited = keys.includes(rest) ? [rest] : ofItsUnit
  const behind = limited.length === 0 ? order.length : Math.min(...limited.map(place))
  return behind + (prefixOrder.indexOf(prefix) + 1) / (prefixOrder.length + 2)
}

/** Empty = it is worth no word. */
function sayFigure(key: string, value: number | string | boolean, keys: readonly string[]): string | undefined {
  const word = wordOf(key)
  if (word === undefined) return undefined
  if ('yes' in word) return typeof value === 'boolean' ? (value ? word.yes : (word.no ?? '')) : undefined
  if (typeof value === 'boolean') return undefined
  if ('values' in word) return Object.hasOwn(word.values, value) ? `${word.name}${word.values[value]}` : undefined
  if ('isMetrics' in word) return sayMetrics(word.name, String(value))
  if ('isFinding' in word) return Object.hasOwn(titles, value) ? `${word.name}${titles[value]}` : ''
  const { prefix, rest } = partsOf(key)
  // behind what it is the limit of, "limit" is enough
  const name = !Object.hasOwn(evidenceWords, key) && keys.includes(rest) ? prefixes[prefix] : word.name
  return `${name} ${typeof value === 'number' ? measured(value, unitOf(key)) : value}`
}

function sayMetrics(name: string, list: string): string | undefined {
  const names = list
    .split(', ')
    .map((metric) => (Object.hasOwn(metricWords, metric) ? wordOf(metric)?.name : undefined))
  return names.includes(undefined) ? undefined : `${name}：${names.join('、')}`
}

function wordOf(key: string): Exclude<EvidenceWord, string> | undefined {
  const word = Object.hasOwn(evidenceWords, key) ? evidenceWords[key] : prefixed(key)
  return typeof word === 'string' ? { name: word } : word
}

function prefixed(key: string): Figure | undefined {
  const { prefix, rest } = partsOf(key)
  if (!Object.hasOwn(prefixes, prefix)) return undefined
  const name = prefixes[prefix] ?? ''
  if (Object.hasOwn(units, capitalised(rest))) return { name }
  const word = Object.hasOwn(evidenceWords, rest) ? evidenceWords[rest] : undefined
  if (word === undefined) return undefined
  if (typeof word === 'string') return { name: `${name}${word}` }
  return 'unit' in word ? { ...word, name: `${name}${word.name}` } : undefined
}

/** A ceiling that is the limit says nothing new. */
function isLimitAgain(key: string, evidence: Evidence): boolean {
  const { prefix, rest } = partsOf(key)
  return prefix === 'ceiling' && evidence[`limit${capitalised(rest)}`] === evidence[key]
}

/** "usualMotorAmps" is `usual` and `motorAmps`. */
function partsOf(key: string): { prefix: string; rest: string } {
  const prefix = /^[a-z]*/.exec(key)?.[0] ?? ''
  const rest = key.slice(prefix.length)
  return { prefix, rest: `${rest.charAt(0).toLowerCase()}${rest.slice(1)}` }
}

function capitalised(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

/** Empty = it has none. */
function unitOf(key: string): string {
  const word = wordOf(key)
  if (word !== undefined && 'unit' in word) return word.unit ?? ''
  const name = unitNames.find((candidate) => capitalised(key).endsWith(candidate))
  return name === undefined ? '' : (units[name] ?? '')
}

function measured(value: number, unit: string): string {
  if (unit === share) return `${rounded(value * 100)} %`
  if (unit !== '秒' || Math.abs(value) < 120) return `${rounded(value)} ${unit}`.trimEnd()
  if (Math.abs(value) < 7_200) return `${rounded(value / 60)} 分钟`
  return Math.abs(value) < 172_800 ? `${rounded(value / 3_600)} 小时` : `${rounded(value / 86_400)} 天`
}

/** As many places as a person can use: 0.043, 4.37, 43.7, 437. */
function rounded(value: number): string {
  const size = Math.abs(value)
  if (size < 1) return String(Number(value.toPrecision(2)))
  return String(Number(value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)))
}
