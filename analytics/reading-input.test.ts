import { expect, test } from 'vitest'
import { kinds } from '../devices/index.ts'
import { readingInput } from './reading-input.ts'

test.each(kinds.map((kind) => [kind.id, kind] as const))(
  'whatever a %s sends, its detectors get the same properties in the same order',
  (_, kind) => {
    const [first = '', second = ''] = Object.keys(kind.telemetry.shape)
    const one = readingInput(kind, 1_000, { [first]: 1 })
    const other = readingInput(kind, 2_000, { [second]: 2 })

    expect(one).toEqual({ at: 1_000, [first]: 1 })
    expect(other).toEqual({ at: 2_000, [second]: 2 })
    expect(Object.keys(one)).toEqual(Object.keys(other))
    expect(Object.keys(one)).toHaveLength(Object.keys(kind.telemetry.shape).length + 2)
  },
)
