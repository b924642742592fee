import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 random bits as base64url: nothing to guess, so a salted SHA-256 keeps it as safely as a slow hash would. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Hex, both. */
export function hashSecret(secret: string | Uint8Array, salt: string = randomBytes(16).toString('hex')) {
  return { salt, hash: createHash('sha256').update(Buffer.from(salt, 'hex')).update(secret).digest('hex') }
}

/** Takes the same time whatever is wrong. */
export function isSecret(given: string | Uint8Array, expected: { salt: string; hash: string }): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(given, expected.salt).hash, 'hex'), Buffer.from(expected.hash, 'hex'))
}
