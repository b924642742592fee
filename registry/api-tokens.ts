import { covers, type Membership } from '../core/account.ts'
import { type Clock, dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { ApiToken, Operations } from '../stores/operations/port.ts'
import { lockedAccount } from './accounts.ts'
import { type Fault, WrongFields } from './fields.ts'
import { makeKey } from './key.ts'

/** By it, people and secret scanners recognise one that lies where it should not. */
export const apiTokenPrefix = 'lw_'

const longestMs = 366 * dayMs
const mostTokens = 50

export interface NewApiToken {
  readonly name: string
  readonly expiresAt: number
  /** Of the account's own; undefined = all of them. */
  readonly memberships?: readonly Membership[] | undefined
}

/** For programs that act for an account, with no more rights than it has. */
export interface ApiTokens {
  /** The secret is shown now and never again. @throws {ExpectedError} `not-found`; `invalid` (`WrongFields`) */
  add(accountId: string, token: NewApiToken, actor: string): Promise<ApiToken & { readonly secret: string }>
  /** Also those that are over, until the next one is made. Newest first. */
  list(accountId: string): Promise<ApiToken[]>
  /** @throws {ExpectedError} `not-found` */
  remove(accountId: string, tokenId: string, actor: string): Promise<void>
}

export function createApiTokens(options: { operations: Operations; clock: Clock }): ApiTokens {
  const { operations, clock } = options
  return {
    list: (accountId) => operations.apiTokensOf(accountId),

    add: (accountId, given, actor) =>
      operations.transaction(async (unit) => {
        const account = await lockedAccount(unit, accountId)
        const now = clock()
        const { name, expiresAt, memberships = account.memberships } = given
        const known = await unit.apiTokensOf(accountId)
        for (const { id } of known.filter((token) => token.expiresAt <= now)) await unit.deleteApiTokens(accountId, id)
        const living = known.filter((token) => token.expiresAt > now).length
        const faults: Fault[] = [
          ...[...memberships.entries()]
            .filter(([, one]) => !covers(account.memberships, one))
            .map(([index]) => ({ path: `memberships.${index}`, message: 'is more than the account has' })),
          ...(expiresAt <= now ? [{ path: 'expiresAt', message: 'is over' }] : []),
          ...(expiresAt > now + longestMs ? [{ path: 'expiresAt', message: 'is more than a year ahead' }] : []),
          ...(living >= mostTokens ? [{ path: '', message: `The account has ${living} tokens: remove one` }] : []),
        ]
        if (faults.length > 0) throw new WrongFields(faults)

        const { text, stored } = makeKey()
        const rest = { accountId, name, memberships, createdAt: now, createdBy: actor, expiresAt, usedAt: null }
        await unit.insertApiToken({ ...stored, ...rest })
        const data = { token: stored.id, name, memberships, expiresAt }
        await unit.insertAudit({ at: now, actor, action: 'token-added', subject: accountId, data })
        return { id: stored.id, ...rest, secret: apiTokenPrefix + text }
      }),

    remove: (accountId, tokenId, actor) =>
      operations.transaction(async (unit) => {
        if ((await unit.deleteApiTokens(accountId, tokenId)) === 0) {
          throw new ExpectedError('not-found', 'There is no such token')
        }
        const data = { token: tokenId }
        await unit.insertAudit({ at: clock(), actor, action: 'token-removed', subject: accountId, data })
      }),
  }
}
