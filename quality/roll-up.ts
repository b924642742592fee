import { groupedBy } from '../core/grouped.ts'
import { durations, monthOf, nextMonth, spanOfMonth, type Tally } from '../core/kpi.ts'
import type { KpiMonth, Operations, StaleMonths } from '../stores/operations/port.ts'
import type { MaintenanceRules } from './obligations.ts'
import { readRecords } from './records.ts'
import { type Belongs, talliesOf } from './tally.ts'

/** Read and counted in one go, and made good in one transaction: so many that other work gets its turn in between. */
const devicesAtOnce = 100
const marksAtOnce = 500

export interface RollUp {
  /**
   * Counts again what may have changed, at most so many marks of it; each is made good in one transaction or stays.
   * Answers how many months of devices were counted.
   * @param rest is waited for between two transactions, is told how long the last one took, ms, and says whether to go on
   */
  catchUp(now: number, mostMarks?: number, rest?: (workedMs: number) => Promise<boolean>): Promise<number>
}

/**
 * Months of devices whose records have changed are counted again from all of their records: what a change adds is never worked out by
 * itself, so that the sums are those of a recomputation.
 */
export function createRollUp({ operations, rules }: { operations: Operations; rules: MaintenanceRules }): RollUp {
  async function takeAndCount(now: number, limit: number): Promise<{ marks: number; counted: number }> {
    return operations.transaction(async (unit) => {
      const marks = await unit.takeStaleMonths(limit)
      const ids = [...new Set(marks.map(({ deviceId }) => deviceId))]
      const devicesOf = monthsOf(marks, await unit.firstMonthsOf(ids), monthOf(now))
      let counted = 0
      for (const [month, deviceIds] of devicesOf) {
        for (let from = 0; from < deviceIds.length; from += devicesAtOnce) {
          const some = deviceIds.slice(from, from + devicesAtOnce)
          await unit.replaceKpiMonths(month, some, await countMonth(unit, month, some, now, rules))
          counted += some.length
        }
      }
      return { marks: marks.length, counted }
    })
  }

  return {
    async catchUp(now, mostMarks = Infinity, rest = async () => true) {
      let [left, all] = [mostMarks, 0]
      while (left > 0) {
        const limit = Math.min(left, marksAtOnce)
        const startedAt = performance.now()
        const { marks, counted } = await takeAndCount(now, limit)
        all += counted
        left -= marks
        if (marks < limit || !(await rest(performance.now() - startedAt))) break
      }
      return all
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
  const belongings = new Map<string, Belongs>()
  const tallies = talliesOf(records, period, now, (belongs) => {
    const key = JSON.stringify([belongs.deviceId, belongs.maintainerId, belongs.insurerId])
    belongings.set(key, belongs)
    return key
  })
  return [...tallies].flatMap(([key, tally]) => {
    const belongs = belongings.get(key)
    return belongs === undefined ? [] : [rowOf(month, belongs, tally)]
  })
}

function rowOf(month: string, belongs: Belongs, tally: Tally): KpiMonth {
  const times = durations.map((duration) => [duration, listOf(tally.durations[duration])])
  return {
    ...{ ...belongs, month, exposureMinutes: tally.exposure.get(month) ?? 0 },
    ...tally.sums,
    ...(Object.fromEntries(times) as Pick<KpiMonth, (typeof durations)[number]>),
    rules: tally.rules.size === 0 ? null : Object.fromEntries(tally.rules),
  }
}

function listOf(times: ReadonlyMap<number, number>): number[] | null {
  if (times.size === 0) return null
  return [...times].sort(([a], [b]) => a - b).flatMap(([seconds, often]) => Array<number>(often).fill(seconds))
}

/** Which devices are to be counted again in which month, none after the running one. */
function monthsOf(
  marks: readonly StaleMonths[],
  firstMonths: ReadonlyMap<string, string>,
  running: string,
): Map<string, string[]> {
  const wanted = new Map<string, Set<string>>()
  for (const [deviceId, own] of groupedBy(marks, (mark) => mark.deviceId)) {
    for (const { fromMonth, toMonth } of own) {
      const first = fromMonth === '' ? (firstMonths.get(deviceId) ?? running) : fromMonth
      const last = toMonth === null || toMonth > running ? running : toMonth
      for (let month = first; month <= last; month = nextMonth(month)) {
        wanted.set(month, (wanted.get(month) ?? new Set()).add(deviceId))
      }
    }
  }
  return new Map([...wanted].map(([month, devices]) => [month, [...devices].sort()]))
}
