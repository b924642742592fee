import { isDeepStrictEqual } from 'node:util'
import type { Account, Identity } from '../core/account.ts'
import type { Operations } from '../stores/operations/port.ts'

/** Somebody who has proved at the provider who they are. */
export interface ProvenPerson {
  readonly identity: Identity
  /** In small letters. Null = the provider says none, or does not say that it is theirs. */
  readonly email: string | null
}

/** The account that is this person's, locked; undefined when none is. */
export async function accountOfPerson(
  unit: Pick<Operations, 'lockAccountOf'>,
  { identity, email }: ProvenPerson,
): Promise<Account | undefined> {
  const known = await unit.lockAccountOf({ identity })
  if (known !== undefined || email === null) return known
  const invited = await unit.lockAccountOf({ email })
  // addresses are given to others when somebody leaves; and of two of their sign-ins at once, the first has written it
  const isFree = invited?.identity === null || isDeepStrictEqual(invited?.identity, identity)
  return isFree ? invited : undefined
}
