import { language } from '../../shared/language.ts'
import type { Plan } from '../wire.ts'
import { planWords } from './plan-words.ts'

export type PlanWish = 'turn-on' | 'turn-off' | 'as-shipped'

export interface Question {
  readonly title: string
  readonly text: string
  /** What the button says that does it. */
  readonly yes: string
}

/** What is asked before a plan changes whom people are told through; null = it is done at once. */
export function planQuestion(wish: PlanWish, { name }: Pick<Plan, 'name'>): Question | null {
  const say = planWords()
  const called = name[language.value]
  switch (wish) {
    case 'turn-on':
      return null
    case 'turn-off':
      return { title: say.turnOffTitle(called), text: say.turnOffText, yes: say.turnOff }
    case 'as-shipped':
      return { title: say.asShippedTitle(called), text: say.asShippedText, yes: say.asShippedDo }
  }
}
