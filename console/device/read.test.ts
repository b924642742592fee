import { afterEach, expect, test, vi } from 'vitest'
import { me } from '../shared/session.ts'
import type { Me } from '../shared/wire.ts'
import { freshMs, isHeard } from './chart-models.ts'
import { readDevice } from './read.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  me.value = undefined
})

const device = { id: 'elv-1', kind: 'elevator', siteId: null, last: null }
const everywhere = { sites: [] }
const xihu = { sites: ['xihu'] }

/** Which parts are asked for by somebody with this role. */
async function askedBy(role: string, scope: object) {
  const asked = new Set<string>()
  me.value = { accountId: 'a', memberships: [{ role, scope }], roles: [role] } as unknown as Me
  vi.stubGlobal('fetch', async (url: string) => {
    const path = url.replace('/api/v1/', '').replace(/\?.*/, '')
    asked.add(path.startsWith('rules/') ? 'rules' : path.replace('devices/elv-1', 'device'))
    return new Response(JSON.stringify(path === 'devices/elv-1' ? device : { items: [] }))
  })
  const { hidden, missing } = await readDevice('elv-1', new AbortController().signal, () => {})
  expect(missing).toEqual([])
  return { asked: [...asked].sort(), hidden: [...hidden].sort() }
}

const ofWatchers = ['device', 'device/health', 'device/maintenance', 'device/visits', 'incidents', 'work-orders']

test.each([
  ['operator', everywhere, [...ofWatchers.slice(0, 5), 'rules', 'work-orders'], []],
  ['operator', xihu, ofWatchers, ['rules']],
  ['technician', { teamId: 'crew-1' }, ofWatchers, ['rules']],
  ['installer', xihu, ['device', 'device/health'], ['incidents', 'orders', 'rules', 'upkeep', 'visits']],
])('a page that stays open asks for nothing that is refused: %s of %j', async (role, scope, asked, hidden) => {
  expect(await askedBy(role, scope)).toEqual({ asked, hidden })
})

test('a device that was never heard, or is silent now, is not heard', () => {
  const at = '2026-11-24T08:00:00.000Z'
  const last = { at, values: {} }
  expect(isHeard({ last: null }, Date.parse(at))).toBe(false)
  expect(isHeard({ last }, Date.parse(at) + freshMs - 1)).toBe(true)
  expect(isHeard({ last }, Date.parse(at) + freshMs)).toBe(false)
})
