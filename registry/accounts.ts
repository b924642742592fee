import { isDeepStrictEqual } from 'node:util'
import {
  type Account,
  accountIdPattern,
  everywhere,
  type Identity,
  type Membership,
  reservedAccountIds,
} from '../core/account.ts'
import { type Clock, dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import type { TeamType } from '../core/people.ts'
import type { AccountChange, AccountLink, LinkPurpose, Operations, StoredKey } from '../stores/operations/port.ts'
import { type Fault, WrongFields } from './fields.ts'
import { idOfKey, isKey, makeKey } from './key.ts'
import { faultOfPassword, type PasswordFault, type Passwords, passwordFaults } from './passwords.ts'
import { bucketOf } from './sign-in-attempts.ts'

/** Unverified defaults; a reset is asked for by somebody who waits for it. */
const linkLivesMs: Readonly<Record<LinkPurpose, number>> = { invitation: 7 * dayMs, reset: dayMs }

/** The account that the first start invites. */
export const firstAccountId = 'admin'

export interface NewAccount {
  readonly id: string
  readonly name: string
  readonly locale?: Account['locale'] | undefined
  readonly memberships: readonly Membership[]
  readonly email?: string | null | undefined
  readonly identity?: Identity | null | undefined
}

/**
 * What is undefined stays; memberships are replaced as a whole. Another e-mail in place of one takes an identity away that is not
 * given with it. What was another's e-mail or identity before may be another person's account now: sessions, API tokens, links and
 * the password end, and a new link is to be sent; who changes their own keeps the password.
 */
export interface AccountUpdate {
  readonly name?: string | undefined
  readonly locale?: Account['locale'] | undefined
  readonly memberships?: readonly Membership[] | undefined
  readonly email?: string | null | undefined
  readonly identity?: Identity | null | undefined
}

/** Whoever has the secret may set the account's password, once. */
export interface Invitation {
  readonly secret: string
  readonly purpose: LinkPurpose
  readonly expiresAt: number
}

/**
 * Who may sign in, with which rights. Each change is one transaction with its audit row and its history, in which no secret
 * and no hash stands. Every method throws `StoreUnavailable` when the database cannot be reached.
 */
export interface Accounts {
  /** @throws {ExpectedError} `already-exists`, also for one that was removed; `invalid` (`WrongFields`) for unknown sites or teams, and for an e-mail or identity of another account */
  add(account: NewAccount, actor: string): Promise<Account>
  /** @throws {ExpectedError} `not-found`; `invalid` as for `add` */
  update(id: string, update: AccountUpdate, actor: string): Promise<Account>
  /** Its sessions, tokens and links end with it. @throws {ExpectedError} `not-found` */
  remove(id: string, actor: string): Promise<void>
  /** A link in place of the one before: an invitation, or a reset where there is a password, which is good until then. @throws `not-found` */
  invite(id: string, actor: string): Promise<Invitation>
  /** Whose link it is; looking uses nothing up. Undefined when it is not ours, was used, or is over. */
  invited(secret: string): Promise<Account | undefined>
  /**
   * Sets the password behind a link; all sessions end.
   * @throws {ExpectedError} `not-found`; `invalid` (`WrongPassword`), and the link stays good; `too-many-requests`
   */
  join(secret: string, password: string, address: string): Promise<void>
}

export class WrongPassword extends WrongFields {
  readonly fault: PasswordFault

  constructor(fault: PasswordFault) {
    super([{ path: 'password', message: passwordFaults[fault] }])
    this.name = 'WrongPassword'
    this.fault = fault
  }
}

/** @throws {WrongPassword} */
export function checkPassword(password: string, owner: Pick<Account, 'id' | 'name'>): void {
  const fault = faultOfPassword(password, owner)
  if (fault !== null) throw new WrongPassword(fault)
}

export function createAccounts(options: { operations: Operations; passwords: Passwords; clock: Clock }): Accounts {
  const { operations, passwords, clock } = options

  async function behind(secret: string): Promise<{ link: AccountLink & StoredKey; account: Account } | undefined> {
    const id = idOfKey(secret)
    const link = id === undefined ? undefined : await operations.accountLink(id)
    if (link === undefined || !isKey(secret, link) || link.expiresAt <= clock()) return undefined
    const account = await operations.account(link.accountId)
    return account === undefined || account.removedAt !== null ? undefined : { link, account }
  }

  return {
    add: (given, actor) => operations.transaction((unit) => addAccount(unit, given, { at: clock(), actor })),

    update: (id, update, actor) =>
      operations.transaction(async (unit) => {
        const before = await lockedAccount(unit, id)
        const change = changeOf(before, update)
        const changed: Account = { ...before, ...change }
        if (isDeepStrictEqual(changed, before)) return before
        await checkMemberships(unit, changed.memberships)
        await checkWhose(unit, changed)
        await unit.updateAccount(id, change)
        const isGiven = isOthers(before, changed)
        // nobody gives away their own: they go on with their password
        const after = isGiven && actor !== id ? { ...changed, passwordSetAt: null } : changed
        if (isGiven) await endAllOf(unit, after)
        await record(unit, 'account-changed', { at: clock(), actor, before, after })
        return after
      }),

    remove: (id, actor) =>
      operations.transaction(async (unit) => {
        const before = await lockedAccount(unit, id)
        const at = clock()
        await unit.updateAccount(id, { removedAt: at, email: null, identity: null })
        await unit.setPassword(id, null, before.passwordSetAt)
        await unit.deleteAccountLinks(id)
        await unit.deleteSessions(id)
        await unit.deleteApiTokens(id)
        await record(unit, 'account-removed', { at, actor, before, after: null })
      }),

    invite: (id, actor) =>
      operations.transaction(async (unit) =>
        inviteAccount(unit, await lockedAccount(unit, id), { at: clock(), actor }),
      ),

    invited: async (secret) => (await behind(secret))?.account,

    async join(secret, password, address) {
      const found = await behind(secret)
      if (found === undefined) throw noSuchLink()
      checkPassword(password, found.account)
      const hash = await passwords.hash(password)
      const { id } = found.account
      await operations.transaction(async (unit) => {
        await lockedAccount(unit, id)
        const at = clock()
        // of two who use it at once, and of one who comes after the link was made anew, nobody sets a password any more
        if (!(await unit.takeAccountLink(found.link.id))) throw noSuchLink()
        await unit.setPassword(id, hash, at)
        const sessions = await unit.deleteSessions(id)
        const data = { purpose: found.link.purpose, address, sessionsEnded: sessions }
        await unit.insertAudit({ at, actor: id, action: 'account-joined', subject: id, data })
        await unit.forgetAttempts(bucketOf(id))
      })
    },
  }
}

/**
 * The address at which the first operator sets a password, anew at each start while nobody but that account exists; null once
 * somebody does. There is no default password.
 *
 * @param baseUrl of this service, such as http://127.0.0.1:8080
 */
export function firstOperatorLink(
  options: { operations: Operations; clock: Clock },
  baseUrl: string,
): Promise<string | null> {
  return options.operations.transaction(async (unit) => {
    if (await unit.hasAccountBeside(firstAccountId)) return null
    const by = { at: options.clock(), actor: 'liftwatt' }
    const found = await unit.lockAccount(firstAccountId)
    if (found !== undefined && (found.passwordSetAt !== null || found.removedAt !== null)) return null
    const first = { id: firstAccountId, name: 'First operator', memberships: [everywhere] }
    const { secret } = await inviteAccount(unit, found ?? (await addAccount(unit, first, by)), by)
    return joinAddress(baseUrl, secret)
  })
}

export function joinAddress(baseUrl: string, secret: string): string {
  return `${baseUrl.replace(/\/+$/, '')}/join/${secret}`
}

/** Whether what told whose it is, is another's by a change, or nobody's. While the identity is the same, so is the person. */
function isOthers(before: Account, after: Account): boolean {
  if (before.identity !== null) return !isDeepStrictEqual(after.identity, before.identity)
  return before.email !== null && after.email !== before.email
}

/** All by which its first owner could still get in; the password, too, where it is not theirs any more. */
async function endAllOf(unit: Operations, { id, passwordSetAt }: Account): Promise<void> {
  await unit.deleteSessions(id)
  await unit.deleteApiTokens(id)
  await unit.deleteAccountLinks(id)
  if (passwordSetAt === null) await unit.setPassword(id, null, null)
}

interface By {
  readonly at: number
  readonly actor: string
}

async function addAccount(unit: Operations, given: NewAccount, by: By): Promise<Account> {
  const { id, name, locale = 'zh-CN', memberships, email = null, identity = null } = given
  const faults: Fault[] = []
  if (!accountIdPattern.test(id)) faults.push({ path: 'id', message: 'must be 1 to 64 of the characters a-z 0-9 _ -' })
  if (reservedAccountIds.includes(id)) faults.push({ path: 'id', message: 'is what the service calls itself' })
  if (faults.length > 0) throw new WrongFields(faults)
  await checkMemberships(unit, memberships)
  const who = { id, name, locale, memberships, email, identity }
  const account = { ...who, createdAt: by.at, passwordSetAt: null, removedAt: null }
  await checkWhose(unit, account)
  await unit.insertAccount(account)
  await record(unit, 'account-added', { ...by, before: null, after: account })
  return account
}

async function inviteAccount(unit: Operations, account: Account, { at, actor }: By): Promise<Invitation> {
  const { text, stored } = makeKey()
  const purpose: LinkPurpose = account.passwordSetAt === null ? 'invitation' : 'reset'
  const expiresAt = at + linkLivesMs[purpose]
  await unit.putAccountLink({ ...stored, accountId: account.id, purpose, expiresAt })
  await unit.insertAudit({ at, actor, action: 'account-invited', subject: account.id, data: { purpose, expiresAt } })
  return { secret: text, purpose, expiresAt }
}

/** @throws {ExpectedError} `not-found`, also for one that was removed */
export async function lockedAccount(unit: Operations, id: string): Promise<Account> {
  const account = await unit.lockAccount(id)
  if (account === undefined || account.removedAt !== null) {
    throw new ExpectedError('not-found', `There is no account ${id}`)
  }
  return account
}

function noSuchLink(): ExpectedError {
  return new ExpectedError('not-found', 'The link is wrong, was used, or is over')
}

/** A technician may work for the company that maintains. */
const teamTypesOf: Readonly<Record<'technician' | 'maintainer' | 'insurer', readonly TeamType[]>> = {
  technician: ['crew', 'maintainer'],
  maintainer: ['maintainer'],
  insurer: ['insurer-inspector', 'insurer-parts'],
}

function changeOf(before: Account, update: AccountUpdate): AccountChange {
  const given = Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined)) as AccountChange
  const isOther = before.email !== null && given.email !== undefined && given.email !== before.email
  return isOther && given.identity === undefined ? { ...given, identity: null } : given
}

/** One person at the provider is one account. */
async function checkWhose(unit: Operations, { id, email, identity }: Account): Promise<void> {
  const byEmail = email === null ? undefined : await unit.lockAccountOf({ email })
  const byIdentity = identity === null ? undefined : await unit.lockAccountOf({ identity })
  const faults = [
    { path: 'email', other: byEmail },
    { path: 'identity', other: byIdentity },
  ].flatMap(({ path, other }) =>
    other === undefined || other.id === id ? [] : [{ path, message: `is that of the account ${other.id}` }],
  )
  if (faults.length > 0) throw new WrongFields(faults)
}

async function checkMemberships(unit: Operations, memberships: readonly Membership[]): Promise<void> {
  const faults: Fault[] = []
  for (const [index, membership] of memberships.entries()) {
    const path = `memberships.${index}.scope`
    if ('teamId' in membership.scope) {
      const { teamId } = membership.scope
      const team = await unit.team(teamId)
      const isKnown = team !== undefined && team.removedAt === null
      if (!isKnown) faults.push({ path: `${path}.teamId`, message: `there is no team ${teamId}` })
      else if (!teamTypesOf[membership.role as keyof typeof teamTypesOf].includes(team.type)) {
        faults.push({ path: `${path}.teamId`, message: `a team of type ${team.type} has no ${membership.role}` })
      }
      continue
    }
    const { sites } = membership.scope
    const known = new Set((await unit.sitesByIds(sites)).map(({ id }) => id))
    for (const [at, id] of sites.entries()) {
      if (!known.has(id)) faults.push({ path: `${path}.sites.${at}`, message: `there is no site ${id}` })
    }
  }
  if (faults.length > 0) throw new WrongFields(faults)
}

/** A change of an account, for audit and history. */
export async function record(
  unit: Operations,
  action: string,
  change: By & { before: Account | null; after: Account | null },
): Promise<void> {
  const { at, actor, before, after } = change
  const subjectId = (after ?? before)?.id ?? ''
  const memberships = { before: before?.memberships ?? null, after: after?.memberships ?? null }
  const isOther = !isDeepStrictEqual(memberships.before, memberships.after)
  // they are personal data, and only the history has them
  const fields = (['name', 'email', 'identity', 'passwordSetAt'] as const).filter(
    (field) => before && after && !isDeepStrictEqual(before[field], after[field]),
  )
  const data = { ...(fields.length > 0 && { fields }), ...(isOther && { memberships }) }
  await unit.insertAudit({ at, actor, action, subject: subjectId, data })
  await unit.insertHistory({ at, actor, subjectType: 'account', subjectId, before, after })
}
