import { createHash, randomBytes } from 'node:crypto'
import { canonicalJson } from './canonical.ts'

/**
 * Who did something and what they said about it is hashed apart from the rest of an event, with a salt: a person may be forgotten, and then
 * the salt goes with the texts. The chain goes on to vouch for what happened and when; what had been said cannot even be guessed from it.
 */
export interface Said {
  /** Null once a person was erased from it. */
  readonly salt: string | null
  /** SHA-256 over the salt, a line feed, and `{actor, data}` as canonical JSON. Hex. */
  readonly said: string
}

interface Saying {
  readonly actor: string
  readonly data: unknown
}

/** An event as it is kept. Those of earlier versions have it not: their chain hashes all of it at once. */
type Kept = Saying & { readonly [Field in keyof Said]?: Said[Field] | null }

export function sealSaid(event: Saying): Said {
  const salt = randomBytes(16).toString('base64url')
  return { salt, said: saidHash(salt, event) }
}

/** What a chain hashes of who did it and what they said. */
export function saidIn({ said, actor, data }: Kept): object {
  return said == null ? { actor, data } : { said }
}

export function isAsSaid(event: Kept): boolean {
  const { salt, said } = event
  return said == null || (salt != null && said === saidHash(salt, event))
}

function saidHash(salt: string, { actor, data }: Saying): string {
  return createHash('sha256')
    .update(`${salt}\n${canonicalJson({ actor, data })}`)
    .digest('hex')
}
