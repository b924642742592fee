import { expect, test } from 'vitest'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { breakerTripped } from './breaker-tripped.ts'
import { news, noon, series, times } from './series.ts'

const told = (...states: string[]) => series(states.map((breaker) => ({ breaker })))

test('a trip is a warning, one opened by hand is information, as soon as a second word agrees', () => {
  expect(news(breakerTripped, told('closed', 'tripped', 'tripped'))).toEqual(['20 s warning'])
  expect(news(breakerTripped, told('closed', 'open', 'open'))).toEqual(['20 s info'])
  expect(replay(breakerTripped, told('closed', 'tripped', 'tripped'))[0]?.finding).toEqual({
    severity: 'warning',
    summary: 'The room’s breaker has tripped',
    evidence: { breaker: 'tripped' },
    since: noon + 10_000,
  })
})

test('a word whose reading says that no current flows is believed at once, one beside a current is not', () => {
  const at = (amps: number) =>
    series([
      { breaker: 'closed', amps: 3 },
      { breaker: 'tripped', amps },
    ])
  expect(news(breakerTripped, at(0))).toEqual(['10 s warning'])
  expect(news(breakerTripped, at(3))).toEqual([])
})

test('a tripped breaker that is moved to open is still a trip; one opened by hand that trips is worse', () => {
  expect(replayAll(breakerTripped, told('tripped', 'open')).at(-1)?.finding?.severity).toBe('warning')
  expect(news(breakerTripped, told('open', 'open', 'tripped', 'tripped'))).toEqual(['10 s info', '30 s warning'])
  expect(news(breakerTripped, told('open', 'open', 'tripped', 'open', 'open'))).toEqual(['10 s info'])
})

test('closed onto the fault it trips again within the minute: one episode; it is over when it stays closed', () => {
  const inputs = told('tripped', 'open', 'closed', 'tripped', 'closed', ...Array<string>(10).fill('closed'))
  expect(news(breakerTripped, inputs)).toEqual(['10 s warning', '100 s cleared'])
})

test('a meter that tells its breaker only when it changes is believed, and clears, by ticks while it is heard', () => {
  /** Its amps come on; the breaker's word came at 0 s, and closed again at 200 s. */
  const changes = Array.from({ length: 60 }, (_, i) => ({
    at: noon + i * 10_000,
    values: i === 0 ? { breaker: 'tripped' } : i === 20 ? { breaker: 'closed' } : { amps: 1 },
  }))
  expect(news(breakerTripped, withTicks(changes))).toEqual(['75 s warning', '265 s cleared'])
  const until = noon + 600_000
  expect(news(breakerTripped, withTicks(told('tripped'), { freshSeconds: 40, until }))).toEqual([])
  expect(news(breakerTripped, withTicks(told('tripped'), { until }))).toEqual(['75 s warning'])
  expect(news(breakerTripped, withTicks(told('tripped', 'tripped', 'closed'), { freshSeconds: 40, until }))).toEqual([
    '10 s warning',
  ])
})

test.each([
  ['a closed breaker, told again and again', withTicks(told(...Array<string>(100).fill('closed')))],
  ['a single stray word', withTicks(told('closed', 'tripped', ...Array<string>(30).fill('closed')))],
  ['stray words now and then', withTicks(told(...Array.from({ length: 90 }, (_, i) => (i % 3 ? 'closed' : 'open'))))],
  ['a meter that says nothing of its breaker', withTicks(series(times(100, { volts: 228, amps: 0 })))],
])('stays silent for %s', (_, inputs) => {
  expect(news(breakerTripped, inputs)).toEqual([])
})
