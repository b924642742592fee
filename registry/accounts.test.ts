import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { everywhere, type Membership } from '../core/account.ts'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { silentLog } from '../core/log.ts'
import { startTestDatabase, type TestDatabase } from '../test/operations-database.ts'
import { type Accounts, createAccounts, firstOperatorLink } from './accounts.ts'
import { type ApiTokens, createApiTokens } from './api-tokens.ts'
import { createPasswords } from './passwords.ts'
import { createSignIn, type SignIn } from './sign-in.ts'

const start = Date.UTC(2026, 10, 24, 8)
const from = { address: '10.0.0.7', userAgent: 'Firefox' }
const password = 'three trees and a river'
const xihu: Membership = { role: 'duty-room', scope: { sites: ['xihu'] } }

let now = start
let database: TestDatabase
let accounts: Accounts
let signIn: SignIn
let apiTokens: ApiTokens

beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  const clock = () => now
  const passwords = createPasswords()
  accounts = createAccounts({ operations, passwords, clock })
  signIn = createSignIn({ operations, passwords, clock, log: silentLog })
  apiTokens = createApiTokens({ operations, clock })
  const site = { parentId: null, use: null, address: null, entrance: null, emergencyPlan: null }
  await operations.saveSites(
    ['xihu', 'binjiang'].map((id) => ({
      ...{ ...site, id, type: 'district' as const, name: id, contacts: [] },
      ...{ latitude: null, longitude: null, createdAt: 0 },
    })),
  )
  const team = { areas: [], skills: [], phone: null, addresses: [], createdAt: 0, removedAt: null }
  await operations.insertTeam({ ...team, id: 'east', type: 'crew', name: 'East' })
  await operations.insertTeam({ ...team, id: 'otis', type: 'maintainer', name: 'Otis' })
  await operations.insertTeam({ ...team, id: 'gone', type: 'crew', name: 'Gone', removedAt: 1 })
})
afterAll(() => database.remove())
beforeEach(() => {
  now = start
})

// The first test: no account exists before it

test('the first start invites one operator, each start with another link, until a password is set', async () => {
  const options = { operations: database.operations, clock: () => now }
  const first = await firstOperatorLink(options, 'http://127.0.0.1:8080/')
  expect(first).toMatch(/^http:\/\/127\.0\.0\.1:8080\/join\/[\w-]{65}$/)
  const second = await firstOperatorLink(options, 'http://127.0.0.1:8080')
  expect(await accounts.invited(secretIn(first))).toBeUndefined()

  await accounts.join(secretIn(second), password, from.address)
  expect(await firstOperatorLink(options, 'http://127.0.0.1:8080')).toBeNull()
  const { session } = await entered('admin')
  expect(session.account).toMatchObject({ id: 'admin', memberships: [everywhere], passwordSetAt: start })
})

test('nobody is invited by the start once anybody has an account, even without a password', async () => {
  const other = await startTestDatabase()
  const options = { operations: other.operations, clock: () => now }
  await createAccounts({ ...options, passwords: createPasswords() }).add(
    { id: 'ann', name: 'Ann', memberships: [everywhere] },
    'operator',
  )
  expect(await firstOperatorLink(options, 'http://x')).toBeNull()
  await other.remove()
})

test.each<[string, Membership, string | null]>([
  ['a known site', xihu, null],
  ['an unknown site', { role: 'district', scope: { sites: ['xihu', 'mars'] } }, 'memberships.0.scope.sites.1'],
  ['a crew', { role: 'technician', scope: { teamId: 'east' } }, null],
  ['an unknown team', { role: 'technician', scope: { teamId: 'west' } }, 'memberships.0.scope.teamId'],
  ['a team that was removed', { role: 'technician', scope: { teamId: 'gone' } }, 'memberships.0.scope.teamId'],
  ['a maintainer', { role: 'maintainer', scope: { teamId: 'otis' } }, null],
  ['a crew that is no insurer', { role: 'insurer', scope: { teamId: 'east' } }, 'memberships.0.scope.teamId'],
])('a membership over %s is checked', async (_, membership, path) => {
  const id = `check-${path?.length ?? 'fine'}-${membership.role}-${_.length}`
  const added = accounts.add({ id, name: 'X', memberships: [membership] }, 'operator')
  if (path === null) expect(await added).toMatchObject({ id, memberships: [membership], passwordSetAt: null })
  else await expect(added).rejects.toMatchObject({ code: 'invalid', faults: [{ path }] })
})

test('an id is never given twice, nor one that the service calls itself', async () => {
  await added('once')
  await accounts.remove('once', 'operator')
  await expect(accounts.add({ id: 'once', name: 'B', memberships: [xihu] }, 'x')).rejects.toMatchObject({
    code: 'already-exists',
  })
  for (const id of ['operator', 'liftwatt', 'sign-in', 'Li', 'a b', '']) {
    await expect(accounts.add({ id, name: 'B', memberships: [xihu] }, 'x')).rejects.toMatchObject({ code: 'invalid' })
  }
})

test('a link is good once, for seven days, and only the newest', async () => {
  await accounts.add({ id: 'link', name: 'Link', memberships: [xihu] }, 'operator')
  const old = await accounts.invite('link', 'operator')
  const { secret, purpose, expiresAt } = await accounts.invite('link', 'operator')
  expect([purpose, expiresAt]).toEqual(['invitation', start + 7 * dayMs])
  await expect(accounts.join(old.secret, password, from.address)).rejects.toMatchObject({ code: 'not-found' })

  now = expiresAt - 1
  expect(await accounts.invited(secret)).toMatchObject({ id: 'link' })
  await expect(accounts.join(secret, 'short', from.address)).rejects.toMatchObject({ fault: 'too-short' })
  const twice = await Promise.allSettled([1, 2].map(() => accounts.join(secret, password, from.address)))
  expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(accounts.join(secret, password, from.address)).rejects.toMatchObject({ code: 'not-found' })

  const reset = await accounts.invite('link', 'operator')
  expect([reset.purpose, reset.expiresAt]).toEqual(['reset', now + dayMs])
  now = reset.expiresAt
  expect(await accounts.invited(reset.secret)).toBeUndefined()
  await expect(accounts.join(reset.secret, password, from.address)).rejects.toMatchObject({ code: 'not-found' })
})

test('a reset ends every session, and the old password with them', async () => {
  await added('reset')
  const { session } = await entered('reset')
  const { secret } = await accounts.invite('reset', 'operator')
  expect(await signIn.viewerOfSession(session.key)).toBeDefined() // asked for, not done
  await accounts.join(secret, 'four cranes on a roof', from.address)
  expect(await signIn.viewerOfSession(session.key)).toBeUndefined()
  expect(await signIn.signIn({ id: 'reset', password }, from)).toEqual({ outcome: 'wrong' })
  await entered('reset', 'four cranes on a roof')
})

test('an account that is given to another person has nothing of the first one’s that is still good', async () => {
  const theirs = { issuer: 'https://id.example', subject: 'the-first' }
  await added('given')
  await accounts.update('given', { email: 'first@city.example', identity: theirs }, 'operator')
  const { session } = await entered('given')
  const token = await apiTokens.add('given', { name: 'export', expiresAt: start + dayMs }, 'given')
  const reset = await accounts.invite('given', 'operator')
  await accounts.update('given', { name: 'Still the same person' }, 'operator')
  expect(await signIn.viewerOfApiToken(token.secret)).toBeDefined()
  expect(await accounts.invited(reset.secret)).toBeDefined()

  await accounts.update('given', { email: 'second@city.example' }, 'operator')
  expect(await signIn.viewerOfApiToken(token.secret)).toBeUndefined()
  expect(await accounts.invited(reset.secret)).toBeUndefined()
  expect(await signIn.viewerOfSession(session.key)).toBeUndefined()
  expect((await signIn.signIn({ id: 'given', password }, from)).outcome).toBe('wrong')
  const { secret, purpose } = await accounts.invite('given', 'operator')
  expect(purpose).toBe('invitation')
  await accounts.join(secret, 'four cranes on a roof', from.address)
  await entered('given', 'four cranes on a roof')
})

test('an e-mail that is mended asks for a new password, unless its owner does it or is known by their identity', async () => {
  await added('mended')
  const email = (name: string) => ({ email: `${name}@city.example` })
  expect(await accounts.update('mended', email('first'), 'operator')).toMatchObject({ passwordSetAt: now })
  const { session } = await entered('mended')
  await accounts.update('mended', email('by-themselves'), 'mended')
  expect(await signIn.viewerOfSession(session.key)).toBeUndefined()
  await entered('mended')

  const identity = { issuer: 'https://id.example', subject: 'the-same' }
  await accounts.update('mended', { identity }, 'operator')
  await accounts.update('mended', { ...email('married'), identity }, 'operator')
  await entered('mended')
  expect(await accounts.update('mended', { identity: null }, 'operator')).toMatchObject({ passwordSetAt: null })
  const [changed] = (await database.operations.audit({ subject: 'mended', action: 'account-changed', limit: 1 })).items
  expect(changed?.data).toEqual({ fields: ['identity', 'passwordSetAt'] })
})

test('a changed password ends every session but the new one, and makes a link that is under way void', async () => {
  await added('changes')
  const { session } = await entered('changes')
  const { secret } = await accounts.invite('changes', 'operator')
  const change = { current: password, password: 'four cranes on a roof' }
  expect(await signIn.changePassword('changes', { ...change, current: 'wrong' }, from)).toEqual({ outcome: 'wrong' })
  await expect(signIn.changePassword('changes', { ...change, password: 'short' }, from)).rejects.toMatchObject({
    fault: 'too-short',
  })
  expect(await signIn.viewerOfSession(session.key)).toBeDefined()

  const changed = await signIn.changePassword('changes', change, from)
  expect(await signIn.viewerOfSession(session.key)).toBeUndefined()
  expect(await accounts.invited(secret)).toBeUndefined()
  expect(changed.outcome === 'in' && (await signIn.viewerOfSession(changed.session.key))).toMatchObject({
    accountId: 'changes',
  })
})

test('a session ends 12 hours after its last use, and 7 days after it began whatever happens', async () => {
  await added('idle')
  const { session } = await entered('idle')
  for (let hours = 11; hours < 7 * 24; hours += 11) {
    now = start + hours * hourMs
    expect(await signIn.viewerOfSession(session.key), `${hours} h`).toBeDefined()
  }
  now = start + 7 * dayMs - 1
  expect(await signIn.viewerOfSession(session.key)).toBeDefined()
  now = start + 7 * dayMs
  expect(await signIn.viewerOfSession(session.key)).toBeUndefined()

  const { session: unused } = await entered('idle')
  now += 12 * hourMs - 1
  expect(await signIn.sessionsOf('idle')).toHaveLength(1)
  now += 1
  expect(await signIn.viewerOfSession(unused.key)).toBeUndefined()
  expect(await signIn.sessionsOf('idle')).toEqual([])
})

test('where the settings say so, sessions end sooner, those too that are open', async () => {
  await added('sooner')
  const { session } = await entered('sooner')
  const [passwords, clock] = [createPasswords(), () => now]
  const limits = { idleMs: hourMs, longestMs: 2 * hourMs }
  const strict = createSignIn({ operations: database.operations, passwords, clock, log: silentLog, limits })
  now = start + hourMs - 1
  expect(await strict.viewerOfSession(session.key)).toBeDefined()
  now = start + 2 * hourMs - 2
  expect(await strict.viewerOfSession(session.key)).toBeDefined()
  now = start + 2 * hourMs
  expect(await strict.viewerOfSession(session.key)).toBeUndefined()
  expect(await signIn.viewerOfSession(session.key)).toBeDefined()
})

test('of more than 20 sessions the oldest ends', async () => {
  await added('many')
  const keys: string[] = []
  for (let n = 0; n < 21; n++) {
    now += 1
    keys.push((await entered('many')).session.key)
  }
  expect(await signIn.viewerOfSession(keys[0] ?? '')).toBeUndefined()
  expect(await signIn.viewerOfSession(keys[1] ?? '')).toBeDefined()
  expect(await signIn.sessionsOf('many')).toHaveLength(20)
})

test('A23: after ten failures a name waits a minute, then twice as long each time, up to an hour', async () => {
  await added('locked')
  for (const name of ['locked', 'nobody-here']) {
    now = start
    const tryIt = (given = 'wrong') => signIn.signIn({ id: name, password: given }, from)
    for (let n = 0; n < 10; n++) expect(await tryIt()).toEqual({ outcome: 'wrong' })
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(await tryIt(password)).toEqual({ outcome: 'wait', waitMs: minutes * minuteMs }) // the right one, too
      now += minutes * minuteMs - 1
      expect((await tryIt(password)).outcome).toBe('wait')
      now += 1
      expect(await tryIt()).toEqual({ outcome: 'wrong' })
    }
  }
  now += hourMs
  await entered('locked') // and begins anew
  for (let n = 0; n < 10; n++)
    expect((await signIn.signIn({ id: 'locked', password: 'x' }, from)).outcome).toBe('wrong')
})

test('A23: forty tries at once are ten, and a restart gives no more of them', async () => {
  await added('race')
  const tries = await Promise.all(
    Array.from({ length: 40 }, () => signIn.signIn({ id: 'race', password: 'wrong' }, from)),
  )
  expect(tries.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(10)
  const { operations } = database
  const restarted = createSignIn({ operations, passwords: createPasswords(), clock: () => now, log: silentLog })
  expect((await restarted.signIn({ id: 'race', password }, from)).outcome).toBe('wait')
  now += dayMs + 1
  expect((await restarted.signIn({ id: 'race', password }, from)).outcome).toBe('in')
})

test('while too many sign in, the next is sent away, and it is not held against the name', async () => {
  await added('crowd')
  const { operations } = database
  const passwords = createPasswords({ atOnce: 1, mostWaiting: 0 })
  const busy = createSignIn({ operations, passwords, clock: () => now, log: silentLog })
  const running = passwords.verify(null, 'x')
  const tries = Array.from({ length: 12 }, () => busy.signIn({ id: 'crowd', password: 'x' }, from))
  for (const one of await Promise.allSettled(tries)) {
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'too-many-requests' } })
  }
  await running
  expect((await busy.signIn({ id: 'crowd', password }, from)).outcome).toBe('in')
})

test('a one-time link ends the wait of its account', async () => {
  await added('freed')
  for (let n = 0; n < 10; n++) await signIn.signIn({ id: 'freed', password: 'wrong' }, from)
  expect((await signIn.signIn({ id: 'freed', password }, from)).outcome).toBe('wait')
  await accounts.join((await accounts.invite('freed', 'operator')).secret, password, from.address)
  await entered('freed')
})

test('a name may be typed with capitals and spaces around it, a password as it is only', async () => {
  await added('typed')
  await entered(' Typed ')
  for (const wrong of [` ${password}`, password.toUpperCase(), `${password}\0`, '']) {
    expect(await signIn.signIn({ id: 'typed', password: wrong }, from)).toEqual({ outcome: 'wrong' })
  }
  for (const id of ['\0', "' or 1=1 --", '\ud800', 'x'.repeat(900), '', 'operator']) {
    expect(await signIn.signIn({ id, password }, from)).toEqual({ outcome: 'wrong' })
  }
})

test('a token has no more rights than its account has now, and lives as long as it says, at most a year', async () => {
  const binjiang: Membership = { role: 'duty-room', scope: { sites: ['binjiang'] } }
  const both: Membership = { role: 'duty-room', scope: { sites: ['xihu', 'binjiang'] } }
  await added('tokens', [both])
  const expiresAt = start + 30 * dayMs
  const token = await apiTokens.add('tokens', { name: 'export', expiresAt, memberships: [xihu, binjiang] }, 'tokens')
  expect(token.secret).toMatch(/^lw_[\w-]{65}$/)
  const memberships = async () => (await signIn.viewerOfApiToken(token.secret))?.memberships
  expect(await memberships()).toEqual([xihu, binjiang])
  await accounts.update('tokens', { memberships: [xihu] }, 'operator')
  expect(await memberships()).toEqual([xihu])

  for (const wrong of [
    { expiresAt: start, memberships: [xihu] },
    { expiresAt: start + 366 * dayMs + 1, memberships: [xihu] },
    { expiresAt, memberships: [binjiang] },
    { expiresAt, memberships: [{ role: 'duty-room', scope: { sites: [] } } as Membership] },
    { expiresAt, memberships: [{ role: 'operator', scope: { sites: ['xihu'] } } as Membership] },
  ]) {
    await expect(apiTokens.add('tokens', { name: 'x', ...wrong }, 'tokens')).rejects.toMatchObject({ code: 'invalid' })
  }
  now = expiresAt - 1
  expect(await memberships()).toEqual([xihu])
  now = expiresAt
  expect(await memberships()).toBeUndefined()
})

test('uses are written at most once a minute', async () => {
  await added('used')
  const { secret, id } = await apiTokens.add('used', { name: 'x', expiresAt: start + dayMs }, 'used')
  const usedAt = async () => (await apiTokens.list('used')).find((token) => token.id === id)?.usedAt
  expect(await usedAt()).toBeNull()
  for (const after of [0, 59_999, 60_000]) {
    now = start + after
    await signIn.viewerOfApiToken(secret)
    expect(await usedAt()).toBe(after === 60_000 ? now : start)
  }
})

function secretIn(url: string | null): string {
  return url?.split('/join/')[1] ?? ''
}

async function added(id: string, memberships: readonly Membership[] = [xihu]): Promise<void> {
  await accounts.add({ id, name: `Name of ${id}`, memberships }, 'operator')
  await accounts.join((await accounts.invite(id, 'operator')).secret, password, from.address)
}

async function entered(id: string, given = password) {
  const outcome = await signIn.signIn({ id, password: given }, from)
  if (outcome.outcome !== 'in') throw new Error(`${id}: ${outcome.outcome}`)
  return outcome
}
