import { dictionary, listText } from './language.ts'
import { words } from './words.ts'

const say = dictionary({
  en: { corrected: (to: string) => `put right: ${to}` },
  'zh-CN': { corrected: (to: string) => `更正为：${to}` },
})

/** What an event of an order puts right afterwards, cause and outcome, in words; null = nothing. */
export function correctionOf(data: Readonly<Record<string, unknown>>): string | null {
  if (data.action !== 'correct') return null
  return say().corrected(correctedTo(data))
}

/** Cause, where there is one, and outcome; as they are called in records where nobody has a word for them. */
export function correctedTo({ causeClass, outcome }: Readonly<Record<string, unknown>>): string {
  const { causes, outcomes } = words()
  const wordFor = (known: Readonly<Record<string, string>>, name: unknown) =>
    typeof name !== 'string' ? [] : [Object.hasOwn(known, name) ? (known[name] ?? name) : name]
  return listText([...wordFor(causes, causeClass), ...wordFor(outcomes, outcome)])
}
