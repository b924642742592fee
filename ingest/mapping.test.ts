import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Mapping, mappedTopics } from '../core/mapping.ts'
import { compileMapping } from './mapping.ts'

const receivedAt = Date.UTC(2026, 10, 30, 8)
type Rule = Record<string, unknown>

/** One rule for the topic `m/<device>`, with the time of receipt. */
const ruleOf = (metrics: object, more: Rule = {}): Rule => ({ topic: 'm/{device}', time: 'receipt', metrics, ...more })

function mapped(rule: Rule, body: unknown, { topic = 'm/meter-1', devices = {} } = {}) {
  return compileMapping(Mapping.parse({ rules: [rule], devices }))(topic, body, receivedAt)
}

const watts = { watts: { path: '$.p' } }
const valuesOf = (metrics: object, body: unknown) => mapped(ruleOf(metrics), body)?.readings[0]?.values

describe('values', () => {
  test('a gateway that speaks of kilowatts, Fahrenheit and codes is understood in our units and words', () => {
    const metrics = {
      watts: { path: '$.power.kW', scale: 1_000 },
      terminalCelsius: { path: '$.t[1]', scale: 5 / 9, offset: -160 / 9 },
      breaker: { path: '$.sw', words: { '0': 'open', '1': 'closed', true: 'closed' } },
      occupied: { path: '$.occ', as: 'flag' },
      faultCode: { path: '$.code', as: 'text' },
    }
    const body = { power: { kW: 1.2345 }, t: [0, 212], sw: 1, occ: 'Yes', code: '00' }
    expect(valuesOf(metrics, body)).toEqual({
      ...{ watts: 1234.5, terminalCelsius: 100, breaker: 'closed', occupied: true, faultCode: '00' },
    })
  })

  test('a number may be written as text; a conversion makes up no digits', () => {
    expect(valuesOf(watts, { p: ' -12.50e1 ' })).toEqual({ watts: -125 })
    expect(valuesOf({ watts: { path: '$.p', scale: 3 } }, { p: 0.1 })).toEqual({ watts: 0.3 })
    expect(valuesOf(watts, { p: 0.1 + 0.2 })).toEqual({ watts: 0.1 + 0.2 })
  })

  test('what says nothing is left out, and is no fault', () => {
    const metrics = { watts: { path: '$.p', empty: [-9999, 'NA'] }, volts: { path: '$.u' } }
    for (const p of [-9999, '-9999', '-9999.00', 'NA', null, undefined]) {
      expect(mapped(ruleOf(metrics), { p, u: 230 })).toMatchObject({
        readings: [{ deviceId: 'meter-1', at: receivedAt, values: { volts: 230 }, path: '$' }],
        faults: [],
      })
    }
    const asText = { ...metrics, watts: { path: '$.p', empty: ['-9999'] } }
    expect(valuesOf(asText, { p: -9999, u: 230 })).toEqual({ volts: 230 })
    const [fault] = mapped(ruleOf(metrics), { p: [-9999], u: 230 })?.faults ?? []
    expect(fault).toMatchObject({ path: '$.p', reason: 'wrong-type' })
  })

  test.each([
    [{ path: '$.x' }, 'twelve', 'wrong-type', 'a number is expected, this is "twelve"'],
    [{ path: '$.x' }, '0x10', 'wrong-type', 'a number is expected, this is "0x10"'],
    [{ path: '$.x' }, '1'.repeat(41), 'wrong-type', `a number is expected, this is "${'1'.repeat(41)}"`],
    [{ path: '$.x' }, '', 'wrong-type', 'a number is expected, this is ""'],
    [{ path: '$.x' }, true, 'wrong-type', 'a number is expected, this is true'],
    [{ path: '$.x' }, '1e999', 'not-a-number', 'Infinity is not a finite number here'],
    [{ path: '$.x', scale: 1e300 }, 1e300, 'not-a-number', '1e+300 is not a finite number here'],
    [{ path: '$.x', as: 'text' }, [], 'wrong-type', 'a text is expected, this is an array'],
    [{ path: '$.x', as: 'flag' }, 2, 'wrong-type', 'true or false is expected, this is 2'],
    [{ path: '$.x', words: { on: 'closed' } }, 'toString', 'unknown-value', 'the mapping has no word for "toString"'],
    [{ path: '$.x', words: { on: 'closed' } }, {}, 'unknown-value', 'the mapping has no word for an object'],
  ])('%j does not take %j, and the rest of the message is used', (metric, x, reason, text) => {
    const { readings, faults } = mapped(ruleOf({ ...watts, other: metric }), { p: 1, x }) ?? {}
    expect(readings?.map(({ values }) => values)).toEqual([{ watts: 1 }])
    expect(faults).toEqual([{ path: '$.x', reason, text }])
  })

  test('a message with nothing of the mapping in it is named, once', () => {
    expect(mapped(ruleOf(watts), { q: 1 })).toEqual({
      readings: [],
      faults: [{ path: '$', reason: 'not-mapped', text: 'no metric of the mapping is in it' }],
    })
    expect(mapped(ruleOf(watts), { p: 'x' })?.faults).toHaveLength(1)
  })
})

describe('time', () => {
  const at = (time: unknown, t: unknown) => mapped(ruleOf(watts, { time }), { p: 1, t })
  const eight = Date.UTC(2026, 10, 30, 8)

  test.each([
    [{ path: '$.t', format: 'epoch-s' }, eight / 1_000],
    [{ path: '$.t', format: 'epoch-s' }, `${eight / 1_000}.000`],
    [{ path: '$.t', format: 'epoch-ms' }, eight],
    [{ path: '$.t', format: 'iso' }, '2026-11-30T16:00:00.000+08:00'],
    [{ path: '$.t', format: 'iso' }, '2026-11-30 16:00:00+0800'],
    [{ path: '$.t', format: 'iso', utcOffset: '+08:00' }, '2026-11-30 16:00'],
    [{ path: '$.t', format: 'iso', utcOffset: '+08:00' }, '2026-11-30T08:00:00Z'],
    ['receipt', 'whatever'],
  ])('%j reads %j as eight in the morning, UTC', (time, t) => {
    expect(at(time, t)?.readings[0]?.at).toBe(eight)
  })

  test.each([
    [{ path: '$.t', format: 'iso' }, '2026-11-30 16:00:00', 'names no zone, and the mapping has no "utcOffset"'],
    [{ path: '$.t', format: 'iso' }, '2026-02-31T00:00:00Z', 'is not an ISO 8601 time'],
    [{ path: '$.t', format: 'iso' }, '2026-11-30T25:00:00Z', 'is not an ISO 8601 time'],
    [{ path: '$.t', format: 'iso' }, 'soon', 'is not an ISO 8601 time'],
    [{ path: '$.t', format: 'iso' }, 12, 'is not an ISO 8601 time'],
    [{ path: '$.t', format: 'epoch-s' }, 'soon', 'a time is expected here'],
    [{ path: '$.t', format: 'epoch-s' }, undefined, 'a time is expected here, this is nothing'],
    [{ path: '$.t', format: 'epoch-ms' }, 1e300, 'a time is expected here'],
  ])('%j does not take %j, and no reading is made up', (time, t, text) => {
    const { readings, faults } = at(time, t) ?? {}
    expect(readings).toEqual([])
    expect(faults).toEqual([{ path: '$.t', reason: 'bad-time', text: expect.stringContaining(text) }])
  })
})

describe('whose it is', () => {
  const devices = { 'SN 17': 'meter-17', '4711': 'meter-4711' }
  const deviceOf = (rule: Rule, body: object, topic: string) =>
    mapped({ ...ruleOf(watts), ...rule }, { p: 1, ...body }, { topic, devices })?.readings[0]?.deviceId

  test('the topic, the message or the mapping says it, in their names or ours', () => {
    expect(deviceOf({ topic: 'a/{device}/b' }, {}, 'a/meter-1/b')).toBe('meter-1')
    expect(deviceOf({ topic: 'a/{device}/b' }, {}, 'a/SN 17/b')).toBe('meter-17')
    expect(deviceOf({ topic: 'a', device: { path: '$.sn' } }, { sn: 4711 }, 'a')).toBe('meter-4711')
    expect(deviceOf({ topic: 'a/+', device: { id: 'meter-2' } }, {}, 'a/anything')).toBe('meter-2')
  })

  test.each([
    ['SN 18', '"SN 18" is no id, and the mapping has no device for it'],
    ['toString ', '"toString " is no id'],
    [{}, 'the name of a device is expected, this is an object'],
    [undefined, 'the name of a device is expected, this is nothing'],
  ])('%j is nobody, and its reading is not given to somebody else', (sn, text) => {
    const { readings, faults } =
      mapped(ruleOf(watts, { topic: 'a', device: { path: '$.sn' } }), { p: 1, sn }, { topic: 'a' }) ?? {}
    expect(readings).toEqual([])
    expect(faults).toEqual([{ path: '$.sn', reason: 'unknown-device', text: expect.stringContaining(text) }])
  })
})

describe('topics', () => {
  test('the first rule that fits the topic to its last level counts; what fits none is not touched', () => {
    const rules = [
      ruleOf({ watts: { path: '$.p' } }, { topic: 'a/b', device: { id: 'first' } }),
      ruleOf({ watts: { path: '$.p' } }, { topic: 'a/+', device: { id: 'second' } }),
    ]
    const map = compileMapping(Mapping.parse({ rules }))
    const who = (topic: string) => map(topic, { p: 1 }, receivedAt)?.readings[0]?.deviceId
    expect([who('a/b'), who('a/c'), who('a'), who('a/b/c'), who('A/b'), who('')]).toEqual([
      ...['first', 'second', undefined, undefined, undefined, undefined],
    ])
  })
})

test('a topic that is to be ignored is one of the mapping, and wins over a rule that would fit it', () => {
  const rules = [ruleOf(watts, { topic: 'z/{device}' })]
  const mapping = Mapping.parse({ rules, ignore: ['z/bridge', 'z/+/availability'] })
  const map = compileMapping(mapping)
  expect(['z/bridge', 'z/meter-1/availability', 'z/meter-1', 'z'].map(map.ignores)).toEqual([true, true, false, false])

  const isMapped = mappedTopics(mapping)
  expect(['z/bridge', 'z/a/availability', 'z/meter-1'].map(isMapped)).toEqual([true, true, true])
  expect(['z', 'z/a/b', 'Z/a', '/z/a', `z/${'a'.repeat(500)}`].map(isMapped)).toEqual(Array(5).fill(false))
})

test('however wide a mapping is, it never reaches the topics that are ours', () => {
  const isMapped = mappedTopics(Mapping.parse({ rules: [ruleOf(watts, { topic: '+/+/{device}/+/+' })] }))
  expect(isMapped('a/b/c/d/e')).toBe(true)
  expect(['liftwatt/v1/gw-2/lift-7/telemetry', '$SYS/b/c/d/e'].map(isMapped)).toEqual([false, false])
})

describe('many readings in one message', () => {
  const rule = ruleOf(
    { watts: { path: '@.v' }, volts: { path: '$.u' } },
    { topic: 'a', each: '$.data', device: { path: '@.id' }, time: { path: '@.t', format: 'epoch-ms' } },
  )

  test('each item is a reading, and what stands once counts for all', () => {
    const body = { u: 230, data: [{ id: 'm1', t: 1, v: 5 }, { id: 'm2', t: 2, v: 'x' }, { id: 'm3', v: 7 }, 8] }
    const { readings, faults } = mapped(rule, body, { topic: 'a' }) ?? {}
    expect(readings).toEqual([
      {
        ...{ deviceId: 'm1', at: 1, values: { watts: 5, volts: 230 }, path: '$.data[0]' },
        places: { at: '$.data[0].t', values: { watts: '$.data[0].v', volts: '$.u' } },
      },
      {
        ...{ deviceId: 'm2', at: 2, values: { volts: 230 }, path: '$.data[1]' },
        places: { at: '$.data[1].t', values: { volts: '$.u' } },
      },
    ])
    expect(faults?.map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      ...['$.data[1].v wrong-type', '$.data[2].t bad-time'],
      ...['$.data[3].id unknown-device', '$.data[3].t bad-time'],
    ])
  })

  test('what is no list, or too long a one, is named, and nothing is used', () => {
    const of = (data: unknown) => mapped(rule, { u: 1, data }, { topic: 'a' })
    expect(of({})?.faults).toMatchObject([{ path: '$.data', reason: 'not-mapped' }])
    expect(of(undefined)?.faults).toMatchObject([{ path: '$.data', reason: 'not-mapped' }])
    const item = { id: 'm1', t: 1, v: 5 }
    expect(of(Array(500).fill(item))?.readings).toHaveLength(500)
    expect(of(Array(501).fill(item))).toMatchObject({ readings: [], faults: [{ reason: 'too-many' }] })
  })

  test('of a message in which all is wrong the first 20 faults are named', () => {
    const data = Array(500).fill({ id: {}, t: 'x', v: 'x' })
    expect(mapped(rule, { data }, { topic: 'a' })?.faults).toHaveLength(20)
  })
})

describe('what is no mapping is refused by its path', () => {
  const faultsOf = (rule: Rule, more: object = {}) =>
    (Mapping.safeParse({ rules: [rule], ...more }).error?.issues ?? []).map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    )

  test.each<[string, Rule, string]>([
    ['no metric', ruleOf({}), 'rules.0.metrics: must name a metric'],
    ['a path to many places', ruleOf({ watts: { path: '$..p' } }), 'rules.0.metrics.watts.path: must be a path'],
    ['@ without items', ruleOf({ watts: { path: '@.p' } }), 'rules.0.metrics.watts.path: must begin with $'],
    ['items in an item', ruleOf({ watts: { path: '@.p' } }, { each: '@.data' }), 'rules.0.each: must begin with $'],
    ['nobody', ruleOf(watts, { topic: 'a' }), 'rules.0.device: is needed, or {device} in the topic'],
    ['two who say who', ruleOf(watts, { device: { id: 'm1' } }), 'rules.0.device: stands in the topic already'],
    ['two devices', ruleOf(watts, { topic: '{device}/{device}' }), 'rules.0.topic: must name {device} once'],
    ['a topic of ours', ruleOf(watts, { topic: 'liftwatt/v1/{device}' }), 'rules.0.topic: must not begin with $'],
    ['a topic of the broker', ruleOf(watts, { topic: '$SYS/{device}' }), 'rules.0.topic: must not begin with $'],
    ['all topics below', ruleOf(watts, { topic: '{device}/#' }), 'rules.0.topic: must be levels'],
    ['words and a scale', ruleOf({ mode: { path: '$.m', words: {}, scale: 2 } }), 'rules.0.metrics.mode: has a scale'],
    [
      'a text with a scale',
      ruleOf({ mode: { path: '$.m', as: 'text', scale: 2 } }),
      'rules.0.metrics.mode: has a scale',
    ],
    [
      'a metric with a hostile name',
      ruleOf(JSON.parse('{"__proto__": {"path": "$.p"}, "watts": {"path": "$.p"}, "a b": {"path": "$.p"}}')),
      'rules.0.metrics.a b: ',
    ],
    ['a time in no format', ruleOf(watts, { time: { path: '$.t', format: 'julian' } }), 'rules.0.time: '],
    [
      'an offset of no place',
      ruleOf(watts, { time: { path: '$.t', format: 'iso', utcOffset: '+25:00' } }),
      'rules.0.time',
    ],
    ['a misspelt key', ruleOf(watts, { tiem: 1 }), 'rules.0: '],
  ])('%s', (_, rule, fault) => {
    expect(faultsOf(rule)).toContainEqual(expect.stringContaining(fault))
  })

  test('an id that is none', () => {
    expect(faultsOf(ruleOf(watts), { devices: { x: 'a/b' } })).toContainEqual(expect.stringMatching(/^devices\.x: /))
  })
})

test('whatever a gateway sends, a mapping answers, and what it takes is of a right device, time and type', () => {
  const map = compileMapping(
    Mapping.parse({
      rules: [
        ruleOf(
          {
            watts: { path: '@.a' },
            mode: { path: '@.b', words: { x: 'normal' } },
            occupied: { path: '$.c', as: 'flag' },
          },
          { topic: '+/{device}', each: '$.d', time: { path: '@.t', format: 'epoch-s' } },
        ),
        ruleOf(
          { watts: { path: '$.a' } },
          { topic: '+', device: { path: '$.b' }, time: { path: '$.t', format: 'iso' } },
        ),
      ],
    }),
  )
  const word = fc.constantFrom<unknown>('a', 'x', '1', 1, -0, true, null, '2026-11-30T08:00:00Z', '__proto__')
  const item = fc.dictionary(fc.constantFrom('a', 'b', 'c', 't'), fc.oneof(word, fc.jsonValue()))
  const body = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 't'), fc.oneof(word, fc.array(item))),
  )
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom('a/m1', 'a', 'a/b c'), fc.string()), body, (topic, message) => {
      const answer = map(topic, message, receivedAt)
      for (const { deviceId, at, values } of answer?.readings ?? []) {
        expect(deviceId).toMatch(/^[\w-]{1,64}$/)
        expect(Number.isSafeInteger(at)).toBe(true)
        const { watts = 0, mode = 'normal', occupied = true } = values
        expect([Number.isFinite(watts), mode, typeof occupied]).toEqual([true, 'normal', 'boolean'])
      }
      expect(map(topic, message, receivedAt)).toEqual(answer) // a replay says the same
    }),
    { numRuns: 300 },
  )
})
