import { signal } from '@preact/signals'
import { recall, remember } from './memory.ts'

export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]

/** What the page speaks; whatever reads it in a component is drawn anew when it changes. */
export const language = signal<Language>(firstLanguage())

export function setLanguage(chosen: Language): void {
  language.value = chosen
  remember('language', chosen)
}

/** As chosen here before, else what the browser asks for; Chinese where it asks for neither. */
function firstLanguage(): Language {
  const kept = recall('language')
  if (kept === 'zh-CN' || kept === 'en') return kept
  if (typeof navigator === 'undefined') return 'zh-CN'
  const best = navigator.languages.find((tag) => /^(zh|en)(-|$)/i.test(tag)) ?? 'zh'
  return /^en/i.test(best) ? 'en' : 'zh-CN'
}

/** Several names in one sentence. */
export function listText(texts: readonly string[]): string {
  return texts.join(language.value === 'zh-CN' ? '、' : ', ')
}

interface Phrases {
  readonly [name: string]: string | ((...given: never[]) => string) | Phrases
}

/** The same names as the English ones, with sentences of their own; functions take the same arguments. */
type Translated<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : T[K] extends Phrases ? Translated<T[K]> : T[K]
}

/**
 * The words of one area in both languages. English is the measure: a sentence that Chinese lacks, or has too many, is an error
 * of the compiler. Call the answer in a component: `const say = words()`, then `say.title`.
 */
export function dictionary<const T extends Phrases>(words: {
  readonly en: T
  readonly 'zh-CN': NoInfer<Translated<T>>
}): () => Translated<T> {
  return () => words[language.value] as Translated<T>
}
