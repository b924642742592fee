import { expect, test } from 'vitest'
import { minutesPerDay } from './day.ts'
import { dayFeatures, featureNames } from './features.ts'
import { packedLoadModels } from './model.ts'
import { packLoadModels, unpackLoadModels } from './packed-model.ts'
import { bestGuess, recogniseLoad } from './recognise.ts'

const { day: model, room } = unpackLoadModels(packedLoadModels)

/** A day of `watts` where `runs` (start and length in minutes) say so, and `standbyWatts` otherwise. */
function dayOf(watts: number, runs: readonly (readonly [number, number])[], standbyWatts = 0): number[] {
  const day = new Array<number>(minutesPerDay).fill(standbyWatts)
  for (const [from, minutes] of runs) day.fill(watts, from, from + minutes)
  return day
}

const kettle = dayOf(2_000, [
  [430, 3],
  [760, 3],
  [1_150, 3],
])
const fridge = dayOf(
  82,
  Array.from({ length: 27 }, (_, cycle) => [7 + cycle * 53, 22] as const),
)
const router = dayOf(9, [], 9)

test.each([
  ['2 kW for three minutes, three times a day', kettle, 'kitchen-heat', 'WaterKettle'],
  ['80 W that come and go all day and night', fridge, 'cold', 'Refrigerator'],
])('recognises %s', (_, watts, group, label) => {
  expect(recogniseLoad(watts, model)).toMatchObject({ abstained: false, group, label })
})

test('a few watts all day are the network group, whatever the device', () => {
  expect(recogniseLoad(router, model)).toMatchObject({ group: 'network' })
})

test('gaps of a fifth of the day change nothing, a minute more and there is no answer', () => {
  const gaps = (minutes: number) => kettle.map((watts, minute) => (minute < minutes ? null : watts))

  expect(recogniseLoad(gaps(240), model)).toMatchObject({ label: 'WaterKettle' })
  expect(recogniseLoad(gaps(241), model)).toEqual({ abstained: true, reason: 'too-few-readings' })
})

test('abstains where nothing ran', () => {
  expect(recogniseLoad(dayOf(1, [[600, 60]]), model)).toEqual({ abstained: true, reason: 'nothing-ran' })
})

test.each([
  ['40 W all day', dayOf(40, [], 40)],
  ['a heater, of which the model has seen none', dayOf(1_200, [[1_200, 240]])],
])('abstains for %s, and says what it would guess', (_, watts) => {
  const recognition = recogniseLoad(watts, model)

  expect(recognition).toMatchObject({ abstained: true, reason: 'unsure', label: expect.any(String) })
  expect('groupProbability' in recognition && recognition.groupProbability).toBeLessThan(0.6)
})

test('a room that feeds in draws nothing', () => {
  expect(
    recogniseLoad(
      kettle.map((watts) => (watts === 0 ? -300 : watts)),
      model,
    ),
  ).toEqual(recogniseLoad(kettle, model))
})

test('a day of another length is refused', () => {
  expect(() => recogniseLoad([1, 2, 3], model)).toThrow('1440 minutes')
})

test('the group is chosen before the class: two likely lamps outweigh one likelier kettle', () => {
  const guess = bestGuess(['Monitor-TFT', 'TV-LCD', 'WaterKettle'], [0.3, 0.3, 0.4])

  expect(guess).toMatchObject({ group: 'screen', groupProbability: 0.6, label: 'Monitor-TFT', probability: 0.3 })
  expect(guess.alternatives.map(({ label }) => label)).toEqual(['WaterKettle', 'TV-LCD'])
})

test('features are numbers even of a day without readings, and fewer than the file can name', () => {
  const empty = dayFeatures(new Array<null>(minutesPerDay).fill(null))

  expect(empty).toHaveLength(featureNames().length)
  expect([...empty].every(Number.isFinite)).toBe(true)
  expect(model.discriminant.axes[0]).toHaveLength(featureNames().length)
  expect(featureNames().length).toBeLessThanOrEqual(128)
})

test('packing the committed models gives the committed file again; a damaged one is refused', () => {
  expect(packLoadModels(model, room)).toEqual(packedLoadModels)
  expect(() => unpackLoadModels({ ...packedLoadModels, points: '' })).toThrow('damaged')
  const cut = { ...packedLoadModels.trees, nodes: packedLoadModels.trees.nodes.slice(0, -8) }
  expect(() => unpackLoadModels({ ...packedLoadModels, trees: cut })).toThrow('cut short')
})
