import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isErrno } from '../core/errors.ts'
import { makeSecret } from '../core/secret.ts'

/**
 * The operator's API token: the one from the settings, or one that is made at the first start and kept in the data directory,
 * readable by us alone. There is no default.
 */
export function operatorToken(options: { directory: string; given: string | undefined }): {
  token: string
  isNew: boolean
} {
  if (options.given !== undefined) return { token: options.given, isNew: false }
  const file = join(options.directory, 'operator-token')
  try {
    const token = readFileSync(file, 'utf8').trim()
    if (token.length >= 32) {
      chmodSync(file, 0o600)
      return { token, isNew: false }
    }
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause
  }
  const token = makeSecret()
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  return { token, isNew: true }
}
