import { randomBytes } from 'node:crypto'
import { hashSecret, isSecret, makeSecret } from '../core/secret.ts'
import type { StoredKey } from '../stores/operations/port.ts'

const idCharacters = 22
const keyPattern = /^[\w-]{22}[\w-]{43}$/

/**
 * What a session, a token or a one-time link is: an id by which it is found, and behind it 256 random bits, of which a hash is
 * kept. Shown once.
 */
export function makeKey(): { readonly text: string; readonly stored: StoredKey } {
  const id = randomBytes(16).toString('base64url')
  const secret = makeSecret()
  return { text: id + secret, stored: { id, ...hashSecret(secret) } }
}

/** Undefined when it cannot be one. */
export function idOfKey(text: string): string | undefined {
  return keyPattern.test(text) ? text.slice(0, idCharacters) : undefined
}

export function isKey(text: string, stored: StoredKey): boolean {
  return isSecret(text.slice(idCharacters), stored)
}
