import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../core/errors.ts'
import { makeSecret } from '../core/secret.ts'
import { settingsShape } from '../core/settings.ts'

export interface OperatorToken {
  readonly token: string
  /** Whether it was just made. */
  readonly isNew: boolean
  /** Writes a new one down: once the service runs, so that the start that makes a token is the one that shows it. */
  keep(): void
}

/**
 * The operator's API token: the one from the settings, or one that is made at the first start and kept in the data directory,
 * readable by us alone. There is no default.
 */
export function operatorToken(options: { directory: string; given: string | undefined }): OperatorToken {
  const file = join(options.directory, 'operator-token')
  const known = options.given ?? keptIn(file)
  if (known !== undefined) return { token: known, isNew: false, keep: () => {} }
  const token = makeSecret()
  return { token, isNew: true, keep: () => writeFileSync(file, `${token}\n`, { mode: 0o600 }) }
}

/** Undefined when there is none, or none that the settings would take. */
function keptIn(file: string): string | undefined {
  try {
    const token = readFileSync(file, 'utf8').trim()
    if (!settingsShape.LIFTWATT_OPERATOR_TOKEN.safeParse(token).success) return undefined
    chmodSync(file, 0o600)
    return token
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined
    throw cause
  }
}
