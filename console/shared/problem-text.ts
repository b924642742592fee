import { ApiProblem } from './api.ts'
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
      return say.refused(cause.message)
  }
}
