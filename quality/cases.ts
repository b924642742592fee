import { type Clock, dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import { type Countable, monthsBetween, spanOfMonth } from '../core/kpi.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import {
  type KpiDeviceRow,
  type Operations,
  type RecordMoment,
  type RecordSource,
  recordMoments,
} from '../stores/operations/port.ts'
import { type KpiId, kpis } from './kpis/index.ts'
import type { MaintenanceRules } from './obligations.ts'
import {
  checkQuestion,
  devicesAtOnce,
  isSeen,
  mostMonthsAnew,
  mostMonthsAtOnce,
  partOf,
  type Question,
} from './question.ts'
import { readRecords } from './records.ts'
import type { RollUp } from './roll-up.ts'
import { type Belongs, eachCount, type OwnedCount, type Period } from './tally.ts'

export type Case = Pick<OwnedCount, 'what' | 'amount' | 'at' | 'deviceId' | 'of'> &
  Pick<Belongs, 'maintainerId' | 'insurerId'>

export type CaseQuestion = Omit<Question, 'groupBy' | 'kpis' | 'compare' | 'sort' | 'skip'> & {
  /** `nextCursor` of the page before. */
  readonly after?: string | undefined
  /** Whether nobody waits for the answer any more. */
  readonly isGone?: (() => boolean) | undefined
}

/** @throws {ExpectedError} `invalid` for a period that is none, and when too much was read without filling a page */
export type Cases = (kpi: KpiId, question: CaseQuestion) => Promise<{ items: Case[]; nextCursor: string | null }>

/** A month has as many devices at most. */
const mostDevices = 1_000_000

/**
 * The records behind a figure, newest first. The roll-up says which devices have any in which month; they are read from there on back, in
 * pieces of days, until a page is full.
 */
export function createCases(options: {
  operations: Operations
  rules: MaintenanceRules
  clock: Clock
  rollUp: RollUp
}): Cases {
  const { operations, rules, clock, rollUp } = options

  /** Of an earlier time, all that there are: the roll-up knows of now alone. */
  function devicesWith(question: CaseQuestion, month: string, what: readonly Countable[]) {
    if (question.asOf === undefined) return operations.kpiDevicesWith(question, month, what)
    return operations.kpiDeviceRows(question, [month], mostDevices)
  }

  async function monthsWith(question: CaseQuestion, now: number, what: readonly Countable[]): Promise<string[]> {
    const until = Math.min(question.to, now)
    const months = question.from < until ? monthsBetween(question.from, until) : []
    if (question.asOf !== undefined) return months.reverse()
    return (await operations.kpiMonthsWith(question, months, what)).map(({ month }) => month)
  }

  return async (kpi, { limit, after, isGone = () => false, ...asked }) => {
    const now = clock()
    const question = { ...asked, limit }
    checkQuestion(question, now)
    await rollUp.catchUpSome(now, mostMonthsAtOnce)
    const what = kpis.find(({ id }) => id === kpi)?.cases ?? []
    const isAfter = (key: string) => after === undefined || key < after
    const isPassed = ({ from }: Period) => after !== undefined && keyOfTime(from) > after.slice(0, timeDigits)
    const found: { key: string; one: Case }[] = []
    let monthsRead = 0

    /** Those alone of which something of it is in the window, where that can be told without reading all of their records. */
    async function devicesIn(window: Period, ids: readonly string[]): Promise<readonly string[]> {
      const moments = momentsOf(what)
      return moments === undefined ? ids : operations.devicesWithRecords(ids, window, moments)
    }

    async function read(window: Period, rows: readonly Pick<KpiDeviceRow, 'deviceId' | 'isPlaced'>[]): Promise<void> {
      monthsRead += (rows.length * (window.to - window.from)) / (30 * dayMs)
      if (monthsRead > mostMonthsAnew) throw new TooManyToSearch(window.from)
      const placed = new Set(rows.filter(({ isPlaced }) => isPlaced).map(({ deviceId }) => deviceId))
      const asOf = question.asOf ?? now
      const all = await devicesIn(
        window,
        rows.map(({ deviceId }) => deviceId),
      )
      for (let from = 0; from < all.length && !isGone(); from += devicesAtOnce) {
        const ids = all.slice(from, from + devicesAtOnce)
        const how = { rules, sources: sourcesOf(what), isDaily: true }
        const records = await readRecords(operations, ids, window, asOf, how)
        const take = (count: OwnedCount) => {
          if (!isSeen(count.belongs, question, placed)) return
          const one = caseOf(count)
          const key = keyOf(one)
          if (isAfter(key)) found.push({ key, one })
        }
        eachCount(records, window, asOf, take, what)
      }
    }

    for (const month of await monthsWith(question, now, what)) {
      if (isPassed(spanOfMonth(month))) continue
      const rows = await devicesWith(question, month, what)
      for (const window of windowsOf(partOf(month, question), rows.length / limit)) {
        if (!isPassed(window)) await read(window, rows)
        if (found.length > limit || isGone()) break
      }
      if (found.length > limit || isGone()) break
    }
    const page = found.sort((a, b) => (a.key < b.key ? 1 : -1)).slice(0, limit)
    return {
      items: page.map(({ one }) => one),
      nextCursor: found.length > limit ? (page.at(-1)?.key ?? null) : null,
    }
  }
}

class TooManyToSearch extends ExpectedError {
  constructor(from: number) {
    const day = localDate(from, shanghai)
    super(
      'invalid',
      `from: more than ${mostMonthsAnew} months of devices, down to ${day}, would be read: ask for less time`,
    )
  }
}

/** Pieces of whole days, the newest first: the more devices have something in it, the smaller. */
function* windowsOf({ from, to }: Period, devicesByCase: number): Generator<Period> {
  const days = Math.max(1, Math.floor(60 / Math.max(1, devicesByCase)))
  for (let end = to; end > from; ) {
    const first = Math.max(from, end - days * dayMs)
    yield { from: first, to: end }
    end = first
  }
}

function caseOf({ what, amount, at, deviceId, of, belongs: { maintainerId, insurerId } }: OwnedCount): Case {
  return { what, amount, at, deviceId, maintainerId, insurerId, of }
}

const timeDigits = 9
const keyOfTime = (at: number) => at.toString(36).padStart(timeDigits, '0')

/** In the order of time, and the same for the same record: letters and digits, so that it may be a cursor. */
function keyOf({ at, what, deviceId, of }: Case): string {
  return `${keyOfTime(at)}-${hashOf(`${what} ${deviceId} ${of.id}`)}`
}

/** FNV-1a, 32 bits, twice: two records of one millisecond are hardly ever taken for one. */
function hashOf(text: string): string {
  let [one, other] = [0x811c9dc5, 0x1000193]
  for (let index = 0; index < text.length; index++) {
    one = Math.imul(one ^ text.charCodeAt(index), 0x01000193)
    other = Math.imul(other ^ text.charCodeAt(index), 0x85ebca6b)
  }
  return `${(one >>> 0).toString(36)}${(other >>> 0).toString(36)}`
}

const sourcesByCount: Readonly<Record<RecordSource, RegExp>> = {
  orders:
    /^(faults|fault|repeat|entrapments|arrivals|orders|ruleOrders|falseAlarms|warnings|electricity|respond$|arrive$|restore$)/,
  visits: /^(visits|effect)/,
  health: /^(effect|health)/,
  due: /^(maintenance|overdue)/,
  inspections: /^inspection/,
  overhauls: /^overhaul$/,
  days: /Minutes$/,
}

/** Where each count stands at the time of a record; undefined = it stands at others as well. */
function momentsOf(what: readonly Countable[]): RecordMoment[] | undefined {
  const moments = what.map((name) => recordMoments.find((source) => momentsByCount[source].test(name)))
  return moments.every((moment) => moment !== undefined) ? [...new Set(moments)] : undefined
}

const { orders, visits, inspections, overhauls } = sourcesByCount
const momentsByCount: Readonly<Record<RecordMoment, RegExp>> = {
  ...{ orders, visits, inspections, overhauls },
  'days-out-of-service': /^outOfServiceMinutes$/,
}

function sourcesOf(what: readonly Countable[]): RecordSource[] {
  const sources = Object.entries(sourcesByCount) as [RecordSource, RegExp][]
  return sources.filter(([, names]) => what.some((name) => names.test(name))).map(([source]) => source)
}
