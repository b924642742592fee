import { expect, test } from 'vitest'
import { minutesPerDay } from './day.ts'
import { packedLoadModels } from './model.ts'
import { unpackLoadModels } from './packed-model.ts'
import { loadsOfDay } from './room-loads.ts'

const { room: model } = unpackLoadModels(packedLoadModels)

/** Adds a load to a day: `watts` for `minutes` from `from` on; before it half a minute's, switched on in the middle of one. */
function add(day: number[], watts: number, from: number, minutes: number): void {
  for (let minute = from; minute < from + minutes; minute++) day[minute] = (day[minute] ?? 0) + watts
  if (from > 0) day[from - 1] = (day[from - 1] ?? 0) + watts / 2
}

function room(baseWatts: number): number[] {
  return new Array<number>(minutesPerDay).fill(baseWatts)
}

function fridge(day: number[]): void {
  for (let from = 5; from + 22 < minutesPerDay; from += 53) add(day, 90, from, 22)
}

test('tells the kettle from the fridge that runs meanwhile', () => {
  const day = room(40)
  fridge(day)
  for (const from of [430, 765, 1_150]) add(day, 2_000, from, 3)

  const { baseWatts, loads } = loadsOfDay(day, model)

  expect(baseWatts).toBe(40)
  const large = loads.find(({ watts }) => watts > 1_500)
  expect(large).toMatchObject({ kind: 'kitchen-heat' })
  expect(large?.watts).toBeCloseTo(2_000, -2)
  expect(large?.runs.map(({ from }) => Math.round(from / 10))).toEqual([43, 76, 115])
  expect(large?.kilowattHours).toBeCloseTo(0.4, 1)
  const small = loads.filter(({ watts }) => watts < 150)
  expect(small.length).toBeGreaterThan(0)
  expect(small.every(({ kind }) => kind === 'cold' || kind === null)).toBe(true)
})

test('a load that nobody switches off ends with the day, one that was on already begins with it', () => {
  const day = room(10)
  add(day, 500, 0, 60)
  add(day, 900, 1_200, 240)

  const runs = loadsOfDay(day, model).loads.flatMap((load) => load.runs)

  expect(runs).toContainEqual({ from: 0, to: 60 })
  expect(runs.some(({ to }) => to === minutesPerDay)).toBe(true)
})

test('two loads switched off in the same minute both end there', () => {
  const day = room(10)
  add(day, 400, 600, 100)
  add(day, 1_000, 640, 60)

  const { loads } = loadsOfDay(day, model)

  expect(loads.map(({ runs }) => runs[0]?.to)).toEqual([700, 700])
  expect(loads.map(({ watts }) => Math.round(watts / 100)).sort((a, b) => a - b)).toEqual([4, 10])
})

test('runs of about the same power and length are one appliance', () => {
  const day = room(10)
  add(day, 50, 300, 60)
  add(day, 62, 600, 90)

  expect(loadsOfDay(day, model).loads.map(({ runs }) => runs.length)).toEqual([2])
})

test.each([
  ['run at the same time', 200, 640],
  ['differ in length by ten', 40, 1_000],
])('two equal loads are two appliances when they %s', (_, minutes, from) => {
  const day = room(10)
  add(day, 300, 600, minutes)
  add(day, 300, from, 400)

  expect(loadsOfDay(day, model).loads.map(({ runs }) => runs.length)).toEqual([1, 1])
})

test('half an hour of 1.5 kW could be many things: shown, not named', () => {
  const day = room(40)
  add(day, 1_500, 1_200, 30)

  const [load] = loadsOfDay(day, model).loads
  expect(load).toMatchObject({ watts: 1_500, kind: null })
  expect(load?.probability).toBeLessThan(0.8)
})

test('a gap in the readings neither starts nor ends a load', () => {
  const day: (number | null)[] = room(10)
  add(day as number[], 800, 600, 120)
  day.fill(null, 640, 660)

  expect(loadsOfDay(day, model).loads.map(({ runs }) => runs)).toEqual([[{ from: 599, to: 720 }]])
})

test.each([
  ['an even draw', room(60)],
  ['a load too small to be worth naming', room(5).fill(25, 600, 610)],
  ['a day without readings', new Array<null>(minutesPerDay).fill(null)],
])('finds no load in %s', (_, day) => {
  expect(loadsOfDay(day, model).loads).toEqual([])
})
