import { afterEach, expect, test } from 'vitest'
import { language } from '../../shared/language.ts'
import { planQuestion } from './plan-questions.ts'

const plan = { name: { en: 'Elevator emergency', 'zh-CN': '电梯应急处置' } }

const usual = language.value
afterEach(() => {
  language.value = usual
})

test.each(['turn-off', 'as-shipped'] as const)('%s is asked about first, by name, in both languages', (wish) => {
  language.value = 'en'
  const inEnglish = planQuestion(wish, plan)
  language.value = 'zh-CN'
  const inChinese = planQuestion(wish, plan)

  expect(inEnglish?.title).toContain('Elevator emergency')
  expect(inChinese?.title).toContain('电梯应急处置')
  expect(inChinese?.text).not.toBe(inEnglish?.text)
})

test('turning off and putting back are not asked alike', () => {
  expect(planQuestion('turn-off', plan)).not.toEqual(planQuestion('as-shipped', plan))
})

test('a plan is turned on without a question', () => {
  expect(planQuestion('turn-on', plan)).toBeNull()
})
