import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { words } from '../core/words.ts'
import { kinds } from './index.ts'

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** Rules that a kind shares with the others are tested once, under their own name. */
const shared: Readonly<Record<string, string>> = {
  ...{ silent: 'silence', 'sensor-silent': 'sensor-silence' },
  ...{ anomaly: 'anomaly', 'frozen-sensor': 'frozen-sensor' },
}

const detectors = kinds.flatMap((kind) => kind.detectors.map((detector) => ({ kind, detector })))

test.each(detectors.map(({ detector: { id }, ...rest }) => [id, { ...rest, id }] as const))(
  '%s has its tests, its page and its names',
  (_, { kind, id }) => {
    const detector = kind.detectors.find((candidate) => candidate.id === id)
    const name = id.slice(id.indexOf('/') + 1)
    const tests = textOf(shared[name] ? `./${shared[name]}.test.ts` : `./${kind.id}/detectors/${name}.test.ts`)

    expect(tests).toContain('stays silent for %s')
    expect(detector?.about.traps.filter((trap) => !tests.includes(trap))).toEqual([])
    expect(detector?.about.traps.length).toBeGreaterThan(0)
    if (detector?.lasts !== undefined) expect(tests, 'a duration is never early').toContain('expectNeverEarly(')
    expect(textOf(`../docs/runbooks/${id.replace('/', '-')}.md`)).toContain(`\`${id}\``)
    for (const { findings } of Object.values(words)) expect(findings[id]).toBeDefined()
  },
)

test.each(detectors.map(({ detector }) => [detector.id, detector] as const))(
  '%s has settings that a person can change: plain values, in the order that they must rise',
  (_, { settings, lasts, rising }) => {
    const values = settings as Readonly<Record<string, unknown>>
    if (lasts !== undefined) expect(values[lasts]).toBeGreaterThan(0)
    for (const order of rising) {
      const numbers = order.map((name) => values[name] as number)
      expect([...numbers].sort((a, b) => a - b)).toEqual(numbers)
    }
  },
)
