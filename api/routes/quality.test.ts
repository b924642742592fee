import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs } from '../../core/clock.ts'
import { recordOldCorrections } from '../../quality/corrections.ts'
import { kpiIds } from '../../quality/kpis/index.ts'
import { type Neighbour, settle } from '../../test/neighbour.ts'
import { startTestApi, type TestApi } from '../../test/test-api.ts'
import { recordEvent } from '../../workorders/evidence/chain.ts'

let api: TestApi
let own: Neighbour
let far: Neighbour

beforeAll(async () => {
  api = await startTestApi()
  own = await settle(api.operations, 'own', api.time.now)
  far = await settle(api.operations, 'far', api.time.now)
  await api.addAccount('company', [{ role: 'maintainer', scope: { teamId: own.maintainer } }])
})
afterAll(() => api?.stop())

const get = async (path: string, headers?: Record<string, string>) => {
  const answer = await api.send('GET', path, undefined, headers)
  return { status: answer.statusCode, ...answer.json() }
}

test('every figure has its definition in both languages', async () => {
  const { items } = await get('/quality/definitions')
  expect(items.map(({ id }: { id: string }) => id)).toEqual(kpiIds)
  for (const { id, words } of items) {
    for (const said of [words.en, words['zh-CN']]) {
      expect(said, id).toMatchObject({
        name: /./,
        formula: /÷|−|Mean|shortest|平均|最短/,
        excludes: /./,
        interval: /./,
      })
    }
  }
})

test('figures are those of the companies in sight, and open down to their orders', async () => {
  const { groups, total, pending } = await get('/quality/kpis?kpi=closure-rate,failure-rate')
  expect([groups.map(({ id }: { id: string }) => id), pending]).toEqual([
    [null, far.maintainer, own.maintainer], // null: visits of before there was a company
    0,
  ])
  expect(total.kpis['closure-rate']).toMatchObject({
    value: 0,
    numerator: 0,
    denominator: 4,
    unit: 'share',
    before: null,
  })
  expect(Object.keys(total.kpis).sort()).toEqual(['closure-rate', 'failure-rate'])
  const session = { cookie: await api.signIn('company') }
  const theirs = await get('/quality/kpis', session)
  expect(theirs.groups.map(({ id }: { id: string }) => id)).toEqual([own.maintainer])
  expect(theirs.total.kpis['closure-rate'].denominator).toBe(2)
  const { items, nextCursor } = await get('/quality/kpis/closure-rate/cases?limit=1', session)
  const rest = await get(`/quality/kpis/closure-rate/cases?cursor=${nextCursor}`, session)
  const ids = [...items, ...rest.items].map(({ of }: { of: { id: string } }) => of.id)
  expect(ids.sort()).toEqual([own.order, own.meterOrder].sort())
})

test('a figure is told month by month in one answer, each month as it is by itself', async () => {
  const session = { cookie: await api.signIn('company') }
  const { items } = await get('/quality/kpis/closure-rate/months?months=3', session)
  expect(items).toHaveLength(3)
  const { from, groups } = await get('/quality/kpis?kpi=closure-rate', session)
  expect(from < items[0].month).toBe(true)
  expect(items.at(-1).groups).toEqual([{ id: own.maintainer, value: groups[0].kpis['closure-rate'].value }])
  expect((await get('/quality/kpis/closure-rate/months?months=37', session)).status).toBe(400)
})

test('a period that is none and a figure that is none are told', async () => {
  expect(await get('/quality/kpis?from=2026-11-02&to=2026-11-01')).toMatchObject({ status: 400, detail: /after from/ })
  expect(await get('/quality/kpis?kpi=nonsense')).toMatchObject({ status: 400, errors: [{ path: /kpi/ }] })
  expect((await get('/quality/kpis/nonsense/cases')).status).toBe(404)
  expect((await get('/quality/kpis?groupBy=elevator&sort=closure-rate&limit=1&skip=1')).groups).toHaveLength(1)
})

test('visits, proposals and inspections are listed by place as well, each with all that is in it', async () => {
  const session = { cookie: await api.signIn('company') }
  for (const [list, id] of [
    ...([['/visits', own.visit]] as const),
    ...([['/overhauls', own.overhaul]] as const),
    ...([['/quality/inspections', own.inspection]] as const),
  ]) {
    const of = async (siteId: string, headers?: typeof session): Promise<string[]> =>
      (await get(`${list}?siteId=${siteId}`, headers)).items.map((item: { id: string }) => item.id)
    expect(await of(own.district), list).toContain(id)
    expect(await of(own.site), list).toEqual(await of(own.district))
    expect(await of(far.district), list).not.toContain(id)
    expect([await of(far.district, session), await of('nowhere')], list).toEqual([[], []])
  }
})

test('a cause is put right once its order is closed, with who said so and why', async () => {
  const url = `/work-orders/${own.order}/corrections`
  const correction = { causeClass: 'people', outcome: 'serviced', reason: 'A pushchair had bent the sill' }
  expect((await api.send('POST', url, correction)).statusCode).toBe(409)
  for (const [action, body] of [
    ...[
      ['accept', {}],
      ['arrive', {}],
      ['restore', {}],
    ],
    ['close', { causeClass: 'equipment', outcome: 'repaired' }],
  ] as const) {
    api.time.now += 60_000
    const done = await api.send('POST', `/work-orders/${own.order}/${action}`, body as object)
    expect(done.statusCode, done.body).toBe(200)
  }
  const rate = async (query = '') => {
    const { total } = await get(`/quality/kpis?groupBy=none${query}`)
    const of = (kpi: string) => total.kpis[kpi].numerator
    return [of('entrapment-rate'), of('failure-rate'), of('failure-rate-people')]
  }
  expect(await rate()).toEqual([1, 1, 0])
  const before = new Date(api.time.now + 1_000).toISOString()
  api.time.now += dayMs
  expect((await api.send('POST', url, { ...correction, causeClass: null })).statusCode).toBe(400)
  const corrected = await api.send('POST', url, correction)
  expect([corrected.statusCode, corrected.json()]).toMatchObject([
    201,
    { items: [{ ...correction, orderId: own.order }] },
  ])
  expect(await rate()).toEqual([1, 0, 1])
  expect(await rate(`&asOf=${before}`)).toEqual([1, 1, 0])
  expect((await get(url)).items).toHaveLength(1)
  const { items } = await get('/audit?action=order-corrected')
  expect(items[0].data).toMatchObject({ before: { causeClass: 'equipment', outcome: 'repaired' } })
})

test('a correction stands in the chain of its order: one that is put in behind our back is named', async () => {
  const breaks = async () =>
    (await get('/verify')).breaks.filter(({ id }: { id: string }) => id === own.order).map(({ text }: Break) => text)
  const before = await breaks()
  const { at, ...kept } = (await api.operations.orderCorrections(own.order))[0] ?? expect.fail('there is none')
  await api.operations.insertOrderCorrection({ ...kept, at: at + 5, causeClass: 'external' })
  expect(before).not.toContain('A correction stands there that no event tells of')
  expect(await breaks()).toEqual(['A correction stands there that no event tells of'])
  // as at the first start after a version that wrote no events for them
  expect(await recordOldCorrections(api.operations, recordEvent)).toBe(1)
  expect(await recordOldCorrections(api.operations, recordEvent)).toBe(0)
  expect(await breaks()).toEqual(before)
})
interface Break {
  readonly text: string
}

test('an estate has an index of which every missing point is told, and weights that are changed once', async () => {
  const month = new Date(api.time.now).toISOString().slice(0, 7)
  const of = async (path = '') =>
    (await get(`/quality/indices${path}`)) as { items: Index[]; weights: { version: number }[] }
  interface Index {
    readonly siteId: string
    readonly score: number | null
    readonly parts: readonly { part: string; score: number | null; lost: number; weight: number }[]
  }
  const { items, weights } = await of(`?month=${month}&siteId=${own.estate}`)
  expect([items.map(({ siteId }) => siteId), weights.map(({ version }) => version)]).toEqual([[own.estate], [0]])
  const [{ score, parts } = { score: null, parts: [] }] = items
  const lost = parts.reduce((sum, part) => sum + part.lost, 0)
  expect(score).toBeCloseTo(100 - lost, 1)
  // the meter had an emergency; nobody knows the health
  expect(parts.find(({ part }) => part === 'electricity')).toMatchObject({ score: 0, weight: 20 })
  expect(parts.find(({ part }) => part === 'health')).toMatchObject({ score: null, lost: 0 })

  const given = { version: 0, weights: { health: 0, electricity: 100, response: 0, hazards: 0, inspection: 0 } }
  const put = (version: number) =>
    api.send('PUT', '/quality/index-weights', { ...given, version, reason: 'Only fires' })
  expect((await put(0)).statusCode).toBe(200)
  expect((await put(0)).statusCode).toBe(409)
  const history = await of(`/${own.estate}?months=2`)
  expect(history.items[0]).toMatchObject({ month, score: 0, weightsVersion: 1 })
  expect((await get(`/quality/indices/${own.district}`)).status).toBe(400)
})

test('rental rooms are told by what was found in them, the most at risk first', async () => {
  const safety = await get('/quality/fire-safety')
  for (const wrong of ['from=2026-06-01&to=2026-05-01', 'from=1970-01-01&to=2026-01-01']) {
    expect(await get(`/quality/fire-safety?${wrong}`)).toMatchObject({ status: 400, code: 'invalid' })
  }
  expect(safety).toMatchObject({
    roomsInAll: 2,
    repeatedCharging: 0,
    selfCorrectedShare: { value: null, denominator: 0 },
  })
  for (const hoursAgo of [50, 20]) {
    const finding = 'electricity-meter/e-bike-charging'
    const body = {
      deviceId: own.meter,
      finding,
      severity: 'urgent',
      summary: `An e-bike is charged, ${hoursAgo} h ago`,
    }
    const added = await api.send('POST', '/work-orders', body)
    expect(added.statusCode, added.body).toBe(201)
    api.time.now += 3_600_000
  }
  // that a meter stands still is no danger of fire
  const frozen = { finding: 'electricity-meter/meter-frozen', severity: 'warning', summary: 'It stands still' }
  expect((await api.send('POST', '/work-orders', { deviceId: own.meter, ...frozen })).statusCode).toBe(201)
  const { rooms, repeatedCharging } = await get(`/quality/fire-safety?siteId=${own.estate}`)
  expect([rooms.length, repeatedCharging]).toEqual([1, 1])
  expect(rooms[0]).toMatchObject({ deviceId: own.meter, eBikeCharges: 2, open: 3, risk: 95 })
  expect(rooms[0].parts).toEqual([
    { cause: 'e-bike', times: 2, points: 50 },
    { cause: 'open', times: 3, points: 40 },
    { cause: 'other', times: 1, points: 5 },
  ])
  expect((await get(`/quality/fire-safety?siteId=${far.estate}`)).rooms).toMatchObject([{ eBikeCharges: 0, risk: 15 }])
  // what is retired keeps what was found until then, and has nothing open
  const farRooms = async () => (await get(`/quality/fire-safety?siteId=${far.estate}`)).rooms
  await api.operations.updateDevice(far.meter, { retiredAt: api.time.now })
  expect(await farRooms()).toMatchObject([{ open: 0, risk: 5 }])
  await api.operations.updateDevice(far.meter, { retiredAt: 1 })
  expect(await farRooms()).toEqual([])
})
