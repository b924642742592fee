import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { dictionary, language, listText } from './language.ts'

afterEach(() => {
  language.value = 'zh-CN'
})

const words = dictionary({
  en: { hello: 'hello', left: (minutes: number) => `${minutes} min`, colours: { red: 'red' } },
  'zh-CN': { hello: '您好', left: (minutes) => `${minutes} 分钟`, colours: { red: '红' } },
})

test('the same name says it in the language that is chosen', () => {
  expect([words().hello, words().left(3), words().colours.red]).toEqual(['您好', '3 分钟', '红'])
  language.value = 'en'
  expect([words().hello, words().left(3), words().colours.red]).toEqual(['hello', '3 min', 'red'])
})

test('several names stand in one sentence as the language writes them', () => {
  expect(listText(['甲', '乙'])).toBe('甲、乙')
  language.value = 'en'
  expect(listText(['Jia', 'Yi'])).toBe('Jia, Yi')
})

test('a sentence that one language lacks does not compile', () => {
  // @ts-expect-error `hello` is missing
  dictionary({ en: { hello: 'hello' }, 'zh-CN': {} })
  // @ts-expect-error `bye` is too much
  dictionary({ en: { hello: 'hello' }, 'zh-CN': { hello: '您好', bye: '再见' } })
  // @ts-expect-error a number is asked for
  dictionary({ en: { left: (minutes: number) => `${minutes}` }, 'zh-CN': { left: (text: string) => text } })
})

type Said = string | ((...given: unknown[]) => unknown) | { [name: string]: Said }

test('no Chinese sentence of any area is still English, and no English one Chinese', async () => {
  const console = join(import.meta.dirname, '..')
  const files = readdirSync(console, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)words\.ts$/.test(path),
  )
  expect(files).toContain('duty/words.ts')
  for (const file of files) {
    const area = (await import(join(console, file))) as { words: () => { [name: string]: Said } }
    language.value = 'en'
    const english = sentences(area.words())
    language.value = 'zh-CN'
    const chinese = sentences(area.words())
    expect(english.filter(([name, text]) => /\p{Script=Han}/u.test(text) && name !== 'otherLanguage')).toEqual([])
    expect(chinese.filter(([, text]) => isEnglish(text))).toEqual([])
  }
})

/** A sentence; a single word without Chinese may be a name that is the same everywhere, such as TLS. */
const isEnglish = (text: string) => !/\p{Script=Han}/u.test(text) && /[a-z]+ +[a-z]/i.test(text)

function sentences(words: { [name: string]: Said }): [string, string][] {
  return Object.entries(words).flatMap(([name, said]): [string, string][] => {
    if (typeof said === 'string') return [[name, said]]
    return typeof said === 'function' ? [] : sentences(said)
  })
}
