import { ApiProblem } from './api.ts'
import { faultText } from './fault-text.ts'
import { fieldName } from './field-names.ts'
import { language } from './language.ts'
import { words } from './words.ts'

/** Why something was not done, for the person who asked for it. */
export function problemText(cause: unknown): string {
  const say = words()
  if (!(cause instanceof ApiProblem)) return say.noAnswer
  switch (cause.code) {
    case 'unavailable':
    case 'internal':
      return say.unavailable
    case 'forbidden':
    case 'cross-site':
      return say.notAllowed
    case 'not-found':
      return say.notFound
    case 'too-many-requests':
      return say.tooOften(cause.retryAfterSeconds ?? 60)
    default:
      return say.refused(language.value === 'zh-CN' ? chineseReason(cause) : cause.message)
  }
}

/** Each wrong field and what is wrong with it; what no list here knows stands behind what its code says. */
function chineseReason({ code, fields, message }: ApiProblem): string {
  const said = fields.length > 0 ? fields : [partsOf(message)]
  const told = said.map(({ path, message }) => (path === '' ? '' : `${fieldName(path)}：`) + faultText(message))
  const text = told.join('；')
  return said.every(({ message }) => faultText(message) !== message) ? text : `${words().codes[code]}（${text}）`
}

/** "teamId: there is no team x": of which field, and what. */
function partsOf(message: string): { readonly path: string; readonly message: string } {
  const [, path = '', said = message] = /^([a-z][\w.]*): (.+)$/i.exec(message) ?? []
  return { path, message: said }
}
