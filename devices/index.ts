import type { z } from 'zod'
import { electricityMeter } from './electricity-meter/index.ts'
import { elevator } from './elevator/index.ts'
import type { DeviceKind } from './kind.ts'

export const kinds: readonly DeviceKind[] = [elevator, electricityMeter]

/** @returns undefined for a kind that nobody has built */
export function kindOf(id: string): DeviceKind | undefined {
  return kinds.find((kind) => kind.id === id)
}

export type MetricType = 'number' | 'string' | 'boolean'

/** Kind → metric → what its values are, from the kinds' schemas: what a store must know to make columns of them. */
export const metricCatalogue: Readonly<Record<string, Readonly<Record<string, MetricType>>>> = metricCatalogueOf(kinds)

export function metricCatalogueOf(of: readonly DeviceKind[]): Record<string, Record<string, MetricType>> {
  return Object.fromEntries(
    of.map(({ id, telemetry }) => [
      id,
      Object.fromEntries(Object.entries(telemetry.shape).map(([metric, schema]) => [metric, metricTypeOf(schema)])),
    ]),
  )
}

/** @throws {TypeError} a metric that is neither a number, a string, an enumeration of strings nor a boolean */
function metricTypeOf(schema: z.core.$ZodType): MetricType {
  const { def } = schema._zod as z.core.$ZodTypes['_zod']
  switch (def.type) {
    case 'optional':
    case 'nonoptional':
    case 'readonly':
      return metricTypeOf(def.innerType)
    case 'number':
    case 'boolean':
      return def.type
    case 'string':
    case 'enum':
      return 'string'
    default:
      throw new TypeError(`A metric cannot be a ${def.type}`)
  }
}
