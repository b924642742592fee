import { and, asc, desc, eq, getTableColumns, gt, isNull, lt, ne, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import type { Database } from './database.ts'
import { first, pageOf } from './pages.ts'
import type { AccountTables } from './port.ts'
import * as tables from './schema.ts'

const { passwordHash: _, ...accountColumns } = getTableColumns(tables.accounts)
const { salt: _salt, hash: _hash, ...sessionColumns } = getTableColumns(tables.sessions)
const { salt: _tokenSalt, hash: _tokenHash, ...tokenColumns } = getTableColumns(tables.apiTokens)

/** Who may sign in, and how each proves who they are. */
export function accountTables(database: Database): AccountTables {
  const { accounts } = tables
  return {
    async insertAccount(account) {
      const rows = await database.insert(accounts).values(account).onConflictDoNothing().returning({ id: accounts.id })
      if (rows.length === 0) throw new ExpectedError('already-exists', `There is or was an account ${account.id}`)
    },
    async updateAccount(id, change) {
      await database.update(accounts).set(change).where(eq(accounts.id, id))
    },
    async setPassword(id, passwordHash, passwordSetAt) {
      await database.update(accounts).set({ passwordHash, passwordSetAt }).where(eq(accounts.id, id))
    },
    account: async (id) => first(await database.select(accountColumns).from(accounts).where(eq(accounts.id, id))),
    lockAccount: async (id) =>
      first(await database.select(accountColumns).from(accounts).where(eq(accounts.id, id)).for('update')),
    async lockAccountOf(whose) {
      const found = 'email' in whose ? eq(accounts.email, whose.email) : eq(accounts.identity, whose.identity)
      const rows = await database.select(accountColumns).from(accounts).where(found).for('update')
      return first(rows)
    },
    async accounts(page) {
      const rows = await database
        .select(accountColumns)
        .from(accounts)
        .where(and(isNull(accounts.removedAt), page.after === undefined ? undefined : gt(accounts.id, page.after)))
        .orderBy(asc(accounts.id))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.id)
    },
    async passwordHashOf(id) {
      const rows = await database
        .select({ hash: accounts.passwordHash })
        .from(accounts)
        .where(and(eq(accounts.id, id), isNull(accounts.removedAt)))
      return first(rows)?.hash
    },
    async hasAccountBeside(id) {
      const rows = await database.select({ id: accounts.id }).from(accounts).where(ne(accounts.id, id)).limit(1)
      return rows.length > 0
    },
    ...linkTables(database),
    ...sessionTables(database),
    ...tokenTables(database),
    ...attemptTables(database),
  }
}

function linkTables(
  database: Database,
): Pick<AccountTables, 'putAccountLink' | 'accountLink' | 'takeAccountLink' | 'deleteAccountLinks'> {
  const { accountLinks } = tables
  return {
    async putAccountLink({ accountId, ...link }) {
      await database
        .insert(accountLinks)
        .values({ accountId, ...link })
        .onConflictDoUpdate({ target: accountLinks.accountId, set: link })
    },
    accountLink: async (id) => first(await database.select().from(accountLinks).where(eq(accountLinks.id, id))),
    async takeAccountLink(id) {
      const rows = await database.delete(accountLinks).where(eq(accountLinks.id, id)).returning({ id: accountLinks.id })
      return rows.length > 0
    },
    async deleteAccountLinks(accountId) {
      await database.delete(accountLinks).where(eq(accountLinks.accountId, accountId))
    },
  }
}

function sessionTables(
  database: Database,
): Pick<AccountTables, 'insertSession' | 'session' | 'touchSession' | 'sessionsOf' | 'deleteSessions'> {
  const { accounts, sessions } = tables
  return {
    async insertSession(session) {
      await database.insert(sessions).values(session)
    },
    async session(id) {
      const rows = await database
        .select({ session: sessions, account: accountColumns })
        .from(sessions)
        .innerJoin(accounts, and(eq(accounts.id, sessions.accountId), isNull(accounts.removedAt)))
        .where(eq(sessions.id, id))
      return first(rows)
    },
    async touchSession(id, usedAt) {
      await database
        .update(sessions)
        .set({ usedAt })
        .where(and(eq(sessions.id, id), lt(sessions.usedAt, usedAt)))
    },
    sessionsOf: (accountId) =>
      database
        .select(sessionColumns)
        .from(sessions)
        .where(eq(sessions.accountId, accountId))
        .orderBy(desc(sessions.createdAt), asc(sessions.id)),
    async deleteSessions(accountId, id) {
      const one = id === undefined ? undefined : eq(sessions.id, id)
      const gone = await database.delete(sessions).where(and(eq(sessions.accountId, accountId), one))
      return gone.rowCount ?? 0
    },
  }
}

function tokenTables(
  database: Database,
): Pick<AccountTables, 'insertApiToken' | 'apiToken' | 'touchApiToken' | 'apiTokensOf' | 'deleteApiTokens'> {
  const { accounts, apiTokens } = tables
  return {
    async insertApiToken(token) {
      await database.insert(apiTokens).values(token)
    },
    async apiToken(id) {
      const rows = await database
        .select({ token: apiTokens, account: accountColumns })
        .from(apiTokens)
        .innerJoin(accounts, and(eq(accounts.id, apiTokens.accountId), isNull(accounts.removedAt)))
        .where(eq(apiTokens.id, id))
      return first(rows)
    },
    async touchApiToken(id, usedAt) {
      await database.update(apiTokens).set({ usedAt }).where(eq(apiTokens.id, id))
    },
    apiTokensOf: (accountId) =>
      database
        .select(tokenColumns)
        .from(apiTokens)
        .where(eq(apiTokens.accountId, accountId))
        .orderBy(desc(apiTokens.createdAt), asc(apiTokens.id)),
    async deleteApiTokens(accountId, id) {
      const one = id === undefined ? undefined : eq(apiTokens.id, id)
      const gone = await database.delete(apiTokens).where(and(eq(apiTokens.accountId, accountId), one))
      return gone.rowCount ?? 0
    },
  }
}

function attemptTables(database: Database): Pick<AccountTables, 'claimAttempt' | 'forgetAttempts'> {
  const { signInAttempts } = tables
  return {
    async claimAttempt(bucket, now, rule) {
      await database.delete(signInAttempts).where(lt(signInAttempts.lastAt, now - rule.forgottenAfterMs))
      const { failures, lockedUntil } = signInAttempts
      const at = new Date(now).toISOString()
      // after the tenth failure the first wait, then twice as long each time; 2^20 first waits are beyond any longest one
      const waitMs = sql`least(${rule.longestWaitMs}::float8, ${rule.firstWaitMs}::float8 * 2 ^ least(20, ${failures} + 1 - ${rule.free}))`
      const lock = sql`case when ${failures} + 1 >= ${rule.free}::int then ${at}::timestamptz + ${waitMs} * interval '1 ms' end`
      const claimed = await database
        .insert(signInAttempts)
        .values({ bucket, failures: 1, lastAt: now, lockedUntil: null })
        .onConflictDoUpdate({
          target: signInAttempts.bucket,
          set: { failures: sql`${failures} + 1`, lastAt: now, lockedUntil: lock },
          setWhere: sql`${lockedUntil} is null or ${lockedUntil} <= ${at}::timestamptz`,
        })
        .returning({ failures })
      const mine = first(claimed)
      if (mine !== undefined) return { failures: mine.failures, waitUntil: null }

      const found = first(await database.select().from(signInAttempts).where(eq(signInAttempts.bucket, bucket)))
      return { failures: found?.failures ?? rule.free, waitUntil: found?.lockedUntil ?? now + rule.firstWaitMs }
    },
    async forgetAttempts(bucket) {
      await database.delete(signInAttempts).where(eq(signInAttempts.bucket, bucket))
    },
  }
}
