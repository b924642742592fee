import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { dayMs, minuteMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { kinds } from '../devices/index.ts'
import { testDevice } from '../test/fixtures/rows.ts'
import { smokeDetector } from '../test/fixtures/smoke-detector.ts'
import { plainCheckOf } from './check-reading.ts'
import { createDecoder, maxReadingsPerMessage } from './decode.ts'

const now = Date.parse('2026-01-01T00:00:00Z')
const meter = testDevice({ id: 'm1', kind: 'electricity-meter', gatewayId: 'g1' })
const decode = createDecoder({ kinds: [...kinds, smokeDetector], maxAgeDays: 400 })

function decoded(payload: unknown, device: Device | undefined = meter) {
  const raw =
    payload instanceof Uint8Array ? payload : Buffer.from(typeof payload === 'string' ? payload : text(payload))
  return decode({ position: 7, receivedAt: now, gatewayId: 'g1', deviceId: device?.id ?? 'x', payload: raw }, device)
}

/** As JSON, but with Infinity as the valid `1e999`. */
function text(payload: unknown): string {
  return JSON.stringify(payload, (_key, value) => (value === Infinity ? '1e999' : value)).replaceAll('"1e999"', '1e999')
}

/** What was refused, as `reason path`. */
function faults(payload: unknown, device?: Device) {
  return decoded(payload, device).quarantined?.faults.map(({ reason, path }) => `${reason} ${path}`)
}

const reading = (values: unknown, at: unknown = now) => ({ at, values })

test('a good reading is taken as it is, with both times, and nothing is quarantined', () => {
  expect(decoded({ at: now - 50, seq: 3, values: { volts: 230.5, breaker: 'closed' } })).toEqual({
    readings: [
      {
        deviceId: 'm1',
        kind: 'electricity-meter',
        at: now - 50,
        receivedAt: now,
        values: { volts: 230.5, breaker: 'closed' },
      },
    ],
  })
})

test('of a device that was moved, each gateway is believed for its own time, whenever that is read', () => {
  const moved = { ...meter, gatewayId: 'g2', movedFrom: { gatewayId: 'g1', at: now } }
  const read = (gatewayId: string, receivedAt: number) =>
    decode(
      {
        position: 1,
        receivedAt,
        gatewayId,
        deviceId: 'm1',
        payload: Buffer.from(JSON.stringify(reading({ volts: 1 }))),
      },
      moved,
    ).quarantined?.reason
  expect([read('g1', now - 1), read('g1', now)]).toEqual([undefined, 'foreign-device'])
  expect([read('g2', now - 1), read('g2', now)]).toEqual(['foreign-device', undefined])
})

test('a device that nobody registered, another gateway’s, and one of a kind that is gone', () => {
  const unknown = decode(
    { position: 1, receivedAt: now, gatewayId: 'g1', deviceId: 'x', payload: Buffer.from('{}') },
    undefined,
  )
  expect(unknown.quarantined).toMatchObject({ reason: 'unknown-device', faults: [{ path: '$' }] })
  expect(faults(reading({ volts: 1 }), { ...meter, gatewayId: 'g2' })).toEqual(['foreign-device $'])
  expect(faults(reading({ volts: 1 }), { ...meter, kind: 'river-probe' })).toEqual(['unknown-device $'])
})

test('of a retired device what came before is taken, whenever we come to it, and nothing after', () => {
  const said = reading({ volts: 1 })
  expect(faults(said, { ...meter, retiredAt: now, gatewayId: 'g2' })).toEqual(['retired-device $'])
  expect(faults(said, { ...meter, retiredAt: now - 1 })).toEqual(['retired-device $'])
  expect(decoded(said, { ...meter, retiredAt: now + 1 }).readings).toHaveLength(1)
})

test('the quarantine item is the whole message, with its first fault as the reason', () => {
  const raw = Buffer.from('{"at":1,"values":{}}')
  expect(decoded(raw).quarantined).toEqual({
    position: 7,
    receivedAt: now,
    gatewayId: 'g1',
    deviceId: 'm1',
    reason: 'clock-too-old',
    faults: [expect.objectContaining({ path: '$.at', reason: 'clock-too-old' })],
    raw,
  })
})

test.each([
  ['', 'the payload is empty'],
  ['{"at":1', 'it ends too early, after column 7'],
  ['{"at":-', 'it ends too early, after column 7'],
  ['{"at":x}', 'it breaks at column 7'],
  ['{"at":1}}', 'it breaks at column 9'],
  ['{"at":1,}', 'it breaks at column 9'],
  ["{'at':1}", 'it breaks at column 2'],
  ['{"values":{"volts":NaN}}', 'it breaks at column 20'],
  ['{"values":{"volts":Infinity}}', 'it breaks at column 20'],
  ['{"values":{"volts":-.5}}', 'it breaks at column 21'],
  ['{"a":"\\u12x4"}', 'it breaks at column 11'],
  ['{"at":1,\n "values": nil}', 'it breaks at line 2, column 13'],
  [`{"label":"${'a'.repeat(5_000)}" x}`, 'not JSON'],
  ['\ufeff{}', 'it begins with a byte order mark'],
])('bad JSON is refused and says where to look: %s', (payload, where) => {
  const { readings, quarantined } = decoded(payload)
  expect(readings).toEqual([])
  expect(quarantined).toMatchObject({ reason: 'bad-json', faults: [{ path: '$' }] })
  expect(quarantined?.faults[0]?.text).toContain(where)
})

test.each<[string, readonly number[] | string]>([
  ['a byte that begins no character', [0xff, 0xfe]],
  ['Latin-1', Buffer.from('Aufzug gepr\u00fcft', 'latin1').toJSON().data],
  ['a character cut off', [0xe7, 0x94]],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ['a slash in two bytes', [0xc0, 0xaf]],
])('text that is not UTF-8 is refused, not changed: %s', (_, bytes) => {
  const payload = Buffer.concat([
    Buffer.from(`{"at":${now},"values":{"label":"`),
    Buffer.from(bytes),
    Buffer.from('"}}'),
  ])
  const { readings, quarantined } = decoded(payload, { ...meter, kind: 'smoke-detector' })
  expect(readings).toEqual([])
  expect(quarantined).toMatchObject({ reason: 'bad-json', faults: [{ path: '$', text: 'not UTF-8' }] })
  expect(decoded(Buffer.from(bytes)).quarantined?.faults[0]?.text).toBe('not UTF-8')
})

test('any UTF-8 is taken as it is, also the character that stands for what could not be read', () => {
  const label = 'K\u00fcche \u53a8\u623f \ud83d\udd25 \ufffd'
  const { readings } = decoded(reading({ label }), { ...meter, kind: 'smoke-detector' })
  expect(readings.map(({ values }) => values)).toEqual([{ label }])
})

test('the column is where the shortest beginning that nothing can complete ends', () => {
  const broken = fc
    .tuple(fc.json({ maxDepth: 2 }), fc.nat(), fc.constantFrom('x', '}', ']', ',', '-', '.', '"', '\\', ':', '1', ' '))
    .map(([json, place, char]) => {
      const at = place % (json.length + 1)
      return json.slice(0, at) + char + json.slice(at)
    })
    .filter((json) => !isJson(json) && !json.includes('\n'))
  fc.assert(
    fc.property(broken, (json) => {
      const column = / breaks at column (\d+)/.exec(decoded(json).quarantined?.faults[0]?.text ?? '')?.[1]
      const completions = ['', '"', '0', 'u', '}', ']', ':0}', '":0}', '"}', '0}', '0]', '"]', '"a":0}']
      if (column === undefined) return
      // nothing simple completes what is said to be broken
      const beginning = json.slice(0, Number(column))
      expect(completions.filter((completion) => isJson(beginning + completion))).toEqual([])
    }),
  )
})

function isJson(candidate: string): boolean {
  try {
    JSON.parse(candidate)
    return true
  } catch {
    return false
  }
}

test('500 readings are taken, 501 are not, and an empty array is named', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => reading({ volts: 230 }, now - i))

  expect(decoded(many(maxReadingsPerMessage)).readings).toHaveLength(500)
  expect(decoded(many(maxReadingsPerMessage + 1)).readings).toEqual([])
  expect(faults(many(maxReadingsPerMessage + 1))).toEqual(['too-many $'])
  expect(faults([])).toEqual(['bad-reading $'])
})

test.each<[string, unknown, string]>([
  ['a string', '"hello"', 'bad-reading $'],
  ['null', null, 'bad-reading $'],
  ['a number', 12, 'bad-reading $'],
  ['nothing in it', {}, 'bad-time $.at'],
  ['a reading that is an array', [[1]], 'bad-reading $[0]'],
  ['no values', { at: now }, 'bad-reading $.values'],
  ['values as an array', reading([1]), 'bad-reading $.values'],
  ['no metric', reading({}), 'bad-reading $.values'],
  ['no time', { values: { volts: 1 } }, 'bad-time $.at'],
  ['a time in words', reading({ volts: 1 }, '2026-01-01T00:00:00Z'), 'bad-time $.at'],
  ['a time as text', reading({ volts: 1 }, String(now)), 'bad-time $.at'],
  ['microseconds', reading({ volts: 1 }, now * 1_000), 'bad-time $.at'],
  ['1e308', reading({ volts: 1 }, 1e308), 'bad-time $.at'],
  ['1e999', reading({ volts: 1 }, Infinity), 'bad-time $.at'],
  ['half a millisecond', reading({ volts: 1 }, now + 0.5), 'bad-time $.at'],
  ['before 1970', reading({ volts: 1 }, -1), 'bad-time $.at'],
  ['null as time', reading({ volts: 1 }, null), 'bad-time $.at'],
  ['2106', reading({ volts: 1 }, Date.parse('2106-01-01')), 'clock-ahead $.at'],
  ['a millisecond too far ahead', reading({ volts: 1 }, now + 5 * minuteMs + 1), 'clock-ahead $.at'],
  ['1970', reading({ volts: 1 }, 0), 'clock-too-old $.at'],
  ['seconds', reading({ volts: 1 }, now / 1_000), 'clock-too-old $.at'],
  ['a millisecond too old', reading({ volts: 1 }, now - 400 * dayMs - 1), 'clock-too-old $.at'],
  ['an elevator’s metrics', reading({ floor: 3, doorZone: true }), 'wrong-kind $.values'],
  ['another device named inside', { device: 'm2', ...reading({ volts: 1 }) }, 'foreign-device $.device'],
])('a reading is refused for %s', (_, payload, fault) => {
  expect(decoded(payload).readings).toEqual([])
  expect(faults(payload)).toEqual([fault])
})

test.each([
  ['exactly 5 minutes ahead', now + 5 * minuteMs],
  ['exactly 400 days old', now - 400 * dayMs],
])('a reading is taken when it is %s', (_, at) => {
  expect(decoded(reading({ volts: 1 }, at)).readings).toHaveLength(1)
})

test.each<[string, Record<string, unknown>, string]>([
  ['a number as text', { amps: '12' }, 'wrong-type $.values.amps'],
  ['null', { amps: null }, 'wrong-type $.values.amps'],
  ['a flag as number', { occupied: 1 }, 'wrong-type $.values.occupied'],
  ['an object', { amps: { value: 1 } }, 'wrong-type $.values.amps'],
  ['a state as number', { breaker: 1 }, 'wrong-type $.values.breaker'],
  ['1e999', { amps: Infinity }, 'not-a-number $.values.amps'],
  ['what no sensor says', { amps: 1e300 }, 'out-of-range $.values.amps'],
  ['a negative current', { amps: -0.1 }, 'out-of-range $.values.amps'],
  ['a state that does not exist', { breaker: 'ajar' }, 'unknown-value $.values.breaker'],
  ['a metric that does not exist', { frequency: 50 }, 'unknown-metric $.values.frequency'],
  ['an elevator’s metric among its own', { floor: 50 }, 'unknown-metric $.values.floor'],
  ['a name with a dot in it', { 'a.b': 1 }, 'unknown-metric $.values["a.b"]'],
  ['a member that every object has', { constructor: 1 }, 'unknown-metric $.values.constructor'],
])('one bad metric is named, the good one beside it is used: %s', (_, bad, fault) => {
  const { readings } = decoded(reading({ ...bad, volts: 230 }))
  expect(readings.map(({ values }) => values)).toEqual([{ volts: 230 }])
  expect(faults(reading({ ...bad, volts: 230 }))).toEqual([fault])
})

test('a metric next to "values" instead of in it is named, and the reading is used', () => {
  expect(faults({ ...reading({ volts: 230 }), amps: 3 })).toEqual(['unknown-metric $.amps'])
  expect(decoded({ ...reading({ volts: 230 }), amps: 3 }).readings).toHaveLength(1)
  expect(faults({ deviceId: 'm1', ...reading({ volts: 230 }) })).toBeUndefined()
})

test('text is measured: too long and empty are unknown values', () => {
  const detector = { ...meter, kind: 'smoke-detector' }
  expect(faults(reading({ label: 'a'.repeat(60_000), beeps: 1 }), detector)).toEqual(['unknown-value $.values.label'])
  expect(decoded(reading({ label: 'a'.repeat(60_000) }), detector).quarantined?.faults[0]?.text.length).toBeLessThan(
    200,
  )
  expect(faults(reading({ label: '' }), detector)).toEqual(['unknown-value $.values.label'])
  expect(faults(reading({ beeps: 1.5 }), detector)).toEqual(['wrong-type $.values.beeps'])
})

test('__proto__ is a metric that does not exist, and changes no object', () => {
  const payload = `{"at":${now},"__proto__":{"volts":1},"values":{"volts":230,"__proto__":{"amps":5}}}`
  expect(faults(payload)).toEqual(['unknown-metric $.__proto__', 'unknown-metric $.values.__proto__'])
  const [taken] = decoded(payload).readings
  expect(Object.entries(taken?.values ?? {})).toEqual([['volts', 230]])
  expect(taken?.values.amps).toBeUndefined()
})

test('-0 is zero, so that it is the same zero after a restart', () => {
  const payload = `{"at":${now},"values":{"watts":-0,"amps":-0.0,"arcHalfCycles":-0,"powerFactor":-0e5}}`
  const [taken] = decoded(payload).readings
  expect(Object.values(taken?.values ?? {}).map((value) => Object.is(value, 0))).toEqual([true, true, true, true])
})

test.each([
  [{ volts: null }, 'must be a number, this is null'],
  [{ volts: '12' }, 'must be a number, this is "12"'],
  [{ volts: [1] }, 'must be a number, this is an array'],
  [{ volts: Infinity }, 'must be a number, this is Infinity'],
  [{ volts: 1_200.5 }, 'must be at most 1,000, this is 1,200.5'],
  [{ volts: 1e300 }, 'must be at most 1,000, this is 1e+300'],
  [{ amps: -0.1 }, 'must be at least 0, this is -0.1'],
  [{ arcHalfCycles: 1.5 }, 'must be a whole number, this is 1.5'],
  [{ arcHalfCycles: 'x' }, 'must be a whole number, this is "x"'],
  [{ breaker: 'x' }, 'must be one of closed, open, tripped, this is "x"'],
  [{ occupied: 1 }, 'must be true or false, this is 1'],
])('what is wrong with a value is said in plain words: %j', (values, text) => {
  expect(decoded(reading(values)).quarantined?.faults.map((fault) => fault.text)).toEqual([text])
})

test.each([-2, 0, 17])('a storey is a whole number: %d', (floor) => {
  const elevator = { ...meter, kind: 'elevator' }
  expect(decoded(reading({ floor }), elevator).readings.map(({ values }) => values)).toEqual([{ floor }])
  expect(faults(reading({ floor: floor + 0.5 }), elevator)).toEqual(['wrong-type $.values.floor'])
})

test('of a key that stands twice the last one counts, as everywhere in JSON', () => {
  expect(decoded(`{"at":${now},"values":{"volts":1,"volts":2}}`).readings[0]?.values).toEqual({ volts: 2 })
  expect(faults(`{"at":${now},"values":{"volts":1,"volts":"x","amps":1}}`)).toEqual(['wrong-type $.values.volts'])
})

test('a batch keeps its good readings, oldest first, and names the bad ones by their place', () => {
  const batch = [
    reading({ volts: 230 }, now - 1_000),
    reading({ volts: 'x', amps: 2 }, now - 3_000),
    'nonsense',
    reading({ volts: 231 }, 'soon'),
    reading({ floor: 1 }),
    reading({ volts: 229 }, now - 2_000),
  ]
  expect(decoded(batch).readings.map(({ at, values }) => [at - now, values])).toEqual([
    [-3_000, { amps: 2 }],
    [-2_000, { volts: 229 }],
    [-1_000, { volts: 230 }],
  ])
  expect(faults(batch)).toEqual([
    'wrong-type $[1].values.volts',
    'bad-reading $[2]',
    'bad-time $[3].at',
    'wrong-kind $[4].values',
  ])
})

test('two readings for one time become one, and the first value stays', () => {
  const { readings } = decoded([reading({ volts: 230 }), reading({ volts: 999, amps: 4 })])
  expect(readings.map(({ values }) => values)).toEqual([{ volts: 230, amps: 4 }])
})

test('at most 20 faults are kept, with the raw message', () => {
  const values = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`wrong${i}`, i]))
  expect(faults(reading({ ...values, volts: 230 }))).toHaveLength(20)
  expect(decoded(reading({ ...values, volts: 230 })).readings).toHaveLength(1)
})

test.each([
  ['arrays', `${'['.repeat(64)}${']'.repeat(64)}`],
  ['arrays to the end of the packet', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ['arrays in a metric', `{"at":${now},"values":{"volts":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`],
  [
    'objects in the device',
    `{"device":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)},"at":${now},"values":{"volts":1}}`,
  ],
  ['objects as values', `{"at":${now},"values":${'{"volts":'.repeat(6_000)}1${'}'.repeat(6_000)}}`],
  ['objects in the time', `{"at":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)},"values":{}}`],
  ['what is never closed', '['.repeat(60_000)],
])('deep nesting is refused like anything else: %s', (_, payload) => {
  const { readings, quarantined } = decoded(payload)
  expect(readings).toEqual([])
  expect(quarantined?.faults).toHaveLength(1)
})

test('whatever bytes come, it answers, and what it does not take it names', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const { readings, quarantined } = decoded(bytes)
      expect(readings.length > 0 || quarantined !== undefined).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('every metric of a message is either accepted or named', () => {
  const name = fc.constantFrom(
    'volts',
    'amps',
    'breaker',
    'occupied',
    'floor',
    'doorZone',
    'nonsense',
    'a b',
    '__proto__',
  )
  const value = fc.oneof(
    fc.constantFrom(0, -0, 5, 230, 1e9, -5, 'closed', 'ajar', '12', true, null, Infinity),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const values = fc.array(fc.tuple(name, value), { maxLength: 4 }).map((pairs) => new Map(pairs))
  const message = fc.array(values, { minLength: 1, maxLength: 5 })
  const seen = new Set<string>()

  fc.assert(
    fc.property(message, (batch) => {
      const members = (metrics: Map<string, unknown>) =>
        [...metrics].map(([key, metric]) => `${JSON.stringify(key)}:${text(metric)}`).join()
      const payload = `[${batch.map((metrics, i) => `{"at":${now - i},"values":{${members(metrics)}}}`).join()}]`
      const { readings, quarantined } = decoded(payload)
      const named = new Set(quarantined?.faults.map(({ path }) => path))
      for (const { reason } of quarantined?.faults ?? []) seen.add(reason)

      batch.forEach((metrics, index) => {
        const accepted = readings.find(({ at }) => at === now - index)?.values ?? {}
        const whole = named.has(`$[${index}].values`)
        for (const [metric, given] of metrics) {
          const path = /^\w+$/.test(metric) ? `$[${index}].values.${metric}` : `$[${index}].values["${metric}"]`
          const taken = Object.hasOwn(accepted, metric)
          expect([taken, whole || named.has(path)], path).toEqual([taken, !taken])
          // JSON.stringify writes -0 as 0
          if (taken) expect(accepted[metric]).toBe(given === 0 ? 0 : given)
        }
      })
    }),
    { numRuns: 500 },
  )
  expect([...seen].sort()).toEqual([
    'bad-reading',
    'not-a-number',
    'out-of-range',
    'unknown-metric',
    'unknown-value',
    'wrong-kind',
    'wrong-type',
  ])
})

test('the short cut says nothing good of what zod would refuse, and spares zod the good values of our kinds', () => {
  const schemas = [...kinds, smokeDetector].flatMap(({ telemetry }) => Object.values(telemetry.shape) as z.ZodType[])
  const odd = [
    z.number().gt(0).lt(10),
    z.number().min(1).multipleOf(3),
    z.int().min(0),
    z.boolean().refine((value) => value),
    z.number().refine((value) => value !== 7),
    z.literal(5),
    z.union([z.number(), z.string()]),
    z.string().max(3),
    z.number().nullable(),
  ]
  const edges = schemas.flatMap((schema) => {
    const { minimum, maximum } = (schema as z.ZodOptional<z.ZodNumber>).unwrap()._zod.bag
    return [minimum, maximum].filter((edge) => typeof edge === 'number')
  })
  const given = fc.oneof(
    fc.constantFrom<unknown>(...edges, ...edges.map((edge) => edge + 1e-9), Number.NaN, Infinity, -Infinity, 0, -0, 7),
    fc.constantFrom<unknown>('', 'closed', 'open', 'none', 'constructor', true, false, null, undefined),
    fc.anything(),
  )
  fc.assert(
    fc.property(fc.constantFrom(...schemas, ...odd), given, (schema, value) => {
      if (!plainCheckOf(schema)(value)) return
      expect(schema.safeParse(value).success).toBe(true)
    }),
    { numRuns: 5_000 },
  )
  const shape = kinds.flatMap(({ telemetry }) => Object.entries(telemetry.shape) as [string, z.ZodType][])
  const viaZod = shape.filter(
    ([, schema]) => ![0, true, 'closed', 'normal', 'none', 'applied'].some(plainCheckOf(schema)),
  )
  expect(viaZod.length, viaZod.map(([name]) => name).join()).toBeLessThan(shape.length / 10)
})
