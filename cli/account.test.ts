import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApi, type TestApi } from '../test/test-api.ts'
import { typing } from '../test/typed.ts'
import { accountCommands } from './account.ts'
import { UsageError } from './output.ts'

let api: TestApi
let typed: (...words: string[]) => Promise<string>
const liftwatt = (...words: string[]) => typed('account', ...words)

beforeAll(async () => {
  api = await startTestApi()
  await api.send('POST', '/teams', { id: 'east', type: 'crew', name: 'East' })
  typed = await typing(api, accountCommands)
})
afterAll(() => api?.stop())

test('an account is added with its roles, listed, invited again and removed', async () => {
  const added = await liftwatt('add', 'li', '--name', 'Li', '--role', 'operator', 'technician:east')
  expect(added).toMatch(
    /to set a password, until 2026-12-01T08:00:00\.000Z\nhttp:\/\/127\.0\.0\.1:\d+\/join\/[\w-]{65}\n$/,
  )
  expect(await liftwatt('list')).toBe('li\tLi\toperator technician:east\tnot joined yet\n')
  const [account] = JSON.parse(await liftwatt('list', '--json'))
  expect(account.memberships).toEqual([
    { role: 'operator', scope: { sites: [] } },
    { role: 'technician', scope: { teamId: 'east' } },
  ])
  expect(await liftwatt('invite', 'li')).not.toBe(added)
  expect(await liftwatt('remove', 'li')).toBe('li can do nothing any more.\n')
  await liftwatt('add', 'wang', '--name', 'Wang', '--role', 'operator')
  expect(JSON.parse(await liftwatt('remove', 'wang', '--json'))).toEqual({ id: 'wang', removed: true })
  expect(await liftwatt('list')).toBe('No account yet: there is only the operator token.\n')
})

test.each([
  [['add', 'x', '--name', 'X', '--role', 'king'], 'There is no role king'],
  [['add', 'x', '--name', 'X', '--role', 'technician'], 'technician needs one team, such as technician:east'],
  [['add', 'x', '--name', 'X', '--role', 'duty-room:mars'], 'there is no site mars'],
  [['invite', '../gateways'], 'must be 1 to 64 of the characters'],
])('%j is wrong usage, and says why', async (words, said) => {
  const wrong = await liftwatt(...words).catch((cause: unknown) => cause)
  expect(wrong).toBeInstanceOf(UsageError)
  expect(wrong).toMatchObject({ message: expect.stringContaining(said) })
})

test('to invite somebody who is not there fails and says so', async () => {
  await expect(liftwatt('invite', 'nobody')).rejects.toThrow('There is no account nobody')
})
