/**
 * A detector's state as a snapshot keeps it: without the names that its initial state has already. Where the initial state is an object, its
 * values stand in a list in the order of its keys, and so on inside, and then what it has beyond them; anything else stands as it is. A state
 * that lacks one of its keys is wrapped, so that it comes back unchanged. A time is written as how long it is before the device's newest reading
 * (`@` and ms, in base 36), which is half as long, and what a list repeats is counted (`@*` and how many more); a text that begins like that
 * has a second `@`.
 *
 * Less than half the bytes, for states of many small numbers and times. Read and written by the same version of a detector only: see `shapeOf`.
 *
 * @param newestAt device time of its newest reading, ms; the same when it is read again
 */
export function packState(state: unknown, initial: unknown, newestAt: number): unknown {
  return packed(state, initial, (value) => shortened(value, wholeMs(newestAt)))
}

export function unpackState(packed: unknown, initial: unknown, newestAt: number): unknown {
  return unpacked(packed, initial, (value) => lengthened(value, wholeMs(newestAt)))
}

/** As it was written before times and lists were shortened. */
export function unpackLongState(packed: unknown, initial: unknown): unknown {
  return unpacked(packed, initial, (value) => value)
}

/** The names that were left out, as one short word: a state that was packed with others cannot be read with these. */
export function shapeOf(initial: unknown): string {
  return wordOf(JSON.stringify(namesIn(initial)))
}

/** A short word for a text: another one for another text, almost surely. */
export function wordOf(text: string): string {
  let hash = 0x811c9dc5 // FNV-1a, 32 bits
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(36)
}

type Convert = (value: unknown) => unknown

function packed(state: unknown, initial: unknown, convert: Convert): unknown {
  if (!isPlain(initial)) return convert(state)
  if (!isPlain(state) || !hasKeysOf(initial, state)) return { state: convert(state) }
  const values = Object.keys(initial).map((key) => packed(state[key], initial[key], convert))
  const more = Object.entries(state).filter(([key]) => !Object.hasOwn(initial, key))
  return withoutRuns(more.length === 0 ? values : [...values, convert(Object.fromEntries(more))])
}

function unpacked(given: unknown, initial: unknown, convert: Convert): unknown {
  if (!isPlain(initial)) return convert(given)
  if (!Array.isArray(given)) return convert((given as { state: unknown }).state)
  const keys = Object.keys(initial)
  const list = withRuns(given)
  const values = keys.map((key, index) => [key, unpacked(list[index], initial[key], convert)])
  return { ...Object.fromEntries(values), ...(convert(list[keys.length] ?? {}) as object) }
}

const mark = '@'
const again = '@*'
/** In 1973, ms: what is smaller is no time of a device. */
const earliest = 1e11
/** So many times the same are worth a word; fewer are one more at most. */
const leastRun = 3

function shortened(value: unknown, newestAt: number): unknown {
  if (typeof value === 'number') {
    const isTime = value >= earliest && Number.isSafeInteger(value)
    return isTime ? mark + (newestAt - value).toString(36) : value
  }
  if (typeof value === 'string') return value.startsWith(mark) ? mark + value : value
  if (Array.isArray(value)) return withoutRuns(value.map((each) => shortened(each, newestAt)))
  return isPlain(value) ? withEach(value, (each) => shortened(each, newestAt)) : value
}

function lengthened(value: unknown, newestAt: number): unknown {
  if (Array.isArray(value)) return withRuns(value).map((each) => lengthened(each, newestAt))
  if (isPlain(value)) return withEach(value, (each) => lengthened(each, newestAt))
  if (typeof value !== 'string' || !value.startsWith(mark)) return value
  return value.startsWith(mark, 1) ? value.slice(1) : newestAt - Number.parseInt(value.slice(1), 36)
}

function withoutRuns(list: readonly unknown[]): unknown[] {
  const short: unknown[] = []
  for (let from = 0, to = 0; from < list.length; from = to) {
    to = from + 1
    while (to < list.length && list[to] === list[from]) to++
    const first = list[from]
    short.push(first)
    const more = to - from - 1
    if (more + 1 >= leastRun) short.push(`${again}${more}`)
    else if (more > 0) short.push(first)
  }
  return short
}

function withRuns(list: readonly unknown[]): unknown[] {
  const long: unknown[] = []
  for (const each of list) {
    const isRun = typeof each === 'string' && each.startsWith(again)
    if (isRun) long.push(...Array<unknown>(Number(each.slice(again.length))).fill(long.at(-1)))
    else long.push(each)
  }
  return long
}

function withEach(value: Record<string, unknown>, convert: Convert): unknown {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each)]))
}

/** 0 while nothing was read. */
function wholeMs(newestAt: number | null): number {
  const ms = Math.floor(newestAt ?? 0)
  return Number.isSafeInteger(ms) && ms > 0 ? ms : 0
}

function namesIn(initial: unknown): unknown {
  return isPlain(initial) ? Object.entries(initial).map(([key, value]) => [key, namesIn(value)]) : null
}

function hasKeysOf(initial: Record<string, unknown>, state: Record<string, unknown>): boolean {
  return Object.keys(initial).every((key) => state[key] !== undefined)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
