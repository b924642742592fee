import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import type { Detector } from '../core/detector.ts'
import type { RuleInForce } from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { StoredReading } from '../stores/readings/port.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { smoke, smokeDetector } from '../test/fixtures/smoke-detector.ts'
import { type BacktestPlan, type ReadingsQuery, runBacktest } from './backtest.ts'

const from = Date.UTC(2026, 5, 1)
const shipped: RuleInForce = { enabled: true, settings: smoke.settings as RuleInForce['settings'], version: 0 }
const with_ = (settings: object): RuleInForce => ({ ...shipped, settings: { ...shipped.settings, ...settings } })

/** Smoke in %/m at minutes; none in between. */
const smokeAt = (minutes: Record<number, number>, hours = 10) =>
  Array.from({ length: hours * 60 }, (_, minute) => ({
    at: from + minute * minuteMs,
    values: { smokePercentPerM: minutes[minute] ?? 0 },
  }))

async function backtest(
  stored: Record<string, readonly StoredReading[]>,
  proposed: RuleInForce,
  given: Partial<BacktestPlan> = {},
  kind: DeviceKind = smokeDetector,
) {
  const devices = Object.keys(stored).map((id) => ({
    device: testDevice({ id, kind: 'smoke-detector' }),
    current: shipped,
    proposed,
  }))
  const queries: ReadingsQuery[] = []
  const result = await runBacktest(
    { finding: smoke.id, kind: 'smoke-detector', from, to: from + 10 * hourMs, warmUpFrom: from, devices, ...given },
    {
      kind,
      readings: async (query) => {
        queries.push(query)
        return (stored[query.deviceId] ?? [])
          .filter(({ at }) => at >= query.from && at < query.to)
          .slice(0, query.limit)
      },
      onProgress: () => {},
      signal: new AbortController().signal,
    },
  )
  return { ...result, queries }
}

test('a lower limit brings orders, a higher one takes some away, and what is found alike is counted', async () => {
  const stored = { s1: smokeAt({ 60: 6, 200: 30 }), s2: smokeAt({ 300: 4 }) }

  const lower = await backtest(stored, with_({ urgentPercentPerM: 3 }))
  expect(lower).toMatchObject({ devices: 2, readings: 1_200, same: 2, gone: [], moved: [] })
  expect(lower.came).toMatchObject([{ deviceId: 's2', severity: 'urgent', order: 'emergency' }])
  expect([lower.current.emergencyOrders, lower.proposed.emergencyOrders]).toEqual([2, 3])
  expect(lower.current.ordersPerDay).toBeCloseTo(4.8)
  expect([lower.current.devicesWithOrders, lower.proposed.devicesWithOrders]).toEqual([1, 2])

  const higher = await backtest(stored, with_({ urgentPercentPerM: 10 }))
  expect(higher).toMatchObject({ same: 1, came: [], moved: [] })
  expect(higher.gone).toMatchObject([{ deviceId: 's1', occurredAt: from + 60 * minuteMs }])
})

test('another severity, or another time of detection, is a move', async () => {
  const stored = { s1: smokeAt({ 60: 6, 61: 9, 62: 9 }) }

  const severer = await backtest(stored, with_({ criticalPercentPerM: 8 }))
  expect(severer.moved).toMatchObject([{ current: { severity: 'urgent' }, proposed: { severity: 'critical' } }])
  const later = await backtest(stored, with_({ urgentPercentPerM: 8 }))
  expect(later.moved.map(({ current, proposed }) => proposed.detectedAt - current.detectedAt)).toEqual([minuteMs])
})

test('what only people end begins anew when it is found again more than two days after it was last said', async () => {
  const patient: Detector = {
    ...smoke,
    clears: false,
    step(...given) {
      const { state, finding } = smoke.step(...given)
      return finding === undefined ? { state } : { state, finding }
    },
  }
  const minutes = [1, 60 * 20, 60 * 90]
  const stored = { s1: smokeAt(Object.fromEntries(minutes.map((minute) => [minute, 6])), 100) }
  const { gone } = await backtest(
    stored,
    { ...shipped, enabled: false },
    { to: from + 5 * dayMs },
    { ...smokeDetector, detectors: [patient] },
  )
  expect(gone.map(({ occurredAt, order }) => [(occurredAt - from) / minuteMs, order])).toEqual([
    [1, 'emergency'],
    [60 * 90, 'emergency'],
  ])
})

test('what something else explained then sends nobody, and is still shown', async () => {
  const device = testDevice({ id: 's1', kind: 'smoke-detector' })
  const explained = [{ from: from + 50 * minuteMs, to: from + 90 * minuteMs }]
  const devices = [{ device, current: shipped, proposed: with_({ urgentPercentPerM: 3 }), explained }]
  const result = await backtest({ s1: smokeAt({ 60: 4, 200: 4 }) }, shipped, { devices })
  expect(result.came.map(({ order }) => order)).toEqual([null, 'emergency'])
  expect(result.proposed).toMatchObject({ episodes: 2, emergencyOrders: 1, devicesWithOrders: 1 })
})

test('a rule that is switched off finds nothing', async () => {
  const result = await backtest({ s1: smokeAt({ 60: 6 }) }, { ...shipped, enabled: false })
  expect(result).toMatchObject({ came: [], gone: [{ deviceId: 's1' }], proposed: { episodes: 0 } })
})

test('what is found before the period is learned from, and does not count', async () => {
  const stored = { s1: smokeAt({ 60: 6, 200: 6 }) }
  const result = await backtest(stored, shipped, { from: from + 100 * minuteMs })
  expect(result).toMatchObject({ readings: 600, same: 1, current: { episodes: 1 } })
})

test('only the metrics of the rule are read, page by page', async () => {
  const { queries, readings } = await backtest({ s1: smokeAt({}, 100) }, shipped, { to: from + 100 * hourMs })
  expect(readings).toBe(6_000)
  expect(queries.map(({ metrics }) => metrics)).toEqual([['smokePercentPerM'], ['smokePercentPerM']])
})

test('what came late is left out and counted, as the service passed it by', async () => {
  const came = (lateMinute: number) => smokeAt({ 60: 6, 200: 6 }).map((one, n) => ({ ...one, late: n === lateMinute }))
  const { late, readings, current } = await backtest({ s1: came(60), s2: came(61) }, shipped)
  expect({ late, readings, episodes: current.episodes }).toEqual({ late: 2, readings: 1_200, episodes: 3 })
})

test('where the store does not tell what came late, that is said, and all is taken', async () => {
  const told = smokeAt({ 60: 6 }).map((one) => ({ ...one, late: false }))
  const untold = smokeAt({ 60: 6 })
  expect(await backtest({ s1: told, s2: told }, shipped)).toMatchObject({ late: 0, current: { episodes: 2 } })
  expect(await backtest({ s1: told, s2: untold }, shipped)).toMatchObject({ late: null, current: { episodes: 2 } })
})

test('a month of many devices is read a page ahead, and no more', async () => {
  const month = { from, to: from + 30 * dayMs, warmUpFrom: from }
  const minutes = (month.to - from) / minuteMs
  const devices = Array.from({ length: 5 }, (_, n) => ({
    ...{ device: testDevice({ id: `s${n}`, kind: 'smoke-detector' }), current: shipped, proposed: shipped },
  }))
  let asked = 0
  let replayed = 0
  let ahead = 0
  const result = await runBacktest(
    { finding: smoke.id, kind: 'smoke-detector', ...month, devices },
    {
      kind: smokeDetector,
      readings: async ({ from: first, to, limit }) => {
        const count = Math.min(limit, Math.floor((to - first) / minuteMs))
        asked += count
        ahead = Math.max(ahead, asked - replayed)
        return Array.from({ length: count }, (_, n) => {
          const at = Math.ceil(first / minuteMs + n) * minuteMs
          return { at, values: { smokePercentPerM: (at - from) % dayMs === 0 ? 6 : 0 } }
        })
      },
      onProgress: ({ readings }) => {
        replayed = readings
      },
      signal: new AbortController().signal,
    },
  )
  expect(result).toMatchObject({ devices: 5, readings: 5 * minutes, same: 150, current: { ordersPerDay: 5 } })
  expect(ahead).toBeLessThanOrEqual(2 * 5_000)
})

test('of what differs it keeps no evidence, and ends where that is more than anybody reads', async () => {
  const { gone } = await backtest({ s1: smokeAt({ 60: 6 }) }, { ...shipped, enabled: false })
  expect(gone.map((episode) => Object.keys(episode))).toEqual([expect.not.arrayContaining(['evidence'])])

  const hours = 1_400
  const every4 = Object.fromEntries(Array.from({ length: hours * 15 }, (_, n) => [n * 4, 6]))
  const off = backtest({ s1: smokeAt(every4, hours) }, { ...shipped, enabled: false }, { to: from + hours * hourMs })
  await expect(off).rejects.toThrow('more than 20000 episodes: try them on fewer devices')
})

test('it can be cancelled', async () => {
  const cancelled = AbortSignal.abort()
  const plan = { finding: smoke.id, kind: 'smoke-detector', from, to: from + hourMs, warmUpFrom: from }
  const devices = [{ device: testDevice({ id: 's1', kind: 'smoke-detector' }), current: shipped, proposed: shipped }]
  const given = { kind: smokeDetector, readings: async () => smokeAt({ 1: 6 }), onProgress() {}, signal: cancelled }
  await expect(runBacktest({ ...plan, devices }, given)).rejects.toThrow()
})
