import { expect, test } from 'vitest'
import type { Values } from '../../../core/reading.ts'
import { replay, replayAll } from '../../replay.ts'
import { doorCloseDrift } from './door-close-drift.ts'

function closings(count: number, doorCloseSeconds: number, more: Values = {}) {
  return Array.from({ length: count }, () => ({ at: 0, values: { doorCloseSeconds, ...more } }))
}

/** The same door with the spread of a real one, repeatable. */
function wavering(count: number, doorCloseSeconds: number, slowerPerClosing = 0) {
  return Array.from({ length: count }, (_, i) => {
    const wavers = 0.15 * Math.sin(i * 1.7) + 0.1 * Math.sin(i * 0.31)
    return { at: i, values: { doorCloseSeconds: doorCloseSeconds + wavers + i * slowerPerClosing } }
  })
}

test('reports once when a door slows from 3.0 s to 3.5 s, within 20 closings', () => {
  const findings = replayAll(doorCloseDrift, [...closings(200, 3.0), ...closings(20, 3.5)])

  expect(findings).toHaveLength(1)
  expect(findings[0]?.index).toBeGreaterThanOrEqual(200)
  expect(findings[0]?.finding).toMatchObject({
    severity: 'warning',
    summary: 'The door takes 3.5 s to close, usually 3.0 s',
  })
})

test('a door that stays slow reports again, within the same episode', () => {
  const stream = [...closings(200, 3.0), ...closings(60, 3.6)]

  expect(replayAll(doorCloseDrift, stream).length).toBeGreaterThanOrEqual(3)
  expect(replay(doorCloseDrift, stream)).toHaveLength(1)
})

test('half a second of wear in a month of 400 closings a day is found before the month is over', () => {
  const month = wavering(12_000, 3, 0.5 / 12_000)
  const [found] = replay(doorCloseDrift, [...wavering(4_000, 3), ...month])

  expect(found?.index).toBeGreaterThan(4_000)
  expect(found?.index).toBeLessThan(16_000)
})

test('a jam among the first closings does not spoil the baseline', () => {
  const findings = replay(doorCloseDrift, [
    ...closings(2, 3.0),
    ...closings(1, 60),
    ...closings(200, 3.0),
    ...closings(20, 3.5),
  ])
  expect(findings).toHaveLength(1)
})

test('a door that a visit made faster is found when it slows again, though still faster than long ago', () => {
  const history = [...closings(100_000, 4.0), ...closings(40_000, 3.0)]
  expect(replay(doorCloseDrift, [...history, ...closings(50, 3.5)])).toHaveLength(1)
})

test.each([
  ['a slow but steady door', closings(5_000, 6.0)],
  ['a door that wavers, for years', wavering(200_000, 3.0)],
  ['a door that the cold slows by 0.08 s', [...closings(500, 3.0), ...closings(3_000, 3.08)]],
  ['a new door that is still settling', [...closings(10, 3.0), ...closings(20, 9.0)]],
  ['people in the doorway', [...closings(200, 3.0), ...closings(200, 9.0, { doorObstructed: true })]],
  ['people in the doorway, told by re-openings', [...closings(200, 3.0), ...closings(200, 9.0, { doorReopens: 2 })]],
  ['one closing that jams for a minute', [...closings(200, 3.0), ...closings(1, 60), ...closings(200, 3.0)]],
  ['two in a row that jam', [...closings(200, 3.0), ...closings(2, 60), ...closings(200, 3.0)]],
  [
    'people whom the gateway does not tell, one closing in twenty',
    Array.from({ length: 500 }, () => [...closings(19, 3.0), ...closings(1, 9.0)]).flat(),
  ],
  ['a door that became faster after the visit', [...closings(500, 4.0), ...closings(5_000, 3.0)]],
])('stays silent for %s', (_, stream) => {
  expect(replayAll(doorCloseDrift, stream)).toEqual([])
})
