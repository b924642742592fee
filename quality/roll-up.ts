import { durations, monthOf, nextMonth, previousMonth, spanOfMonth, type Tally } from '../core/kpi.ts'
import { earliestDate } from '../core/local-time.ts'
import type { KpiMonth, Operations, StaleMonths } from '../stores/operations/port.ts'
import type { MaintenanceRules } from './obligations.ts'
import { readRecords } from './records.ts'
import { type Belongs, talliesOf } from './tally.ts'

/** Read and counted in one go, and made good in one transaction: so many that other work gets its turn in between. */
const devicesAtOnce = 100
const marksAtOnce = 500
/** So few that nobody waits for long: neither whoever stops the service, nor marks of other devices. */
const monthsAtOnce = 1_000
/** Nothing is counted before, whatever a record says: a year that was mistyped is not centuries of months. */
const earliestMonth = earliestDate.slice(0, 7)

export interface RollUp {
  /**
   * Counts again what may have changed, one after the other with whoever else does; each is made good in one transaction or stays.
   * Answers how many months of devices were counted.
   * @param rest is waited for between two transactions, is told how long the last one took, ms, and says whether to go on
   */
  catchUp(now: number, rest?: (workedMs: number) => Promise<boolean>): Promise<number>
  /** For somebody who waits for an answer: some months of devices, the newest first, or none while somebody else is counting. */
  catchUpSome(now: number, mostMonths: number): Promise<number>
}

/**
 * Months of devices whose records have changed are counted again from all of their records: what a change adds is never worked out by
 * itself, so that the sums are those of a recomputation.
 */
export function createRollUp({ operations, rules }: { operations: Operations; rules: MaintenanceRules }): RollUp {
  async function takeAndCount(
    now: number,
    { waits, mostMonths }: { waits: boolean; mostMonths: number },
  ): Promise<{ counted: number; isAll: boolean }> {
    return operations.transaction(async (unit) => {
      if (!(await unit.lockRollUp(waits))) return { counted: 0, isAll: true }
      const limit = Math.min(marksAtOnce, mostMonths)
      const marks = await unit.takeStaleMonths(limit)
      const ids = [...new Set(marks.map(({ deviceId }) => deviceId))]
      const spans = spansOf(marks, await unit.firstMonthsOf(ids), monthOf(now))
      const devicesOf = newestOf(monthsOf(spans), mostMonths)
      const later = before([...devicesOf.keys()].at(-1), spans)
      await unit.putStaleMonths(later)
      let counted = 0
      for (const [month, deviceIds] of devicesOf) {
        for (let from = 0; from < deviceIds.length; from += devicesAtOnce) {
          const some = deviceIds.slice(from, from + devicesAtOnce)
          await unit.replaceKpiMonths(month, some, await countMonth(unit, month, some, now, rules))
          counted += some.length
        }
      }
      return { counted, isAll: marks.length < limit && later.length === 0 }
    })
  }

  return {
    async catchUp(now, rest = async () => true) {
      for (let all = 0; ; ) {
        const startedAt = performance.now()
        const { counted, isAll } = await takeAndCount(now, { waits: true, mostMonths: monthsAtOnce })
        all += counted
        if (isAll || !(await rest(performance.now() - startedAt))) return all
      }
    },
    async catchUpSome(now, mostMonths) {
      return (await takeAndCount(now, { waits: false, mostMonths })).counted
    },
  }
}

/** The rows of one month of some devices, from their records. */
export async function countMonth(
  operations: Operations,
  month: string,
  deviceIds: readonly string[],
  now: number,
  rules: MaintenanceRules,
): Promise<KpiMonth[]> {
  const period = spanOfMonth(month)
  const records = await readRecords(operations, deviceIds, period, now, { rules })
  const estates = new Map(records.devices.map(({ id, estateId }) => [id, estateId]))
  const belongings = new Map<string, Belongs>()
  const tallies = talliesOf(records, period, now, (belongs) => {
    const key = JSON.stringify([belongs.deviceId, belongs.maintainerId, belongs.insurerId])
    belongings.set(key, belongs)
    return key
  })
  return [...tallies].flatMap(([key, tally]) => {
    const belongs = belongings.get(key)
    return belongs === undefined ? [] : [rowOf(month, belongs, estates.get(belongs.deviceId) ?? null, tally)]
  })
}

function rowOf(month: string, belongs: Belongs, estateId: string | null, tally: Tally): KpiMonth {
  const times = durations.map((duration) => [duration, listOf(tally.durations[duration])])
  return {
    ...{ ...belongs, estateId, month, exposureMinutes: tally.exposure.get(month) ?? 0 },
    ...tally.sums,
    ...(Object.fromEntries(times) as Pick<KpiMonth, (typeof durations)[number]>),
    rules: tally.rules.size === 0 ? null : Object.fromEntries(tally.rules),
  }
}

function listOf(times: ReadonlyMap<number, number>): number[] | null {
  if (times.size === 0) return null
  return [...times].sort(([a], [b]) => a - b).flatMap(([seconds, often]) => Array<number>(often).fill(seconds))
}

interface Span {
  readonly deviceId: string
  readonly fromMonth: string
  readonly toMonth: string
}

/** The months of each mark, none after the running one. */
function spansOf(marks: readonly StaleMonths[], firstMonths: ReadonlyMap<string, string>, running: string): Span[] {
  return marks.map(({ deviceId, fromMonth, toMonth }) => {
    const first = fromMonth === '' ? (firstMonths.get(deviceId) ?? running) : fromMonth
    return {
      deviceId,
      fromMonth: first < earliestMonth ? earliestMonth : first,
      toMonth: toMonth === null || toMonth > running ? running : toMonth,
    }
  })
}

/** Which devices are to be counted again in which month, the newest first. */
function monthsOf(spans: readonly Span[]): [string, string[]][] {
  const wanted = new Map<string, Set<string>>()
  for (const { deviceId, fromMonth, toMonth } of spans) {
    for (let month = fromMonth; month <= toMonth; month = nextMonth(month)) {
      wanted.set(month, (wanted.get(month) ?? new Set()).add(deviceId))
    }
  }
  return [...wanted]
    .map(([month, devices]): [string, string[]] => [month, [...devices].sort()])
    .sort(([one], [other]) => (one < other ? 1 : -1))
}

/** So many that at most `most` months of devices are counted, but one month at least. */
function newestOf(months: readonly [string, string[]][], most: number): Map<string, string[]> {
  const taken = new Map<string, string[]>()
  let count = 0
  for (const [month, deviceIds] of months) {
    count += deviceIds.length
    if (count > most && taken.size > 0) break
    taken.set(month, deviceIds)
  }
  return taken
}

/** What is left of spans before a month. */
function before(month: string | undefined, spans: readonly Span[]): Span[] {
  return spans.flatMap((span) => {
    if (month === undefined || span.fromMonth >= month) return []
    const last = previousMonth(month)
    return [{ ...span, toMonth: span.toMonth < last ? span.toMonth : last }]
  })
}
