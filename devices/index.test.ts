import { expect, test } from 'vitest'
import { z } from 'zod'
import { kindOf, kinds, metricCatalogue, metricCatalogueOf } from './index.ts'

test('a kind is found by its id, and an unknown id is nobody’s', () => {
  for (const kind of kinds) expect(kindOf(kind.id)).toBe(kind)
  expect(kindOf('smoke-detector')).toBeUndefined()
})

test('the catalogue knows every metric of every kind, and what its values are', () => {
  for (const { id, telemetry } of kinds)
    expect(Object.keys(metricCatalogue[id] ?? {})).toEqual(Object.keys(telemetry.shape))

  expect(metricCatalogue.elevator).toMatchObject({
    floor: 'number',
    mode: 'string',
    faultCode: 'string',
    doorZone: 'boolean',
  })
})

test('a metric that is no number, string or flag is refused at once', () => {
  const [kind] = kinds
  if (!kind) throw new Error('no kinds')
  const odd = { ...kind, telemetry: z.strictObject({ odd: z.array(z.number()).optional() }) }

  expect(() => metricCatalogueOf([odd])).toThrow(TypeError)
})

test.each(kinds.map((kind) => [kind.id, kind] as const))('%s keeps the contract', (id, kind) => {
  const metrics = Object.keys(kind.telemetry.shape)
  const facts = Object.keys(kind.facts.shape)

  expect(kind.telemetry.safeParse({}).success).toBe(true)
  expect(kind.telemetry.safeParse({ unheardOf: 1 }).success).toBe(false)
  expect(kind.facts.safeParse(kind.factDefaults).success).toBe(true)
  for (const detector of kind.detectors) {
    expect(detector.id.startsWith(`${id}/`)).toBe(true)
    expect(metrics).toEqual(expect.arrayContaining([...detector.reads, ...detector.mayRead]))
    expect(facts).toEqual(expect.arrayContaining([...detector.needs]))
    expect(JSON.parse(JSON.stringify(detector.initial))).toEqual(detector.initial)
  }
  for (const panel of kind.dashboard) expect(metrics).toEqual(expect.arrayContaining([...panel.metrics]))
  expect(new Set(kind.dashboard.flatMap((panel) => panel.metrics)).size).toBe(
    kind.dashboard.flatMap((panel) => panel.metrics).length,
  )
  expect(Object.values(kind.simulator.faults).every((finding) => kind.detectors.some((d) => d.id === finding))).toBe(
    true,
  )
})
