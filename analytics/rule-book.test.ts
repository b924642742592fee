import { expect, test } from 'vitest'
import type { Device } from '../core/device.ts'
import type { RuleChange, RuleScope } from '../core/rule.ts'
import { smokeDetector } from '../test/fixtures/smoke-detector.ts'
import { createRuleBook, shippedRules } from './rule-book.ts'

const device = (id: string, siteId: string | null): Device => ({
  ...{ id, kind: smokeDetector.id, gatewayId: 'gw', name: null, siteId, feederId: null },
  ...{ contacts: [], facts: {}, createdAt: 0 },
})

const change = (version: number, scope: RuleScope, settings: RuleChange['settings'], enabled = null): RuleChange => ({
  ...{ version, finding: 'smoke-detector/smoke', scope, enabled, settings },
  ...{ at: 0, actor: 'operator', reason: '' },
})

const sites: Record<string, string[]> = { 'b-1': ['b-1', 'e-1', 'd-1'], 'b-2': ['b-2', 'e-2', 'd-1'] }
const book = createRuleBook({
  version: 9,
  changes: [
    change(4, { type: 'kind', id: 'smoke-detector' }, { urgentPercentPerM: 6 }),
    change(9, { type: 'site', id: 'd-1' }, { urgentPercentPerM: 7, criticalPercentPerM: 30 }),
    change(5, { type: 'site', id: 'e-1' }, { urgentPercentPerM: 8 }),
    change(2, { type: 'device', id: 's3' }, { urgentPercentPerM: 9 }),
  ],
  sitesAbove: (id) => sites[id] ?? [],
})

test.each([
  ['a device without a site has its kind’s', device('s1', null), [6, 20, 4]],
  [
    'one in an estate has the estate’s, and the district’s of which the estate says nothing',
    device('s1', 'b-1'),
    [8, 30, 9],
  ],
  ['one in another estate has the district’s', device('s2', 'b-2'), [7, 30, 9]],
  ['one with settings of its own has those', device('s3', 'b-1'), [9, 30, 9]],
])('%s', (_, where, [urgentPercentPerM, criticalPercentPerM, version]) => {
  const [smoke, ...others] = book.rulesOf(where, smokeDetector)

  expect(smoke).toMatchObject({ version, settings: { urgentPercentPerM, criticalPercentPerM, overPercentPerM: 2 } })
  expect(others.every((rule) => rule.version === 0)).toBe(true)
})

test('as they ship, rules have the version 0', () => {
  const rules = shippedRules.rulesOf(device('s1', null), smokeDetector)
  expect(rules.map(({ settings }) => settings)).toEqual(smokeDetector.detectors.map(({ settings }) => settings))
})
