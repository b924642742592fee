import { expect, test } from 'vitest'
import { expectNeverEarly } from '../../../test/never-early.ts'
import { replay } from '../../replay.ts'
import { cabinetTemperature } from './cabinet-temperature.ts'
import { every10s, news, type Said, said, start } from './said.ts'

const at = (cabinetCelsius: number) => ({ cabinetCelsius })

const found = (stream: readonly Said[]) => news(cabinetTemperature, stream)

test.each([
  ['hot', 56, 55],
  ['frozen', -1, 0],
])('a cabinet that is %s for ten minutes is a warning, and the reason is in words', (_, celsius, limitCelsius) => {
  const [raised] = replay(cabinetTemperature, [said(0, at(30)), ...every10s(10, 900, at(celsius))])

  expect(raised?.at).toBe(start + 610_000)
  expect(raised?.finding).toEqual({
    severity: 'warning',
    summary: `The control cabinet is at ${celsius.toFixed(1)} °C (limit ${limitCelsius} °C)`,
    evidence: { celsius, limitCelsius },
    since: start + 10_000,
  })
})

test('it clears when it has been three degrees inside for as long', () => {
  const hot = every10s(0, 900, at(60))

  expect(found([...hot, ...every10s(910, 7_200, at(52.5))])).toEqual(['warning 600'])
  expect(found([...hot, ...every10s(910, 1_510, at(51.5))])).toEqual(['warning 600', 'cleared 1510'])
})

test.each<[string, Said[]]>([
  ['a hot afternoon at 54 °C', every10s(0, 36_000, at(54))],
  ['single spikes of a loose wire', Array.from({ length: 5_000 }, (_, i) => said(i * 10, at(i % 3 === 0 ? 250 : 40)))],
  ['ten minutes in the sun with the cabinet open', [...every10s(0, 580, at(60)), ...every10s(590, 3_600, at(40))]],
])('stays silent for %s', (_, stream) => {
  expect(found(stream)).toEqual([])
})

test('it is never early, and no gap completes its time', () => {
  expectNeverEarly(cabinetTemperature, { holds: at(70), calm: at(35), seconds: 600 })
})
