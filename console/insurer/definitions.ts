import { get } from '../shared/api.ts'
import { language } from '../shared/language.ts'
import type { Definition } from './wire.ts'

let asked: Promise<readonly Definition[]> | undefined

/** All figures that there are; they change with the service alone. */
export function readDefinitions(): Promise<readonly Definition[]> {
  asked ??= get<{ readonly items: readonly Definition[] }>('/quality/definitions').then(
    ({ items }) => items,
    (cause: unknown) => {
      asked = undefined
      throw cause
    },
  )
  return asked
}

export const wordsOf = ({ words }: Definition) => words[language.value]
