import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hourMs, minuteMs } from '../../core/clock.ts'
import { startTestApi, type TestApi } from '../../test/test-api.ts'

let api: TestApi
/** By account: what it sends as. */
const headersOf = new Map<string, Record<string, string>>()

beforeAll(async () => {
  api = await startTestApi()
  for (const id of ['xihu', 'gongshu']) await made('/sites', { id, type: 'district', name: id })
  await made('/sites', { id: 'dongyuan', type: 'estate', name: '东苑', parentId: 'xihu' })
  await made('/sites', { id: 'cuiyuan', type: 'estate', name: '翠苑', parentId: 'xihu' })
  await addAccount('duty', 'duty-room', ['xihu'])
  await addAccount('two-estates', 'duty-room', ['dongyuan', 'cuiyuan'])
  await addAccount('street', 'district', ['xihu'])
  await addAccount('others', 'duty-room', ['gongshu'])
})
afterAll(() => api?.stop())

async function made(path: string, body: object): Promise<Record<string, string>> {
  const answer = await api.send('POST', path, body)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json()
}

async function addAccount(id: string, role: string, sites: string[]): Promise<void> {
  await made('/accounts', { id, name: `Name of ${id}`, memberships: [{ role, scope: { sites } }] })
  const expiresAt = new Date(api.time.now + 100 * hourMs).toISOString()
  const { secret } = await made(`/accounts/${id}/tokens`, { name: 'test', expiresAt })
  headersOf.set(id, { authorization: `Bearer ${secret}` })
}

const get = (who: string, path: string) => api.send('GET', path, undefined, headersOf.get(who))
const post = (who: string, path: string, body: object, key?: string) =>
  api.send('POST', path, body, { ...headersOf.get(who), ...(key && { 'idempotency-key': key }) })

const handover = { type: 'handover', text: '东苑 3 幢电梯停用，等配件', name: '陈' }

test('a handover waits for the next shift, is taken over once by somebody with a name, and stays in the log', async () => {
  const written = await post('duty', '/duty-log', handover, 'shift-1')
  expect(written.statusCode).toBe(201)
  const entry = written.json()
  expect(entry).toMatchObject({ ...handover, siteId: 'xihu', writtenBy: 'duty', at: '2026-11-24T08:00:00.000Z' })
  expect((await post('duty', '/duty-log', handover, 'shift-1')).json()).toEqual(entry)
  expect((await get('duty', '/duty-log?waiting=true')).json().items).toEqual([entry])

  api.time.now += 10 * minuteMs
  const taken = await post('duty', `/duty-log/${entry.id}/take-over`, { name: '林' })
  expect(taken.json()).toEqual({
    ...entry,
    ...{ takenOverAt: '2026-11-24T08:10:00.000Z', takenOverName: '林', takenOverBy: 'duty' },
  })
  const again = await post('duty', `/duty-log/${entry.id}/take-over`, { name: '王' })
  expect([again.statusCode, again.json().code]).toEqual([409, 'already-done'])
  expect(again.json().detail).toContain('林')
  expect((await get('duty', '/duty-log?waiting=true')).json().items).toEqual([])
  expect((await get('duty', '/duty-log')).json().items).toEqual([taken.json()])
})

test('nobody changes or deletes what stands there, whatever program they use', async () => {
  const { id } = (await post('duty', '/duty-log', handover)).json()
  const client = new pg.Client(api.connection)
  await client.connect()
  const refused = (statement: string) =>
    expect(client.query(`${statement} where id = '${id}'`), statement).rejects.toThrow('is not changed')
  await refused(`update duty_log set text = 'nothing happened'`)
  await refused('delete from duty_log')
  await post('duty', `/duty-log/${id}/take-over`, { name: '林' })
  await refused(`update duty_log set taken_over_name = '王'`)
  await client.end()
})

test('of two who take over at once, one is told that the other did', async () => {
  const { id } = (await post('duty', '/duty-log', handover)).json()
  const answers = await Promise.all(['林', '王'].map((name) => post('duty', `/duty-log/${id}/take-over`, { name })))
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409])
})

test('a remark is nothing to take over, and what nobody wrote is not there', async () => {
  const { id } = (await post('duty', '/duty-log', { type: 'note', text: '电话线路检修', name: '陈' })).json()
  expect((await get('duty', '/duty-log?waiting=true')).json().items).toEqual([])
  expect((await post('duty', `/duty-log/${id}/take-over`, { name: '林' })).json().code).toBe('order-state')
  expect((await post('duty', `/duty-log/${randomUUID()}/take-over`, { name: '林' })).statusCode).toBe(404)
  expect((await post('duty', '/duty-log', { ...handover, name: ' ' })).statusCode).toBe(400)
})

test('it is seen by those who answer for the place, and by nobody else', async () => {
  const { id } = (await post('duty', '/duty-log', { ...handover, siteId: 'dongyuan' })).json()
  const everywhere = await api.send('POST', '/duty-log', { ...handover, text: 'all districts' })
  expect(everywhere.json().siteId).toBeNull()
  const seenBy = async (who: string) => [
    ...new Set((await get(who, '/duty-log')).json().items.map(({ siteId }: { siteId: string }) => siteId)),
  ]
  expect(await seenBy('street')).toEqual(['dongyuan', 'xihu'])
  expect(await seenBy('two-estates')).toEqual(['dongyuan'])
  expect(await seenBy('others')).toEqual([])
  expect((await post('others', `/duty-log/${id}/take-over`, { name: 'x' })).statusCode).toBe(404)
  expect((await post('street', '/duty-log', handover)).statusCode).toBe(403)

  const errors = async (who: string, siteId?: string) =>
    (await post(who, '/duty-log', { ...handover, ...(siteId && { siteId }) })).json().errors
  expect(await errors('two-estates')).toMatchObject([{ path: 'siteId' }])
  expect(await errors('others', 'dongyuan')).toMatchObject([{ path: 'siteId', message: 'there is no site dongyuan' }])
  const nowhere = await api.send('POST', '/duty-log', { ...handover, siteId: 'none' })
  expect([nowhere.statusCode, nowhere.json().detail]).toEqual([400, 'siteId: there is no site none'])
})

test('other screens of the same places learn at once that something is handed over, and taken over', async () => {
  const head = await api.operations.streamHead()
  const { id } = (await post('duty', '/duty-log', { ...handover, siteId: 'dongyuan' })).json()
  await post('duty', '/duty-log', { type: 'note', text: '电话线路检修', name: '陈' })
  await post('duty', `/duty-log/${id}/take-over`, { name: '林' })
  // what is written elsewhere in the database at this moment holds it up, and what was handed over before as well
  const toldOfIt = async () => (await api.operations.streamAfter(head, 1_000)).filter(({ subject }) => subject === id)
  await expect.poll(toldOfIt).toHaveLength(2)
  const told = await toldOfIt()
  expect(told.map(({ type, subject, data }) => [type, subject, data])).toEqual([
    ['handover.written', id, {}],
    ['handover.taken-over', id, {}],
  ])
  const concerned = await api.operations.concernedBy(told)
  for (const event of told) {
    expect(concerned.get(event.id)?.sites.toSorted()).toEqual(['dongyuan', 'xihu'])
  }
})

test('the log of a shift is one file, in order of time: what was written and what was done; no cell of it is a formula', async () => {
  api.time.now += hourMs
  const from = new Date(api.time.now).toISOString()
  const order = await made('/work-orders', {
    siteId: 'dongyuan',
    summary: '=HYPERLINK("http://x")',
    severity: 'urgent',
  })
  const act = async (action: string, body: object) => {
    api.time.now += minuteMs
    expect((await post('duty', `/work-orders/${order.id}/${action}`, body)).statusCode).toBe(200)
  }
  await act('acknowledge', { verified: 'drill' })
  await act('note', { note: '@SUM(A1), "quoted"\nsecond line' })
  api.time.now += minuteMs
  const { id } = (await post('duty', '/duty-log', { ...handover, text: '-1+1' })).json()
  api.time.now += minuteMs
  await post('duty', `/duty-log/${id}/take-over`, { name: '+林' })
  const to = new Date(api.time.now + 1).toISOString()

  const answer = await get('duty', `/duty-log/export?from=${from}&to=${to}`)
  expect([answer.headers['content-type'], answer.headers['content-disposition']]).toEqual([
    'text/csv; charset=utf-8',
    'attachment; filename="duty-log.csv"',
  ])
  const place = `dongyuan,,${order.id},${order.finding}`
  const summary = `"'=HYPERLINK(""http://x"")"`
  expect(answer.body.split('\r\n').map((line) => line.replace(/^[^,]*,[^,]*,/, ''))).toEqual([
    'type,who,site_id,device_id,order_number,fault,text,said',
    `raised,liftwatt,${place},${summary},`,
    `noted,operator,${place},${summary},open-by-hand`,
    `acknowledged,Name of duty,${place},${summary},drill`,
    `noted,Name of duty,${place},${summary},"'@SUM(A1), ""quoted""\nsecond line"`,
    "handover,陈,xihu,,,,'-1+1,",
    "taken-over,'+林,xihu,,,,'-1+1,",
    '',
  ])
  expect(answer.body).toContain('\r\n2026-11-24 17:11:00,2026-11-24T09:11:00.000Z,acknowledged,')
  expect((await get('others', `/duty-log/export?from=${from}&to=${to}`)).body).not.toContain('dongyuan')
  expect((await get('duty', `/duty-log/export?from=${from}&to=${from}`)).body.trim().split('\r\n')).toHaveLength(1)
})

test('a long log is read page by page, and every line of it once', async () => {
  api.time.now += hourMs
  const from = api.time.now
  for (let index = 0; index < 7; index += 1) {
    api.time.now += index % 3 // several lines of one moment
    await post('duty', '/duty-log', { ...handover, text: `line ${index}` })
  }
  const texts: string[] = []
  let after: string | undefined
  do {
    const period = { from, to: api.time.now + 1, limit: 2 }
    const page = await api.operations.dutyLines({ ...period, ...(after && { after }) })
    texts.push(...page.items.map(({ text }) => text))
    after = page.nextCursor ?? undefined
  } while (after !== undefined)
  expect(texts).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `line ${index}`))

  const first = (await get('duty', `/duty-log?limit=3&from=${new Date(from).toISOString()}`)).json()
  const second = (
    await get('duty', `/duty-log?limit=9&from=${new Date(from).toISOString()}&cursor=${first.nextCursor}`)
  ).json()
  expect([...first.items, ...second.items].map(({ text }) => text)).toEqual([...texts].reverse())
})
