import { ExpectedError } from '../core/errors.ts'
import { inPlainWords } from '../core/issue-words.ts'
import type { DeviceKind } from '../devices/kind.ts'

export type Facts = Readonly<Record<string, unknown>>

/** Every fact that is wrong, by its path in the request. */
export class WrongFacts extends ExpectedError {
  readonly faults: readonly { readonly path: string; readonly message: string }[]

  constructor(faults: readonly { readonly path: string; readonly message: string }[]) {
    super('invalid', faults.map(({ path, message }) => `${path}: ${message}`).join('; '))
    this.name = 'WrongFacts'
    this.faults = faults
  }
}

/** @throws {WrongFacts} naming each fact that this kind does not know or cannot believe */
export function checkFacts(kind: DeviceKind, facts: Facts): Facts {
  const parsed = kind.facts.safeParse(facts, { error: inPlainWords })
  if (parsed.success) return parsed.data as Facts

  throw new WrongFacts(
    parsed.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: `facts.${key}`, message: `a device of kind ${kind.id} has no such fact` }))
        : [{ path: ['facts', ...issue.path].join('.'), message: issue.message }],
    ),
  )
}

/** A change as in RFC 7396 (JSON Merge Patch): what is not named stays, null takes a fact away. */
export function mergeFacts(facts: Facts, change: Facts): Facts {
  return Object.fromEntries(Object.entries({ ...facts, ...change }).filter(([, value]) => value !== null))
}
