import { type Account, accountIdPattern, covers, type Viewer } from '../core/account.ts'
import { type Clock, dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { Operations, Session } from '../stores/operations/port.ts'
import { checkPassword, lockedAccount, record } from './accounts.ts'
import { apiTokenPrefix } from './api-tokens.ts'
import { idOfKey, isKey, makeKey } from './key.ts'
import { type Passwords, tooMany } from './passwords.ts'
import { accountOfPerson, type ProvenPerson } from './person.ts'
import { attemptRule, bucketOf, createFailureAudit } from './sign-in-attempts.ts'

export interface SessionLimits {
  /** Without any request for so long, a session is over. A live stream that is open is a use. */
  readonly idleMs: number
  /** It is over then in any case. */
  readonly longestMs: number
}

/** Unverified defaults: a shift, and a week. */
const defaultLimits: SessionLimits = { idleMs: 12 * hourMs, longestMs: 7 * dayMs }
/** The oldest goes when one more begins. Unverified default. */
const mostSessions = 20
/** Uses are written at most so often. */
const touchEveryMs = minuteMs
const userAgentCharacters = 200

export interface From {
  readonly address: string
  readonly userAgent: string | null
}

/** What a browser comes with from now on. */
export interface NewSession {
  /** Shown once; a hash of it is kept. */
  readonly key: string
  readonly account: Account
}

export type SignInOutcome =
  | { readonly outcome: 'in'; readonly session: NewSession }
  /** The same whether there is no such account, it has no password yet, or another one. */
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'wait'; readonly waitMs: number }

/** Who is it? Every method throws `StoreUnavailable` when the database cannot be reached. */
export interface SignIn {
  /**
   * A name that was tried too often has to wait, whether or not anybody has it: 10 failures in a row are free, the next wait
   * is a minute, and then twice as long each time, up to an hour. Tries are counted in the database, so that neither a restart
   * nor a hundred at once gives more of them; the right password, and a one-time link, begin anew.
   * @param given.before the session that the browser had: it ends
   * @throws {ExpectedError} `too-many-requests` when too many sign in at this moment
   */
  signIn(given: { id: string; password: string; before?: string | undefined }, from: From): Promise<SignInOutcome>
  /**
   * Who has proved at the provider that it is them. The account is the one that has this identity, or, the first time, the one
   * that has their e-mail and no identity yet: it has it from then on. None is ever made.
   * @param before the id of the session that the browser had: it ends
   * @returns `wrong` where no account is theirs; the audit has who it was
   */
  signInAs(person: ProvenPerson, from: From, before?: string): Promise<SignInOutcome>
  /** All sessions of the account end, and a new one begins. @throws {ExpectedError} `invalid` (`WrongPassword`); `too-many-requests` */
  changePassword(accountId: string, given: { current: string; password: string }, from: From): Promise<SignInOutcome>
  /** Undefined for whatever is not one of ours, or is over. */
  viewerOfSession(key: string): Promise<Viewer | undefined>
  viewerOfApiToken(token: string): Promise<Viewer | undefined>
  /** Those that are not over, newest first. */
  sessionsOf(accountId: string): Promise<Session[]>
  /** @throws {ExpectedError} `not-found` */
  endSession(accountId: string, sessionId: string, actor: string): Promise<void>
  endSessions(accountId: string, actor: string): Promise<void>
  readonly limits: SessionLimits
}

export function createSignIn(options: {
  operations: Operations
  passwords: Passwords
  clock: Clock
  log: Log
  limits?: SessionLimits | undefined
}): SignIn {
  const { operations, passwords, clock, limits = defaultLimits } = options
  const auditFailure = createFailureAudit(options)

  /** Whether the password is the account's. What nobody has time to look at is not counted as a try. */
  async function tryPassword(name: string, password: string, address: string) {
    if (!passwords.hasRoom()) throw tooMany()
    const bucket = bucketOf(name)
    const { failures, waitUntil } = await operations.claimAttempt(bucket, clock(), attemptRule)
    if (waitUntil !== null) return { outcome: 'wait', waitMs: Math.max(1_000, waitUntil - clock()) } as const
    // what cannot be a name is looked for and hashed like one that nobody has
    const hash = await operations.passwordHashOf(accountIdPattern.test(name) ? name : '')
    const isRight = await passwords.verify(hash, password)
    if (isRight && typeof hash === 'string') return { outcome: 'right', bucket, hash } as const
    await auditFailure({ accountId: hash === undefined ? null : name, address, failures })
    return { outcome: 'wrong' } as const
  }

  async function begin(unit: Operations, account: Account, from: From): Promise<NewSession> {
    const now = clock()
    const known = await unit.sessionsOf(account.id)
    const kept = known.filter((session) => !isOver(session, now)).slice(0, mostSessions - 1)
    for (const { id } of known) {
      if (!kept.some((session) => session.id === id)) await unit.deleteSessions(account.id, id)
    }
    const { text, stored } = makeKey()
    const userAgent = from.userAgent?.slice(0, userAgentCharacters) ?? null
    await unit.insertSession({
      ...{ ...stored, accountId: account.id, address: from.address, userAgent },
      ...{ createdAt: now, usedAt: now },
    })
    return { key: text, account }
  }

  function isOver({ createdAt, usedAt }: Session, now: number): boolean {
    return now >= createdAt + limits.longestMs || now >= usedAt + limits.idleMs
  }

  async function sessionOf(key: string) {
    const id = idOfKey(key)
    const found = id === undefined ? undefined : await operations.session(id)
    return found === undefined || !isKey(key, found.session) || isOver(found.session, clock()) ? undefined : found
  }

  return {
    limits,

    async signIn({ id, password, before }, from) {
      const name = id.trim().toLowerCase()
      const tried = await tryPassword(name, password, from.address)
      if (tried.outcome !== 'right') return tried
      const old = before === undefined ? undefined : await sessionOf(before)
      const session = await operations.transaction(async (unit) => {
        const account = await unit.lockAccount(name)
        // removed, or given another password, since it was looked at
        if (account === undefined || (await unit.passwordHashOf(name)) !== tried.hash) return undefined
        if (old !== undefined) await unit.deleteSessions(old.account.id, old.session.id)
        await unit.forgetAttempts(tried.bucket)
        const data = { address: from.address }
        await unit.insertAudit({ at: clock(), actor: name, action: 'signed-in', subject: name, data })
        return begin(unit, account, from)
      })
      return session === undefined ? { outcome: 'wrong' } : { outcome: 'in', session }
    },

    async signInAs(person, from, before) {
      const old = before === undefined ? undefined : await operations.session(before)
      const { address } = from
      const session = await operations.transaction(async (unit) => {
        const account = await accountOfPerson(unit, person)
        if (account === undefined) return undefined
        const { id } = account
        const { identity } = person
        const after = { ...account, identity }
        if (old !== undefined) await unit.deleteSessions(old.account.id, old.session.id)
        const by = { at: clock(), actor: id }
        if (account.identity === null) {
          await unit.updateAccount(id, { identity })
          await record(unit, 'account-changed', { ...by, before: account, after })
        }
        const data = { address, issuer: identity.issuer }
        await unit.insertAudit({ ...by, action: 'signed-in', subject: id, data })
        return begin(unit, after, from)
      })
      if (session !== undefined) return { outcome: 'in', session }
      await auditFailure({ accountId: null, address, person })
      return { outcome: 'wrong' }
    },

    async changePassword(accountId, { current, password }, from) {
      const tried = await tryPassword(accountId, current, from.address)
      if (tried.outcome !== 'right') return tried
      const owner = await operations.account(accountId)
      if (owner !== undefined) checkPassword(password, owner)
      const hash = await passwords.hash(password)
      const session = await operations.transaction(async (unit) => {
        const account = await lockedAccount(unit, accountId)
        if ((await unit.passwordHashOf(accountId)) !== tried.hash) return undefined
        const at = clock()
        await unit.setPassword(accountId, hash, at)
        const sessionsEnded = await unit.deleteSessions(accountId)
        await unit.deleteAccountLinks(accountId)
        await unit.forgetAttempts(tried.bucket)
        const data = { address: from.address, sessionsEnded }
        await unit.insertAudit({ at, actor: accountId, action: 'password-changed', subject: accountId, data })
        return begin(unit, { ...account, passwordSetAt: at }, from)
      })
      return session === undefined ? { outcome: 'wrong' } : { outcome: 'in', session }
    },

    async viewerOfSession(key) {
      const found = await sessionOf(key)
      if (found === undefined) return undefined
      const { session, account } = found
      if (clock() - session.usedAt >= touchEveryMs) await operations.touchSession(session.id, clock())
      return viewerOf(account, { memberships: account.memberships, sessionId: session.id })
    },

    async viewerOfApiToken(given) {
      const id = given.startsWith(apiTokenPrefix) ? idOfKey(given.slice(apiTokenPrefix.length)) : undefined
      const found = id === undefined ? undefined : await operations.apiToken(id)
      if (found === undefined || !isKey(given.slice(apiTokenPrefix.length), found.token)) return undefined
      const { token, account } = found
      const now = clock()
      if (now >= token.expiresAt) return undefined
      if (now - (token.usedAt ?? Number.NEGATIVE_INFINITY) >= touchEveryMs)
        await operations.touchApiToken(token.id, now)
      // what the account has lost since, its tokens have lost too
      const memberships = token.memberships.filter((one) => covers(account.memberships, one))
      return viewerOf(account, { memberships, sessionId: null })
    },

    async sessionsOf(accountId) {
      const now = clock()
      return (await operations.sessionsOf(accountId)).filter((session) => !isOver(session, now))
    },

    endSession: (accountId, sessionId, actor) =>
      operations.transaction(async (unit) => {
        if ((await unit.deleteSessions(accountId, sessionId)) === 0) {
          throw new ExpectedError('not-found', 'There is no such session')
        }
        const data = { session: sessionId }
        await unit.insertAudit({ at: clock(), actor, action: 'session-ended', subject: accountId, data })
      }),

    endSessions: (accountId, actor) =>
      operations.transaction(async (unit) => {
        await lockedAccount(unit, accountId)
        const sessionsEnded = await unit.deleteSessions(accountId)
        await unit.insertAudit({
          ...{ at: clock(), actor, action: 'sessions-ended', subject: accountId, data: { sessionsEnded } },
        })
      }),
  }
}

function viewerOf({ id, name }: Account, rest: Pick<Viewer, 'memberships' | 'sessionId'>): Viewer {
  return { accountId: id, name, ...rest }
}
