/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {}

/** What a command answers: JSON with `--json`, lines for a person otherwise. */
export function print(json: boolean, value: unknown, lines: readonly string[]): void {
  console.log(json ? JSON.stringify(value) : lines.join('\n'))
}
