import { expect, test } from 'vitest'
import { replay, replayAll, withTicks } from '../../replay.ts'
import { breakerTripped } from './breaker-tripped.ts'
import { news, noon, series, times } from './series.ts'

const told = (...states: string[]) => series(states.map((breaker) => ({ breaker })))

test('a trip is a warning at once, one opened by hand is information', () => {
  expect(news(breakerTripped, told('closed', 'tripped'))).toEqual(['10 s warning'])
  expect(news(breakerTripped, told('closed', 'open'))).toEqual(['10 s info'])
  expect(replay(breakerTripped, told('closed', 'tripped'))[0]?.finding).toEqual({
    severity: 'warning',
    summary: 'The room’s breaker has tripped',
    evidence: { breaker: 'tripped' },
    since: noon + 10_000,
  })
})

test('a tripped breaker that is moved to open is still a trip; one opened by hand that trips is worse', () => {
  expect(replayAll(breakerTripped, told('tripped', 'open')).at(-1)?.finding?.severity).toBe('warning')
  expect(news(breakerTripped, told('open', 'tripped'))).toEqual(['0 s info', '10 s warning'])
})

test('closed onto the fault it trips again within the minute: one episode; it is over when it stays closed', () => {
  const inputs = told('tripped', 'open', 'closed', 'tripped', 'closed', ...Array<string>(10).fill('closed'))
  expect(news(breakerTripped, inputs)).toEqual(['0 s warning', '100 s cleared'])
})

test('a meter that tells its breaker only when it changes, clears by ticks while it is heard, not by silence', () => {
  const changes = told('tripped', 'closed')
  expect(news(breakerTripped, withTicks(changes, { until: noon + 600_000 }))).toEqual(['0 s warning', '70 s cleared'])
  expect(news(breakerTripped, withTicks(changes, { freshSeconds: 40, until: noon + 600_000 }))).toEqual(['0 s warning'])
  expect(news(breakerTripped, withTicks(told('tripped'), { until: noon + 600_000 }))).toEqual(['0 s warning'])
})

test.each([
  ['a closed breaker, told again and again', withTicks(told(...Array<string>(100).fill('closed')))],
  ['a meter that says nothing of its breaker', withTicks(series(times(100, { volts: 228, amps: 0 })))],
])('stays silent for %s', (_, inputs) => {
  expect(news(breakerTripped, inputs)).toEqual([])
})
