import { afterEach, beforeEach, expect, test } from 'vitest'
import { ApiProblem, NoAnswer } from '../../shared/api.ts'
import { language } from '../../shared/language.ts'
import type { Ask } from '../../shared/lookup.ts'
import { find } from './find.ts'

const usual = language.value
beforeEach(() => {
  language.value = 'en'
})
afterEach(() => {
  language.value = usual
})

const refused = (code: ApiProblem['code'], status: number) => new ApiProblem({ code, status, detail: code })
/** Sites, and devices by a part, are answered; what else is asked for is not. */
const answering = (sites: readonly object[], cause: Error, devices: readonly object[] = []): Ask =>
  (async (path: string) => {
    if (path !== '/sites' && path !== '/devices') throw cause
    return { items: path === '/sites' ? sites : devices, nextCursor: null }
  }) as Ask

test.each(['not-found', 'forbidden'] as const)('what is %s is not found, and nothing is wrong', async (code) => {
  const found = await find('elv-9', ['gateways'], answering([], refused(code, 404)))

  expect(found).toEqual({ hits: [], problem: null })
})

test.each([
  ['no link', new NoAnswer('No answer')],
  ['a service that is not ready', refused('unavailable', 503)],
  ['too many questions', refused('too-many-requests', 429)],
])('%s is not taken for nothing found', async (_, cause) => {
  const found = await find('elv-9', [], answering([], cause))

  expect(found).toEqual({ hits: [], problem: cause })
})

test('what could be found is shown at once, without waiting for where it is, although something could not be asked', async () => {
  const cause = new NoAnswer('No answer')
  const sites = [{ id: 'gate-1', name: 'North gate', parentId: null }]
  const found = await find(
    'gate',
    ['gateways', 'rules'],
    answering(sites, cause, [{ id: 'elv-1', name: 'Gate lift', siteId: 'dy-3' }]),
  )

  expect(found.problem).toBe(cause)
  expect(found.hits).toEqual([
    { kind: 'device', id: 'elv-1', name: 'Gate lift', siteId: 'dy-3', to: '/devices/elv-1' },
    { kind: 'site', id: 'gate-1', name: 'North gate', siteId: null, to: '/operate?view=sites&site=gate-1' },
    { kind: 'page', id: '', name: 'Gateways', siteId: null, to: '/operate?view=gateways' },
  ])
})

test('only what can be an id is asked for as one', async () => {
  const asked: string[] = []
  const ask = (async (path: string) => {
    asked.push(path)
    throw refused('not-found', 404)
  }) as Ask
  await find('东苑 12', [], ask)
  await find('00000000-0000-0000-0000-00000000000-', [], ask)
  await find('0b9f7d0e-6a55-4b7b-9d0a-3f8d1f0f2a11', [], ask)

  expect(asked.filter((path) => path.startsWith('/work-orders/'))).toEqual([
    '/work-orders/0b9f7d0e-6a55-4b7b-9d0a-3f8d1f0f2a11',
  ])
  expect(asked.slice(0, 4)).toEqual(['/sites', '/devices', '/sites', '/devices'])
})
