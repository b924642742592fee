import { setImmediate as othersTurn } from 'node:timers/promises'
import type { Clock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import { groupedBy } from '../core/grouped.ts'
import { addTally, durations, emptyTally, type Figure, monthsBetween, spanOfMonth, type Tally } from '../core/kpi.ts'
import { addMonths, instantOfText, localDate, localTime, shanghai } from '../core/local-time.ts'
import type { KpiGrouping, Operations } from '../stores/operations/port.ts'
import { type Cases, createCases } from './cases.ts'
import { type Standardised, sharedRanks, standardised, worstFirst } from './compare.ts'
import { falseAlarmsByRule } from './kpis/false-alarms.ts'
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
import { createRollUp } from './roll-up.ts'
import { type Belongs, type Period, sumOf, talliesOf } from './tally.ts'

export type { Question } from './question.ts'

export interface ReviewedFigure extends Figure {
  readonly unit: (typeof kpis)[number]['unit']
  /** Among the groups; those that cannot be told apart share one. Null = there is none. */
  readonly rank: number | null
  /** A year before; null = it was not asked for. */
  readonly before: Figure | null
}

export interface ReviewedGroup {
  /** Null = nobody has them, or they are in no estate; of the total, all of them. */
  readonly id: string | null
  readonly name: string | null
  readonly elevators: number
  readonly others: number
  readonly kpis: Partial<Record<KpiId, ReviewedFigure>>
  /** Null where groups are too small to be compared like that, or there is nobody else to compare with. */
  readonly standardised: Standardised | null
  readonly falseAlarmsByRule: readonly { readonly rule: string; readonly figure: Figure }[]
}

export interface Review extends Period {
  readonly groupBy: KpiGrouping
  /** When what they rest on was known. */
  readonly asOf: number
  /** Months of devices that have changed since and are not counted again yet. */
  readonly pending: number
  readonly total: ReviewedGroup
  readonly groups: readonly ReviewedGroup[]
  readonly groupsInAll: number
}

export interface QualityReview {
  /** @throws {ExpectedError} `invalid` for a period that is none, for what is not known yet, and for more than can be counted anew at once */
  kpis(question: Question): Promise<Review>
  /** The records behind a figure, newest first. @throws {ExpectedError} the same */
  readonly cases: Cases
}

const stalePatience = 10_000
/** Of all groups, also of those that are not shown: some seconds of work. Unverified default. */
const mostFigures = 250_000
/** Groups that are worked out before other work gets its turn. */
const groupsAtOnce = 100

/** By group ('' = none) and stratum. */
type Tallies = Map<string, Map<string, Tally>>

export function createReview(options: {
  operations: Operations
  rules: MaintenanceRules
  clock: Clock
}): QualityReview {
  const { operations, rules, clock } = options
  const rollUp = createRollUp(options)

  /** Whole months from the roll-up, the rest from the records. */
  async function talliesFor(question: Question, now: number): Promise<Tallies> {
    const { from, to, asOf, groupBy } = question
    const tallies: Tallies = new Map()
    const until = Math.min(to, now)
    const months = from < until ? monthsBetween(from, until) : []
    const isWhole = (month: string) => {
      const span = spanOfMonth(month)
      return asOf === undefined && span.from >= from && (span.to <= to || to >= now)
    }
    const byStratum = groupBy !== 'estate' && groupBy !== 'elevator'
    await addRolledUp(tallies, question, months.filter(isWhole), byStratum)
    await addCountedAnew(
      tallies,
      question,
      months.filter((month) => !isWhole(month)),
      asOf ?? now,
    )
    return tallies
  }

  async function addRolledUp(tallies: Tallies, question: Question, months: readonly string[], byStratum: boolean) {
    if (months.length === 0) return
    const { groupBy: by } = question
    const wanted = wantedOf(question)
    const ofTime = kpis.filter(({ cases }) => cases.some((what) => (durations as readonly string[]).includes(what)))
    const needsTimes = ofTime.some(({ id }) => wanted.includes(id))
    const [sums, exposure, times, rulesOf] = await Promise.all([
      operations.kpiSums(question, months, by, byStratum),
      operations.kpiExposure(question, months, by, byStratum),
      needsTimes ? operations.kpiDurations(question, months, by) : [],
      wanted.includes('false-alarms') ? operations.kpiRules(question, months, by) : [],
    ])
    for (const { group, stratum, sums: own } of sums) Object.assign(tallyOf(tallies, group, stratum).sums, own)
    for (const { group, stratum, minutes } of exposure) {
      const own = tallyOf(tallies, group, stratum).exposure
      for (const [month, each] of Object.entries(minutes)) own.set(month, each)
    }
    // of no stratum: they are not compared by it
    for (const { group, duration, seconds, times: often } of times) {
      tallyOf(tallies, group, '').durations[duration].set(seconds, often)
    }
    for (const { group, rule, ended, falseAlarms } of rulesOf) {
      tallyOf(tallies, group, '').rules.set(rule, { ended, falseAlarms })
    }
  }

  async function addCountedAnew(tallies: Tallies, question: Question, months: readonly string[], asOf: number) {
    if (months.length === 0) return
    // what is in the roll-up now was known by then, or comes to nothing
    const rows = await operations.kpiDeviceRows(question, months, mostMonthsAnew + 1)
    if (rows.length * months.length > mostMonthsAnew) throw new TooMany(rows.length, months.length)
    const estates = new Map(rows.map(({ deviceId, estateId }) => [deviceId, estateId]))
    const placed = new Set(rows.filter(({ isPlaced }) => isPlaced).map(({ deviceId }) => deviceId))
    for (const month of months) {
      const period = partOf(month, question)
      for (let from = 0; from < rows.length; from += devicesAtOnce) {
        const ids = rows.slice(from, from + devicesAtOnce).map(({ deviceId }) => deviceId)
        const records = await readRecords(operations, ids, period, asOf, { rules })
        const seen = new Map<string, { group: string | null; stratum: string }>()
        const keyed = talliesOf(records, period, asOf, (belongs) => {
          const group = isSeen(belongs, question, placed) ? groupOf(belongs, question.groupBy, estates) : undefined
          if (group === undefined) return 'unseen'
          const key = JSON.stringify([group, belongs.stratum])
          seen.set(key, { group, stratum: belongs.stratum })
          return key
        })
        for (const [key, { group, stratum }] of seen) {
          const more = keyed.get(key)
          if (more !== undefined) addTally(tallyOf(tallies, group, stratum), more)
        }
      }
    }
  }

  return {
    async kpis(question) {
      const now = clock()
      checkQuestion(question, now)
      await rollUp.catchUpSome(now, mostMonthsAtOnce)
      const tallies = await talliesFor(question, now)
      const before = question.compare === undefined ? undefined : await talliesFor(aYearBefore(question), now)
      const months = monthsBetween(question.from, Math.max(question.from + 1, Math.min(question.to, now)))
      const counts = await operations.kpiDevices(question, months, question.groupBy, question.asOf ?? now)
      const known = new Map(counts.groups.map(({ group, elevators, others }) => [group ?? '', { elevators, others }]))
      const pending = await operations.countStaleMonths(stalePatience)

      const groups = await figuresOfGroups(tallies, before, question)
      const isComparable = isLarge(question.groupBy) && groups.filter(({ id }) => id !== '').length > 1
      const strata = isComparable ? strataOf([...tallies.values()]) : new Map<string, Tally>()
      const shown = groups.slice(question.skip ?? 0, (question.skip ?? 0) + question.limit)
      const names = await namesOf(
        operations,
        question.groupBy,
        shown.map(({ id }) => id),
      )
      const complete = (
        id: string,
        figures: ReviewedGroup['kpis'],
        devices: { elevators: number; others: number },
      ) => ({
        ...{
          id: id === '' ? null : id,
          name: names.get(id) ?? null,
          elevators: devices.elevators,
          others: devices.others,
        },
        kpis: figures,
      })
      const total = sumOf([...tallies.values()].flatMap((group) => [...group.values()]))
      const totalBefore = before && sumOf([...before.values()].flatMap((group) => [...group.values()]))
      const wanted = wantedOf(question)
      return {
        ...{ from: question.from, to: question.to, groupBy: question.groupBy, asOf: question.asOf ?? now, pending },
        total: {
          ...complete('', reviewed(total, totalBefore, wanted), counts),
          standardised: null,
          falseAlarmsByRule: wanted.includes('false-alarms') ? falseAlarmsByRule(total) : [],
        },
        groups: shown.map(({ id, figures }) => {
          const group = tallies.get(id) ?? new Map<string, Tally>()
          return {
            ...complete(id, figures, known.get(id) ?? { elevators: 0, others: 0 }),
            standardised: isComparable ? standardised(group, strata) : null,
            falseAlarmsByRule: wanted.includes('false-alarms') ? falseAlarmsByRule(sumOf(group.values())) : [],
          }
        }),
        groupsInAll: groups.length,
      }
    },

    cases: createCases({ ...options, rollUp }),
  }
}

class TooManyFigures extends ExpectedError {
  constructor(groups: number, figures: number) {
    super('invalid', `kpi: ${figures} figures of ${groups} groups are too many at once: name fewer, or group by more`)
  }
}

class TooMany extends ExpectedError {
  constructor(devices: number, months: number) {
    super(
      'invalid',
      `from, to: ${devices} devices over ${months} parts of months are too many to be counted from their records at once: ask for whole months (that begin and end at midnight in Shanghai) as they are known now, or for fewer devices`,
    )
  }
}

function aYearBefore(question: Question): Question {
  return { ...question, from: yearBefore(question.from), to: yearBefore(question.to) }
}

/** The same time of the same day a year before; of 29 February, of the 28th. */
function yearBefore(at: number): number {
  const text = `${addMonths(localDate(at, shanghai), -12)} ${localTime(at, shanghai)}`
  return instantOfText(text, shanghai) ?? at
}

function tallyOf(tallies: Tallies, group: string | null, stratum: string): Tally {
  const strata = tallies.get(group ?? '') ?? new Map<string, Tally>()
  tallies.set(group ?? '', strata)
  const tally = strata.get(stratum) ?? emptyTally()
  strata.set(stratum, tally)
  return tally
}

function groupOf(belongs: Belongs, by: KpiGrouping, estates: ReadonlyMap<string, string | null>): string | null {
  if (by === 'maintainer') return belongs.maintainerId
  if (by === 'insurer') return belongs.insurerId
  if (by === 'elevator') return belongs.deviceId
  return by === 'estate' ? (estates.get(belongs.deviceId) ?? null) : null
}

/** Those that are shown, and the one that they are sorted by. */
function wantedOf({ kpis: asked, sort }: Question): readonly KpiId[] {
  const shown = asked ?? kpis.map(({ id }) => id)
  return sort === undefined || shown.includes(sort) ? shown : [...shown, sort]
}

/** Groups that many elevators are in. */
const isLarge = (by: KpiGrouping) => by === 'maintainer' || by === 'insurer'

function strataOf(groups: readonly ReadonlyMap<string, Tally>[]): Map<string, Tally> {
  const all = groups.flatMap((group) => [...group])
  return new Map(
    [...groupedBy(all, ([stratum]) => stratum)].map(([stratum, own]) => [
      stratum,
      sumOf(own.map(([, tally]) => tally)),
    ]),
  )
}

function reviewed(tally: Tally, before: Tally | undefined, wanted: readonly KpiId[]): ReviewedGroup['kpis'] {
  const figures: ReviewedGroup['kpis'] = {}
  for (const { id, unit, figure } of kpis) {
    if (!wanted.includes(id)) continue
    figures[id] = { ...figure(tally), unit, rank: null, before: before === undefined ? null : figure(before) }
  }
  return figures
}

/** Each with its ranks, in the order that was asked for. */
async function figuresOfGroups(tallies: Tallies, before: Tallies | undefined, question: Question) {
  const wanted = wantedOf(question)
  if (tallies.size * wanted.length > mostFigures) throw new TooManyFigures(tallies.size, wanted.length)
  const sums = [...tallies]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, strata]) => ({ id, tally: sumOf(strata.values()) }))
  const groups: { id: string; figures: ReviewedGroup['kpis'] }[] = []
  for (const { id, tally } of sums) {
    const past = before && sumOf(before.get(id)?.values() ?? [])
    groups.push({ id, figures: reviewed(tally, past, wanted) })
    if (groups.length % groupsAtOnce === 0) await othersTurn()
  }
  if (question.groupBy === 'none') return groups
  const companies = groups.filter(({ id }) => id !== '') // what nobody has does not compete
  for (const { id, better } of kpis) {
    if (better === null || !wanted.includes(id)) continue
    const ofKpi = companies.flatMap(({ id: group, figures }) =>
      figures[id] ? [{ id: group, figure: figures[id] }] : [],
    )
    const ranks = new Map(sharedRanks(ofKpi, better).map(({ id: group, rank }) => [group, rank]))
    for (const group of companies) {
      const figure = group.figures[id]
      if (figure) group.figures[id] = { ...figure, rank: ranks.get(group.id) ?? null }
    }
  }
  const by = kpis.find(({ id }) => id === question.sort)
  return by === undefined ? groups : worstFirst(groups, by)
}

async function namesOf(
  operations: Operations,
  by: KpiGrouping,
  ids: readonly string[],
): Promise<Map<string, string | null>> {
  const known = ids.filter((id) => id !== '')
  if (by === 'estate') return new Map((await operations.sitesByIds(known)).map(({ id, name }) => [id, name]))
  if (by === 'elevator') return new Map((await operations.devicesByIds(known)).map(({ id, name }) => [id, name]))
  if (by === 'none') return new Map()
  const teams = await Promise.all(known.map((id) => operations.team(id)))
  return new Map(teams.flatMap((team) => (team === undefined ? [] : [[team.id, team.name]])))
}
