import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { me } from '../shared/session.ts'
import type { Me, WorkOrder } from '../shared/wire.ts'
import { readCurve, readMine, readOrder, sendAction } from './door.ts'
import type { Queued } from './outbox.ts'
import type { CrewOrder, Door } from './wire.ts'

const zhang = { accountId: 'zhang', name: '张伟', memberships: [], roles: [] } as unknown as Me
const door: Door = { type: 'session', accountId: 'zhang', orderId: 'o-1' }
const accept: Queued = {
  ...{ key: 'key', door, orderId: 'o-1', action: 'accept', doneAt: 0, said: {}, offline: false, setAt: 0, sendAt: 0 },
  ...{ tries: 0, refused: null },
}

type Answers = Readonly<Record<string, () => Response>>
let asked: string[] = []
let bodies: unknown[] = []

/** A service that answers these; no link for everything else. */
function serve(answers: Answers): void {
  vi.stubGlobal('fetch', async (url: string, { method, body }: RequestInit) => {
    asked.push(`${method} ${url}`)
    if (typeof body === 'string') bodies.push(JSON.parse(body))
    const answer = answers[`${method} ${url}`]
    if (answer === undefined) throw new TypeError('no link')
    return answer()
  })
}

const json =
  (body: object, status = 200) =>
  () =>
    new Response(JSON.stringify(body), { status })
const html = (status: number) => () => new Response('<html>proxy</html>', { status, headers: { 'retry-after': '9' } })
const unauthenticated = json({ code: 'unauthenticated', detail: 'Sign in' }, 401)

const isMe = 'GET /api/v1/me'
const toAccept = 'POST /api/v1/work-orders/o-1/accept'

beforeEach(() => {
  asked = []
  bodies = []
  me.value = zhang
})
afterEach(() => {
  vi.unstubAllGlobals()
  me.value = undefined
})

test('what somebody did is sent while they are the one who is signed in', async () => {
  serve({ [isMe]: json(zhang), [toAccept]: json({}) })
  expect(await sendAction(accept)).toEqual({ type: 'done' })
  expect(asked).toEqual([isMe, toAccept])
})

test.each([
  ['somebody else signed in in another window', json({ ...zhang, accountId: 'li' }), { type: 'signed-out' }],
  ['the session is over', unauthenticated, { type: 'signed-out' }],
  ['a proxy answers instead', html(502), { type: 'later', seconds: 9 }],
])('it waits when %s', async (_, answer, expected) => {
  serve({ [isMe]: answer, [toAccept]: json({}) })
  expect(await sendAction(accept)).toEqual(expected)
  expect(asked).toEqual([isMe])
})

test('it waits where no link is', async () => {
  serve({})
  expect(await sendAction(accept)).toEqual({ type: 'none' })
})

test.each([401, 403, 404, 429, 503])(
  'a page of a proxy with %i refuses nothing and signs nobody out',
  async (status) => {
    serve({ [isMe]: json(zhang), [toAccept]: html(status) })
    expect(await sendAction(accept)).toEqual({ type: 'later', seconds: 9 })
    expect(me.value).toEqual(zhang)
    serve({ [isMe]: html(status) })
    await sendAction(accept)
    expect(me.value).toEqual(zhang)
  },
)

test('when it was done, and that there was no link, is said as data; a remark is what somebody wrote and no more', async () => {
  const phone = { doneAt: '1970-01-01T00:00:00.000Z', offline: true, by: 'hand' }
  const said = { note: '门机皮带断', by: 'hand' } as const
  serve({ [isMe]: json(zhang), [toAccept]: json({}), 'POST /o/token/accept': json({}) })
  await sendAction({ ...accept, offline: true, said })
  await sendAction({ ...accept, offline: true, said, door: { type: 'link', token: 'token' } })
  expect(bodies).toEqual([
    { note: '门机皮带断', phone },
    { key: 'key', note: '门机皮带断', phone },
  ])
})

test('a refusal of the service is final', async () => {
  const refusal = { code: 'already-done', detail: 'by wang' }
  serve({ [isMe]: json(zhang), [toAccept]: json(refusal, 409) })
  expect(await sendAction(accept)).toEqual({ type: 'refused', ...refusal })
})

test('an action by link asks for no session, and stays below its own path', async () => {
  serve({ 'POST /o/..%2Fapi/accept': json({}) })
  expect(await sendAction({ ...accept, door: { type: 'link', token: '../api' } })).toEqual({ type: 'done' })
  expect(asked).toHaveLength(1)
})

test('what one account may read is not kept as what another one read', async () => {
  serve({})
  await expect(readOrder(door, { ...zhang, accountId: 'li' })).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(asked).toEqual([])
})

test.each([
  [['technician'], true, true],
  [['district', 'maintainer'], true, true],
  [['insurer'], false, true],
  [['district'], false, false],
])('%j: takes the order %s, writes %s', async (roles, takes, writes) => {
  const detail = { ...{ id: 'o-1', deviceId: null, siteId: null, teamId: null }, evidence: {}, events: [] }
  serve({
    'GET /api/v1/work-orders/o-1': json(detail),
    'GET /api/v1/teams?limit=200': json({ items: [], nextCursor: null }),
  })
  const { actions } = await readOrder(door, { ...zhang, roles } as Me)
  expect([actions.includes('accept'), actions.includes('note')]).toEqual([takes, writes])
})

test('the most urgent of my orders is found behind all newer ones of other crews', async () => {
  const order = (id: string, teamId: string, arriveBy: string | null) =>
    ({ id, teamId, arriveBy, arrivedAt: null, detectedAt: '2026-11-23T18:00:00.000Z' }) as WorkOrder
  const others = Array.from({ length: 1_000 }, (_, index) => order(`other-${index}`, 'east', null))
  const newer = order('newer', 'west', '2026-11-23T19:00:00.000Z')
  const older = order('older', 'west', '2026-11-23T18:30:00.000Z')
  const first = 'GET /api/v1/work-orders?limit=1000&state=open'
  serve({
    [first]: json({ items: [newer, ...others], nextCursor: 'next' }),
    [`${first}&cursor=next`]: json({ items: [older], nextCursor: null }),
  })
  const who = { ...zhang, memberships: [{ role: 'technician', scope: { teamId: 'west' } }] } as unknown as Me
  expect((await readMine(who)).map(({ id }) => id)).toEqual(['older', 'newer'])
})

test('a car that stands is not said to move, nor its highest speed to be a mean; and how old both are is known', async () => {
  const at = (minutes: number) => new Date(Date.UTC(2026, 10, 24, 8, minutes)).toISOString()
  const bucket = (minutes: number, mean: number, max: number, last: number) => ({
    ...{ at: at(minutes), mean, max, last, min: 0, count: 30 },
  })
  serve({
    'GET /o/token/curve.json?metric=carSpeedMps': json({
      items: [bucket(0, 0.9, 1.75, 1.6), bucket(5, 0.231, 1.6, 0)],
    }),
  })
  const last = (minutes: number) => ({ at: at(minutes), values: { carSpeedMps: 0 } })
  const kept = { order: { deviceId: 'elv-1' }, evidence: {} } as CrewOrder
  const read = (heard: number) =>
    readCurve({ type: 'link', token: 'token' }, { ...kept, last: last(heard) }, Date.parse(at(45)))
  expect(await read(8)).toMatchObject({ highest: 1.75, last: { value: 0, at: Date.parse(at(8)) } })
  expect(await read(44)).toMatchObject({ last: { value: 0, at: Date.parse(at(10)) } })
})
