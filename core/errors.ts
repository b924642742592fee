/**
 * Something that can happen to anyone and that the caller can act on: a stable `code` and a sentence for a person.
 * `api/problem.ts` alone turns codes into HTTP statuses.
 */
export class ExpectedError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ExpectedError'
    this.code = code
  }
}

export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'already-exists'
  | 'order-state'
  | 'already-done'
  | 'too-many-requests'
  | 'evidence-damaged'
  | 'unavailable'

/** A store could not do it now; the same call may succeed later. Nothing may be acknowledged on the strength of it. */
export class StoreUnavailable extends ExpectedError {
  readonly store: string

  constructor(store: string, cause: unknown) {
    super('unavailable', `The ${store} store is not available: ${reasonOf(cause)}`, { cause })
    this.name = 'StoreUnavailable'
    this.store = store
  }
}

/** The innermost message of an error, for a log line or a sentence. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0])
  return cause.message || cause.name
}

/** The reason, with the setting to look at: "TLS_CERT: ENOENT: no such file …" */
export function namingError(setting: string, cause: unknown): Error {
  return new Error(`${setting}: ${reasonOf(cause)}`, { cause })
}

/** Whether this is the operating system's error of that name: `ENOENT`, `EEXIST`, … */
export function isErrno(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code
}
