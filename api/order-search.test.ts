import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs } from '../core/clock.ts'
import { type Neighbour, settle } from '../test/neighbour.ts'
import { startTestApi, type TestApi } from '../test/test-api.ts'

let api: TestApi
let own: Neighbour
let far: Neighbour
let token: string

beforeAll(async () => {
  api = await startTestApi()
  own = await settle(api.operations, 'own', api.time.now)
  far = await settle(api.operations, 'far', api.time.now)
  await api.send('PATCH', `/sites/${own.site}`, { name: '翠苑 7 幢', address: '100 % Lake Road' })
  await api.send('PATCH', `/devices/${own.device}`, {
    ...{ name: 'East lift', facts: { registrationCode: '31103301042019070012' } },
  })
  await api.addAccount('ann', [{ role: 'duty-room', scope: { sites: [own.site] } }])
  const expiresAt = new Date(api.time.now + dayMs).toISOString()
  token = (await api.send('POST', '/accounts/ann/tokens', { name: 'x', expiresAt })).json().secret
})
afterAll(() => api?.stop())

async function found(query: string, by?: string): Promise<string[]> {
  const headers = by === undefined ? undefined : { authorization: `Bearer ${by}` }
  const answer = await api.send('GET', `/work-orders?${query}`, undefined, headers)
  expect([query, answer.statusCode]).toEqual([query, 200])
  const names = new Map([
    ...([own, far] as const).flatMap(({ name, order, meterOrder }) => [
      [order, `${name} lift`] as const,
      [meterOrder, `${name} meter`] as const,
    ]),
  ])
  return answer
    .json()
    .items.map(({ id }: { id: string }) => names.get(id))
    .sort()
}
const search = (text: string, by?: string) => found(`q=${encodeURIComponent(text)}`, by)

test.each([
  ['the name of its building', '翠苑', ['own lift', 'own meter']],
  ['a part of its address, whatever the case', 'lake road', ['own lift', 'own meter']],
  ['the name of the district that it is in', 'own-district', ['own lift', 'own meter']],
  ['the id of its device', 'far-lift', ['far lift']],
  ['the name of its device', 'EAST', ['own lift']],
  ['a part of the registration code of its device', '2019070012', ['own lift']],
  ['what is called so in English', 'trapped', ['far lift', 'far meter', 'own lift', 'own meter']],
  ['what is called so in Chinese', '困人', ['far lift', 'far meter', 'own lift', 'own meter']],
  ['the name of the finding', 'elevator/entrap', ['far lift', 'far meter', 'own lift', 'own meter']],
  ['nothing that is called so', 'elephant', []],
])('an order is found by %s', async (_, text, names) => {
  expect(await search(text)).toEqual(names)
})

test('an order is found by how its id begins, from four digits on', async () => {
  expect(await search(own.order.slice(0, 13).toUpperCase())).toEqual(['own lift'])
  expect(await search(own.order)).toEqual(['own lift'])
})

test.each(['%', '_', '\\', "'", '%%%%', '" or 1=1 --', '(a+)+$'])('%s is no pattern and no query', async (text) => {
  expect(await search(text)).toEqual(text === '%' ? ['own lift', 'own meter'] : [])
})

test('whoever sees one house finds only its orders, and does not learn what is called so elsewhere', async () => {
  expect(await search('lift', token)).toEqual(['own lift'])
  expect(await search('trapped', token)).toEqual(['own lift', 'own meter'])
  expect(await search(far.order, token)).toEqual([])
  expect(await search('far', token)).toEqual([])
  // the district is called so, and it is not theirs
  expect(await search('own-district', token)).toEqual([])
})

test('a search goes with filters, and on the next page', async () => {
  expect(await found(`q=trapped&deviceId=${far.meter}`)).toEqual(['far meter'])
  expect(await found('q=trapped&state=closed')).toEqual([])
  const first = (await api.send('GET', '/work-orders?q=trapped&limit=3')).json()
  const second = (await api.send('GET', `/work-orders?q=trapped&limit=3&cursor=${first.nextCursor}`)).json()
  expect([first.items.length, second.items.length, second.nextCursor]).toEqual([3, 1, null])
})

test.each(['x'.repeat(101), '%20', '%00'])('q=%s is refused or finds nothing', async (text) => {
  const { statusCode, body } = await api.send('GET', `/work-orders?q=${text}`)
  expect(statusCode === 400 || JSON.parse(body).items.length === 0).toBe(true)
})
