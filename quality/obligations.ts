import type { KpiDue } from '../core/kpi-records.ts'
import { localDate, shanghai } from '../core/local-time.ts'
import { type MaintenanceItem, maintenanceItems, type Regime, type Visit } from '../core/visit.ts'

type DoneVisit = Pick<Visit, 'items' | 'startedAt' | 'verdict' | 'decision'>

/** The rules of planned maintenance. */
export interface MaintenanceRules {
  /** What is due next of each item under a regime, given what was done by `now`. */
  readonly dueItems: (
    regime: Regime,
    visits: readonly DoneVisit[],
    now: number,
    upkept: { readonly since: number; readonly lapsedAt: number | null },
  ) => readonly { readonly item: MaintenanceItem; readonly dueAt: number }[]
  readonly countsAsDone: (visit: DoneVisit) => boolean
}

/**
 * Every piece of maintenance of one elevator that fell due in a period or was overdue in it, and when it was done. A visit that telemetry
 * disproves does nothing. A piece falls due under the regime that held on its last day; one that nobody came for is one piece, however
 * long it is overdue. Pure.
 *
 * @param regimes of this elevator, in any order
 * @param visits of this elevator, in any order, back to the longest period before `from`
 * @param asked dates that were worked out for other elevators: many are visited on one day
 */
export function obligationsOf(
  { deviceId, regimes, visits }: { deviceId: string; regimes: readonly Regime[]; visits: readonly DoneVisit[] },
  { from, to }: { readonly from: number; readonly to: number },
  rules: MaintenanceRules,
  asked: Map<string, number> = new Map(),
): KpiDue[] {
  const inOrder = regimes.toSorted((a, b) => a.validFrom - b.validFrom)
  const since = inOrder[0]?.validFrom ?? 0
  const counting = visits.filter(rules.countsAsDone).toSorted((a, b) => a.startedAt - b.startedAt)
  const nextDue: NextDue = (item, regime, known) => {
    const last = known.at(-1)
    const now = Math.max(regime.validFrom, last?.startedAt ?? 0)
    const work = (visits: readonly DoneVisit[]) =>
      rules.dueItems(regime, visits, now, { since, lapsedAt: null }).find((one) => one.item === item)?.dueAt ?? Infinity
    if (regime.dueFrom !== 'completion') return work(known)
    // from completion, only the last one matters, and of one under the regime only its day
    if (last === undefined || last.startedAt < regime.validFrom) return work(known.slice(-1))
    const key = `${regime.type} ${item} ${localDate(last.startedAt, shanghai)}`
    const dueAt = asked.get(key) ?? work([last])
    asked.set(key, dueAt)
    return dueAt
  }
  return maintenanceItems.flatMap((item) => {
    const done = counting.filter(({ items }) => items.includes(item))
    const due: KpiDue[] = []
    // what was due after the last visit, after the one before it, …: each with the visit that met it
    for (let known = done.length; known >= 0; known--) {
      const next = done[known]
      const dueAt = dueAfter(item, inOrder, done.slice(0, known), next?.startedAt ?? to, nextDue)
      const doneAt = next?.startedAt ?? null
      if (dueAt === undefined || dueAt > to) continue
      if (dueAt <= from && (doneAt ?? Infinity) < from) break // and so it was with all before
      due.push({ deviceId, item, dueAt, doneAt })
    }
    return due.reverse()
  })
}

type NextDue = (item: MaintenanceItem, regime: Regime, known: readonly DoneVisit[]) => number

/** By the regime that held on that last day; undefined when another visit came before any regime asked for one. */
function dueAfter(
  item: MaintenanceItem,
  regimes: readonly Regime[],
  known: readonly DoneVisit[],
  until: number,
  nextDue: NextDue,
): number | undefined {
  const last = known.at(-1)
  for (const regime of regimes) {
    const ends = regime.validUntil ?? Infinity
    if (ends <= (last?.startedAt ?? 0)) continue
    const dueAt = nextDue(item, regime, known)
    if (dueAt <= ends || until <= ends) return dueAt
  }
  return undefined
}
