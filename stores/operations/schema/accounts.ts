import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { Account, Identity, Membership } from '../../../core/account.ts'
import type { LinkPurpose } from '../port.ts'
import { instant, json, words } from './columns.ts'

export const accounts = pgTable('accounts', {
  id: text().primaryKey(),
  name: words().notNull(),
  locale: text().$type<Account['locale']>().notNull(),
  memberships: json().$type<readonly Membership[]>().notNull(),
  email: words().unique(),
  identity: json().$type<Identity>().unique(),
  /** PHC string of argon2id. */
  passwordHash: text('password_hash'),
  passwordSetAt: instant('password_set_at'),
  createdAt: instant('created_at').notNull(),
  removedAt: instant('removed_at'),
})

const accountId = () =>
  text('account_id')
    .notNull()
    .references(() => accounts.id)

/** What proves who somebody is without a password: the half that is looked up, and a salted hash of the half that is secret. */
const key = { id: text().primaryKey(), salt: text().notNull(), hash: text().notNull() }

/** One per account: a new link makes the one before void. */
export const accountLinks = pgTable('account_links', {
  accountId: accountId().unique(),
  ...key,
  purpose: text().$type<LinkPurpose>().notNull(),
  expiresAt: instant('expires_at').notNull(),
})

export const sessions = pgTable(
  'sessions',
  {
    ...key,
    accountId: accountId(),
    address: words().notNull(),
    userAgent: words('user_agent'),
    createdAt: instant('created_at').notNull(),
    usedAt: instant('used_at').notNull(),
  },
  (table) => [index('sessions_account').on(table.accountId)],
)

export const apiTokens = pgTable(
  'api_tokens',
  {
    ...key,
    accountId: accountId(),
    name: words().notNull(),
    memberships: json().$type<readonly Membership[]>().notNull(),
    createdAt: instant('created_at').notNull(),
    createdBy: words('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (table) => [index('api_tokens_account').on(table.accountId)],
)

/** Failures in a row, of names as they were typed: their hash has 20 bits, and so there are never more rows than that. */
export const signInAttempts = pgTable(
  'sign_in_attempts',
  {
    bucket: integer().primaryKey(),
    failures: integer().notNull(),
    lastAt: instant('last_at').notNull(),
    lockedUntil: instant('locked_until'),
  },
  (table) => [index('sign_in_attempts_last').on(table.lastAt)],
)
