import { expect, test } from 'vitest'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { electricityMeterAnomaly } from './electricity-meter/detectors/anomaly.ts'
import { elevatorAnomaly } from './elevator/detectors/anomaly.ts'
import { type ReplayInput, replay } from './replay.ts'

const start = Date.UTC(2026, 5, 1)

/** A reading every five minutes. */
function series(days: number, celsius: (hours: number, n: number) => number, from = 0) {
  return Array.from({ length: days * 288 }, (_, i) => {
    const at = start + from * dayMs + i * 5 * minuteMs
    return { at, values: { terminalCelsius: celsius((at - start) / hourMs, i) } }
  })
}

/** The same in every run, between -1 and 1. */
const noise = (n: number) => 2 * (Math.abs(Math.sin(n * 12.9898) * 43_758.5453) % 1) - 1
const daily = (hours: number, n: number) => 30 + 4 * Math.sin((hours / 24) * 2 * Math.PI) + 0.4 * noise(n)

test('a terminal that jumps by 20 K one day is found within the hour, and over when it is back', () => {
  const said = replay(electricityMeterAnomaly, [
    ...series(20, daily),
    ...series(1, (hours, n) => daily(hours, n) + 20, 20),
    ...series(3, daily, 21),
  ])

  expect(said[0]?.finding).toMatchObject({ severity: 'info', evidence: { unusualMetric: 'terminalCelsius' } })
  expect(said[0]?.at).toBeLessThan(start + 20 * dayMs + hourMs)
  expect(said.at(-1)?.cleared).toBe(true)
})

test.each([
  ['white noise', series(30, (_, n) => 30 + noise(n))],
  ['a day and a night that return', series(30, daily)],
  ['one stray value', [...series(20, daily), { at: start + 20 * dayMs, values: { terminalCelsius: 31 } }]],
  ['a gap of a day', [...series(20, daily), ...series(10, daily, 21)]],
])('stays silent for %s', (_, readings) => {
  expect(replay(electricityMeterAnomaly, readings)).toEqual([])
})

test.each(['in every reading', 'by itself'])(
  'what a mechanic does in inspection mode, told %s, is not looked at',
  (told) => {
    const motor = (days: number, motorCelsius: number, mode: string, from: number) =>
      series(days, (_, n) => motorCelsius + noise(n), from).flatMap(({ at, values }, i): ReplayInput[] => {
        const read = { motorCelsius: values.terminalCelsius }
        if (told === 'in every reading') return [{ at, values: { mode, ...read } }]
        const alone = { at: at + 1_000, values: read }
        return i === 0 ? [{ at, values: { mode } }, alone] : [alone]
      })
    expect(
      replay(elevatorAnomaly, [
        ...motor(20, 40, 'normal', 0),
        ...motor(1, 90, 'inspection', 20),
        ...motor(5, 40, 'normal', 21),
      ]),
    ).toEqual([])
  },
)

test('its state fits: about half a KiB a metric', () => {
  let state = electricityMeterAnomaly.initial
  for (const { at, values } of series(60, daily)) {
    const input = { at, ...values, residualMilliamps: 3 + noise(at) }
    state = electricityMeterAnomaly.step(state, input, electricityMeterAnomaly.settings, {}).state
  }
  expect(JSON.stringify(state).length).toBeLessThan(1_500)
})
