import { expect, test } from 'vitest'
import { replayAll } from '../../replay.ts'
import { arc } from './arc.ts'
import { news, series, times } from './series.ts'

const counts = (...halfCycles: number[]) => series(halfCycles.map((arcHalfCycles) => ({ arcHalfCycles })))

test('14 half-cycles in one second are critical at once, and say what current fed them', () => {
  const [found] = replayAll(arc, series([{ arcHalfCycles: 0 }, { arcHalfCycles: 14, amps: 6.2 }]))

  expect(found).toMatchObject({
    index: 1,
    finding: { severity: 'critical', evidence: { arcHalfCycles: 14, alarmHalfCycles: 14, amps: 6.2 } },
  })
  expect(found?.finding?.summary).toBe('An arc burns: 14 half-cycles within one second (alarm from 14)')
})

test('it is not over because it pauses: a person resets it', () => {
  expect(news(arc, counts(30, ...Array<number>(1_000).fill(0), 20))).toEqual(['0 s critical'])
  expect(arc.clears).toBe(false)
})

test.each([
  ['a switch that bounces, 9 half-cycles', counts(0, 9, 0)],
  ['a vacuum cleaner whose brushes spark second after second', counts(...Array<number>(600).fill(9))],
  ['a count that lies between the standards, 13 half-cycles', counts(0, 13, 13, 10)],
  ['a meter without an arc detector', series(times(10, { amps: 12 }))],
])('stays silent for %s', (_, inputs) => {
  expect(news(arc, inputs)).toEqual([])
})
