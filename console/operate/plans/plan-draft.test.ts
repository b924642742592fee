import { expect, test } from 'vitest'
import { parties as allParties, planGoals } from '../../../core/plan.ts'
import { severities as allSeverities } from '../../../core/severity.ts'
import { added, documentOf, goals, type PlanDraft, parties, severities } from './plan-draft.ts'

const step = { id: 'crew-comes', goal: 'arrived', minutes: 30, tell: ['supervisor'], reassign: false } as const
const plan: PlanDraft = {
  version: 3,
  name: { en: 'Old town', 'zh-CN': '老城区' },
  enabled: true,
  match: { severities: ['urgent'], kinds: [], findings: ['elevator/entrapment'], siteIds: ['old-town'] },
  tell: ['duty-room'],
  askFirst: null,
  steps: [step, { ...step, id: 'crew-accepts', goal: 'accepted', minutes: 5, reassign: true }],
}

test('everything that there is can be chosen', () => {
  expect(new Set(goals)).toEqual(new Set(planGoals))
  expect(new Set(parties)).toEqual(new Set(allParties))
  expect(new Set(severities)).toEqual(new Set(allSeverities))
})

test('steps are sent in the order of their minutes, with the version that was read, and nothing that matches nothing', () => {
  const sent = documentOf(plan, { findings: [], siteIds: ['old-town', 'new-town'] })
  expect(sent).toMatchObject({ version: 3, match: { severities: ['urgent'], siteIds: ['old-town', 'new-town'] } })
  expect(Object.keys(sent.match)).toEqual(['severities', 'siteIds'])
  expect(sent.steps.map(({ id }) => id)).toEqual(['crew-accepts', 'crew-comes'])
})

test('a step more has an id that no other has', () => {
  expect(added([step, { ...step, id: 'step-3' }])).toMatchObject({ id: 'step-4', minutes: 30 })
  expect(added([])).toMatchObject({ id: 'step-1' })
})
