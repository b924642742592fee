import { Identifier } from '../core/identifier.ts'

/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {}

/** An id that somebody typed, checked here too: where it stands in an address, the service only says that there is nothing. */
export function identifier(name: string, text: string): string {
  const { success, error } = Identifier.safeParse(text)
  if (!success) throw new UsageError(`${name} ${error.issues[0]?.message}; this is "${text}"`)
  return text
}

/** What a command answers: JSON with `--json`, lines for a person otherwise. */
export function print(json: boolean, value: unknown, lines: readonly string[]): void {
  console.log(json ? JSON.stringify(value) : lines.join('\n'))
}
