import { expect, test } from 'vitest'
import { emptyMetric, emptyRule, mappingOf, namedTwice, pathsIn, ruleFor, textsOf } from './form.ts'
import type { Mapping } from './wire.ts'

const mapping: Mapping = {
  rules: [
    {
      ...{ topic: 'acme/+/up', each: '$.list', device: { path: '@.sn' } },
      time: { path: '$.t', format: 'iso', utcOffset: '+08:00' },
      metrics: {
        watts: { path: '@.P', as: 'number', scale: 1_000, offset: -0.5, empty: [-9_999, '-9999', 'NA', false, ''] },
        breaker: { path: '@.sw', as: 'number', words: { '0': 'open', a: true, b: 'true', c: '07', d: '"7"', e: ' e' } },
      },
    },
    { topic: 'z/{device}', time: 'receipt', metrics: { occupied: { path: "$['a b']", as: 'flag' } } },
    { topic: 'one', device: { id: 'meter-1' }, time: 'receipt', metrics: { watts: { path: '$.p', as: 'text' } } },
  ],
  ignore: ['z/bridge', 'z/+/availability'],
  devices: { 'SN=17': 'meter-17', '4711': 'meter-1' },
}

test('a mapping that is opened and saved is the same', () => {
  expect(mappingOf(textsOf(mapping))).toEqual(mapping)
})

test('what is written wrongly is sent as it is written, for the service to name it', () => {
  const metric = { ...emptyMetric, name: 'watts', path: '$.p', scale: '1.000,0' }
  expect(mappingOf({ rules: [{ ...emptyRule, metrics: [metric] }], ignore: '', devices: 'SN 1' })).toEqual({
    rules: [{ topic: '', time: 'receipt', metrics: { watts: { path: '$.p', as: 'number', scale: '1.000,0' } } }],
    devices: { 'SN 1': '' },
  })
})

test('a metric that stands twice is named, for the one above would be lost', () => {
  const metrics = ['watts', ' watts', 'volts', '', ''].map((name) => ({ ...emptyMetric, name }))
  expect(namedTwice({ ...emptyRule, metrics })).toEqual(['watts'])
})

test('the places of a message are offered as a mapping names them', () => {
  const payload = JSON.stringify({ t: 1, 'a b': 2, list: [{ sn: 'x', v: [3] }], none: null })
  expect(pathsIn(payload)).toEqual(['$.t', "$['a b']", '$.list[0].sn', '$.list[0].v[0]', '$.none'])
  expect(pathsIn(payload, '$.list')).toEqual(['$.t', "$['a b']", '@.sn', '@.v[0]', '$.none'])
  expect(pathsIn('{"t": ')).toEqual([])
  expect(ruleFor('acme', payload)).toMatchObject({ topic: 'acme', metrics: [{ path: '$.t' }, {}, {}, {}, {}] })
})
