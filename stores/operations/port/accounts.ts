import type { Account, Identity, Membership } from '../../../core/account.ts'
import type { Page, PageRequest } from './page.ts'

/** A secret that was shown once: found by `id`, proved by what `hash` was made of. */
export interface StoredKey {
  readonly id: string
  /** Hex. */
  readonly salt: string
  /** Hex. */
  readonly hash: string
}

export type LinkPurpose = 'invitation' | 'reset'

/** Whoever has it may set the account's password, once. */
export interface AccountLink {
  readonly accountId: string
  readonly purpose: LinkPurpose
  readonly expiresAt: number
}

export interface Session {
  readonly id: string
  readonly accountId: string
  /** Where and by what it was begun. */
  readonly address: string
  readonly userAgent: string | null
  readonly createdAt: number
  /** Written at most once a minute. */
  readonly usedAt: number
}

export interface ApiToken {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly memberships: readonly Membership[]
  readonly createdAt: number
  readonly createdBy: string
  readonly expiresAt: number
  /** Written at most once a minute; null = never used. */
  readonly usedAt: number | null
}

/** When a name must wait, by how often it was tried in a row. */
export interface AttemptRule {
  /** So many failures are free; from then on each costs a wait, twice as long as the one before. */
  readonly free: number
  readonly firstWaitMs: number
  readonly longestWaitMs: number
  /** After so long without a try, all is forgotten. */
  readonly forgottenAfterMs: number
}

export type AccountChange = Partial<
  Pick<Account, 'name' | 'locale' | 'memberships' | 'email' | 'identity' | 'removedAt'>
>

/** Who may sign in, and how each proves who they are. Accounts that were removed stay, for events and audit name them. */
export interface AccountTables {
  /** @throws {ExpectedError} `already-exists` */
  insertAccount(account: Account): Promise<void>
  updateAccount(id: string, change: AccountChange): Promise<void>
  setPassword(id: string, hash: string | null, at: number | null): Promise<void>
  account(id: string): Promise<Account | undefined>
  /** Locked until the transaction ends: with it, its links, sessions and tokens. */
  lockAccount(id: string): Promise<Account | undefined>
  /** One that has this e-mail, or is this person at a provider; locked as by `lockAccount`. */
  lockAccountOf(whose: { readonly email: string } | { readonly identity: Identity }): Promise<Account | undefined>
  /** By id; without those that were removed. */
  accounts(page: PageRequest): Promise<Page<Account>>
  /** The PHC string; null where nobody set one. Undefined for an account that is not there, or was removed. */
  passwordHashOf(id: string): Promise<string | null | undefined>
  /** Whether there is, or was, an account beside this one. */
  hasAccountBeside(id: string): Promise<boolean>

  /** In place of the account's link before. */
  putAccountLink(link: AccountLink & StoredKey): Promise<void>
  accountLink(id: string): Promise<(AccountLink & StoredKey) | undefined>
  /** False when somebody took it meanwhile: of two who use it at once, one does. */
  takeAccountLink(id: string): Promise<boolean>
  deleteAccountLinks(accountId: string): Promise<void>

  insertSession(session: Session & StoredKey): Promise<void>
  /** With its account, unless that was removed. */
  session(id: string): Promise<{ session: Session & StoredKey; account: Account } | undefined>
  touchSession(id: string, usedAt: number): Promise<void>
  /** Newest first. */
  sessionsOf(accountId: string): Promise<Session[]>
  /** One, or all of an account; answers how many there were. */
  deleteSessions(accountId: string, id?: string): Promise<number>

  insertApiToken(token: ApiToken & StoredKey): Promise<void>
  /** With its account, unless that was removed. */
  apiToken(id: string): Promise<{ token: ApiToken & StoredKey; account: Account } | undefined>
  touchApiToken(id: string, usedAt: number): Promise<void>
  /** Newest first. */
  apiTokensOf(accountId: string): Promise<ApiToken[]>
  deleteApiTokens(accountId: string, id?: string): Promise<number>

  /**
   * Counts a try before it is made, so that a hundred at once are counted too. Answers whether it may be made; if not, until
   * when there are none.
   */
  claimAttempt(bucket: number, now: number, rule: AttemptRule): Promise<{ failures: number; waitUntil: number | null }>
  /** It was right. */
  forgetAttempts(bucket: number): Promise<void>
}
