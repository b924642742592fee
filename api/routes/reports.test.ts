import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayMs, hourMs } from '../../core/clock.ts'
import { silentLog } from '../../core/log.ts'
import { createEstateIndices } from '../../quality/estate-index.ts'
import { periodAround } from '../../quality/reports/period.ts'
import { renderReport } from '../../quality/reports/render.ts'
import { createReports, filesKeptMs, type ReportOptions } from '../../quality/reports/reports.ts'
import { waiting } from '../../quality/reports/request.ts'
import { createReview } from '../../quality/review.ts'
import { type Neighbour, settle } from '../../test/neighbour.ts'
import { ofOurPages, operatorToken, startTestApi, type TestApi } from '../../test/test-api.ts'
import { countsAsDone, dueItems } from '../../workorders/maintenance/due-dates.ts'
import { tell } from '../../workorders/notices/notify.ts'

const publicUrl = 'https://liftwatt.example'
let api: TestApi
let own: Neighbour
let far: Neighbour
let sources: Omit<ReportOptions, 'render'>
let reports: ReturnType<typeof createReports>
let insurer: Record<string, string>
let rendered = 0
let counted = 0

beforeAll(async () => {
  api = await startTestApi({ publicUrl })
  const { operations, time } = api
  own = await settle(operations, 'own', time.now)
  far = await settle(operations, 'far', time.now)
  await api.addAccount('ann', [{ role: 'insurer', scope: { teamId: own.insurer } }])
  await api.addAccount('max', [{ role: 'maintainer', scope: { teamId: own.maintainer } }])
  await api.addAccount('fay', [{ role: 'insurer', scope: { teamId: far.insurer } }])
  insurer = await session('ann')
  await operations.insertChannel({
    ...{ id: 'own-channel', type: 'email', name: 'Mail', settings: {}, enabled: true, createdAt: 0 },
  })
  const clock = () => time.now
  const review = createReview({ operations, rules: { countsAsDone, dueItems }, clock })
  sources = {
    ...{ operations, tell, publicUrl, version: '1.2.3', clock, log: silentLog, wakeOutbox: () => {}, review },
    indices: createEstateIndices({ operations, review, clock }),
    figuresCounted: async () => void counted++,
  }
  reports = createReports({
    ...sources,
    async render(report) {
      rendered++
      return renderReport(report, ['csv', 'xlsx']) // pages take longest, and have a test of their own
    },
  })
})
afterAll(() => api?.stop())

async function session(id: string): Promise<Record<string, string>> {
  return { ...ofOurPages, cookie: await api.signIn(id) }
}

async function get(path: string, headers?: Record<string, string>) {
  const answer = await api.send('GET', path, undefined, headers)
  return { status: answer.statusCode, ...answer.json() }
}

async function make(body: object, headers?: Record<string, string>): Promise<string> {
  const asked = await api.send('POST', '/quality/reports', body, headers)
  expect(asked.statusCode, asked.body).toBe(202)
  expect(asked.json()).toMatchObject({ state: 'waiting', summary: null })
  await reports.runOnce()
  return asked.json().id
}

const download = (id: string, name: string, headers?: Record<string, string>) =>
  api.app.inject({
    ...{ method: 'GET', url: `/api/v1/quality/reports/${id}/files/${name}` },
    headers: headers ?? { authorization: `Bearer ${operatorToken}` },
  })

test('a report holds what whoever asked for it sees, and is read by whoever sees as much', async () => {
  api.time.now += 1_000
  const id = await make({ period: '2026-11' }, insurer)
  const report = await get(`/quality/reports/${id}`, insurer)
  expect(report).toMatchObject({ state: 'done', type: 'monthly', from: '2026-10-31T16:00:00.000Z', error: null })
  expect(report.files.map(({ name }: { name: string }) => name)).toEqual([
    ...['liftwatt-2026-11-en.csv', 'liftwatt-2026-11-en.xlsx'],
    ...['liftwatt-2026-11-zh-CN.csv', 'liftwatt-2026-11-zh-CN.xlsx'],
  ])
  const csv = await download(id, 'liftwatt-2026-11-en.csv', insurer)
  expect([csv.statusCode, csv.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8'])
  expect(csv.body).toContain('own-company')
  expect(csv.body).not.toContain('far-')
  const workbook = await download(id, 'liftwatt-2026-11-zh-CN.xlsx', insurer)
  expect(workbook.rawPayload.subarray(0, 2).toString()).toBe('PK')
  expect(csv.body).toContain('estate-index,')
  const ofMaintainer = await make({ period: '2026-11' }, await session('max'))
  expect((await download(ofMaintainer, 'liftwatt-2026-11-en.csv')).body).not.toContain('estate-index')
  for (const name of ['max', 'fay']) {
    const other = await session(name)
    expect((await get(`/quality/reports/${id}`, other)).status).toBe(404)
    const listed = (await get('/quality/reports', other)).items
    expect(listed.map((one: { id: string }) => one.id)).not.toContain(id)
    expect((await download(id, 'liftwatt-2026-11-en.csv', other)).statusCode).toBe(404)
  }
})

test.each(['../../etc/passwd', '%2e%2e%2fetc%2fpasswd', '%2fetc%2fpasswd', 'a%00b', '..%5c..%5c', 'none.pdf', '%'])(
  'a file of the name %s is not there',
  async (name) => {
    const [{ id }] = (await get('/quality/reports', insurer)).items
    expect([400, 404]).toContain((await download(id, name, insurer)).statusCode)
  },
)

test('the same data and as-of give the same bytes', async () => {
  const asOf = new Date(api.time.now - hourMs).toISOString()
  const ids = [await make({ period: '2026-11', asOf })]
  api.time.now += hourMs
  ids.push(await make({ period: '2026-11', asOf }))
  const [one, other] = await Promise.all(ids.map(async (id) => (await get(`/quality/reports/${id}`)).files))
  expect(one).toEqual(other)
  expect(one).toHaveLength(4)
})

test.each([
  [{}, 'period'],
  [{ period: '2026-13' }, 'period'],
  [{ period: '2027-01' }, 'period'],
  [{ period: '2026-11', to: '2026-12-01T00:00:00Z' }, 'period'],
  [{ from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }, 'to'],
  [{ from: '2020-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }, 'to'],
  [{ period: '2026-11', asOf: '2036-01-01T00:00:00Z' }, 'asOf'],
  [{ period: '2026-11', siteId: 'far-house' }, 'siteId'],
])('%j is refused, naming %s', async (body, path) => {
  const answer = await api.send('POST', '/quality/reports', body, insurer)
  expect([answer.statusCode, answer.json().errors?.[0].path]).toEqual([400, path])
})

test('a report about a company that there is not is refused, not made of nothing', async () => {
  const answer = await api.send('POST', '/quality/reports', {
    period: '2026-11',
    insurerId: 'none',
    maintainerId: 'no',
  })
  const paths = answer.json().errors.map(({ path }: { path: string }) => path)
  expect([answer.statusCode, paths]).toEqual([400, ['insurerId', 'maintainerId']])
})

test('a link reads one report without an account until it is revoked, and each use is known', async () => {
  const [{ id }] = (await get('/quality/reports', insurer)).items
  const expiresAt = new Date(api.time.now + dayMs).toISOString()
  const shared = await api.send('POST', `/quality/reports/${id}/shares`, { name: 'Street office', expiresAt }, insurer)
  expect(shared.statusCode, shared.body).toBe(201)
  const { url, id: shareId } = shared.json()
  expect(url).toMatch(/^https:\/\/liftwatt\.example\/r\/[\w-]{43}$/)
  const visit = (path = '') => api.app.inject({ method: 'GET', url: `${new URL(url).pathname}${path}` })

  const page = await visit('?lang=en')
  expect([page.statusCode, page.headers['x-robots-tag']]).toEqual([200, 'noindex, nofollow'])
  expect(page.body).toContain('Monthly quality report')
  expect((await visit('/liftwatt-2026-11-en.csv')).headers['content-type']).toBe('text/csv; charset=utf-8')
  for (const name of ['none.pdf', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', 'liftwatt-2026-11-en.csv%00']) {
    expect((await visit(`/${name}`)).statusCode).toBe(404)
    expect(await get(`/quality/reports/${id}/files/${name}`, insurer)).toMatchObject({ status: 404, code: 'not-found' })
  }
  expect((await api.app.inject({ method: 'GET', url: `/r/${'x'.repeat(43)}` })).statusCode).toBe(404)

  expect((await get(`/quality/reports/${id}/shares`, insurer)).items).toMatchObject([{ id: shareId, uses: 2 }])
  expect((await get(`/audit?subject=${id}&action=report-read`)).items).toMatchObject([
    { data: { name: 'Street office', file: 'liftwatt-2026-11-en.csv', address: '127.0.0.1' } },
  ])
  const foreign = await session('fay')
  expect((await api.send('DELETE', `/quality/report-shares/${shareId}`, undefined, foreign)).statusCode).toBe(404)
  const revoke = () => api.send('DELETE', `/quality/report-shares/${shareId}`, undefined, insurer)
  expect([(await revoke()).statusCode, (await revoke()).statusCode]).toEqual([204, 409])
  expect([(await visit()).statusCode, (await visit('/liftwatt-2026-11-en.csv')).statusCode]).toEqual([404, 404])
})

test('a link stays when its maker is removed, says whose it was, and an operator revokes it', async () => {
  const [{ id }] = (await get('/quality/reports', insurer)).items
  await api.addAccount('leo', [{ role: 'insurer', scope: { teamId: own.insurer } }])
  const body = { name: 'Street office', expiresAt: new Date(api.time.now + dayMs).toISOString() }
  const { url, id: shareId } = (
    await api.send('POST', `/quality/reports/${id}/shares`, body, await session('leo'))
  ).json()
  const visit = async () => (await api.app.inject({ method: 'GET', url: new URL(url).pathname })).statusCode

  expect((await api.send('DELETE', '/accounts/leo')).statusCode).toBe(204)
  expect(await visit()).toBe(200)
  expect((await get('/audit?actor=leo&action=report-shared')).items).toMatchObject([{ subject: id }])
  expect((await get(`/quality/reports/${id}/shares`)).items[0]).toMatchObject({ id: shareId, createdBy: 'leo' })
  await api.send('DELETE', `/quality/report-shares/${shareId}`)
  expect(await visit()).toBe(404)
})

test('a link is over when its time is', async () => {
  const [{ id }] = (await get('/quality/reports', insurer)).items
  const share = (expiresAt: number) =>
    api.send(
      'POST',
      `/quality/reports/${id}/shares`,
      { name: 'x', expiresAt: new Date(expiresAt).toISOString() },
      insurer,
    )
  const { url } = (await share(api.time.now + 1_000)).json()
  const visit = () => api.app.inject({ method: 'GET', url: new URL(url).pathname })
  expect((await visit()).statusCode).toBe(200)
  api.time.now += 1_000
  expect((await visit()).statusCode).toBe(404)
  expect((await share(api.time.now)).statusCode).toBe(400)
  expect((await share(api.time.now + 400 * dayMs)).statusCode).toBe(400)
})

test('after downtime each month that ended is made once, and its recipients get a link', async () => {
  const added = await api.send('POST', '/quality/report-schedules', {
    ...{ type: 'monthly', insurerId: own.insurer, since: '2026-09-15T00:00:00Z' },
    recipients: [{ name: 'Ann', channelId: 'own-channel', address: 'ann@example.org', locale: 'en' }],
  })
  expect(added.statusCode, added.body).toBe(201)
  const scheduleId = added.json().id
  const before = rendered
  await reports.runOnce()
  await reports.runOnce()
  expect(rendered - before).toBe(2)
  const made = await get(`/quality/reports?scheduleId=${scheduleId}`, insurer)
  expect(made.items.map(({ from, state }: { from: string; state: string }) => [from, state])).toEqual([
    ['2026-09-30T16:00:00.000Z', 'done'],
    ['2026-08-31T16:00:00.000Z', 'done'],
  ])
  const { items } = await api.operations.notices({ limit: 10, channelId: 'own-channel' })
  const told = items.filter(({ reason }) => reason === 'report-ready')
  expect(told).toHaveLength(2)
  const { en } = (told[0]?.content.lines ?? { en: [] }) as { en: string[] }
  const page = await api.app.inject({ method: 'GET', url: new URL(en.at(-1) ?? '').pathname })
  expect(page.statusCode).toBe(200)

  const [newest] = (await get('/quality/report-schedules', insurer)).items
  expect(newest).toMatchObject({ id: scheduleId, endedAt: null })
  const others = (await get('/quality/report-schedules', await session('fay'))).items
  expect(others.map(({ createdBy }: { createdBy: string }) => createdBy)).toEqual(['far-account'])
  const end = () => api.send('DELETE', `/quality/report-schedules/${scheduleId}`)
  expect([(await end()).statusCode, (await end()).statusCode]).toEqual([204, 404])
  api.time.now += 40 * dayMs
  await reports.runOnce()
  expect((await get(`/quality/reports?scheduleId=${scheduleId}`)).items).toHaveLength(2)
})

test('a month is not reported on before it has been over for an hour, and not before its figures are counted', async () => {
  const since = new Date(api.time.now).toISOString()
  const added = await api.send('POST', '/quality/report-schedules', { type: 'monthly', insurerId: own.insurer, since })
  const scheduleId = added.json().id
  const made = async () => {
    await reports.runOnce()
    return (await get(`/quality/reports?scheduleId=${scheduleId}`)).items as { asOf: string }[]
  }
  const { from } = periodAround('monthly', api.time.now + 31 * dayMs)
  api.time.now = from + hourMs - 1
  expect(await made()).toEqual([])
  api.time.now += 1
  const before = counted
  const [report] = await made()
  expect(report?.asOf).toBe(new Date(from + hourMs).toISOString())
  expect(counted - before).toBeGreaterThanOrEqual(1)
  await api.send('DELETE', `/quality/report-schedules/${scheduleId}`)
})

test('a schedule for what is not there is refused, naming each', async () => {
  const answer = await api.send('POST', '/quality/report-schedules', {
    ...{ type: 'quarterly', insurerId: 'none', maintainerId: 'nobody', siteId: 'nowhere' },
    recipients: [{ name: 'Ann', channelId: 'nothing' }],
  })
  const paths = answer.json().errors.map(({ path }: { path: string }) => path)
  expect([answer.statusCode, paths]).toEqual([400, ['insurerId', 'maintainerId', 'siteId', 'recipients.0.channelId']])
})

test('what could not be made says why, and does not hold up the next', async () => {
  const failing = createReports({ ...sources, render: () => Promise.reject(new Error('out of paper')) })
  const { id } = (await api.send('POST', '/quality/reports', { period: '2026-Q3' })).json()
  await failing.runOnce()
  expect(await get(`/quality/reports/${id}`)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('the log'),
    files: [],
  })
  await reports.runOnce()
  expect((await get(`/quality/reports/${id}`)).state).toBe('failed')
  const retry = () => api.send('POST', `/quality/reports/${id}/retry`)
  const again = await retry()
  expect([again.statusCode, again.json()]).toMatchObject([202, { state: 'waiting', error: null, endedAt: null }])
  await reports.runOnce()
  expect(await get(`/quality/reports/${id}`)).toMatchObject({ state: 'done', error: null })
  expect((await retry()).statusCode).toBe(409)
  expect((await get(`/audit?subject=${id}&action=report-retried`)).items).toHaveLength(1)
})

test('files of more than five years ago are removed; the report, their names and their hashes stay', async () => {
  const { operations, time } = api
  const asked = { type: 'custom', from: 0, to: dayMs, asOf: null, filter: {}, sight: 'everything' } as const
  const { id, ...report } = waiting(asked, { requestedBy: 'x', requestedAt: 0 })
  await operations.insertReport({ id, ...report })
  const file = { name: 'old.csv', format: 'csv', locale: 'en', sha256: 'a1b2', content: Buffer.from('old') } as const
  const made = { asOf: 0, endedAt: time.now - filesKeptMs, sealed: null, summary: { en: ['Said'], 'zh-CN': ['Said'] } }
  await operations.finishReport(id, { ...made, files: [file] })
  await reports.runOnce()
  expect((await download(id, 'old.csv')).body).toBe('old')
  time.now += 1
  await reports.runOnce()
  const gone = await download(id, 'old.csv')
  expect([gone.statusCode, gone.json().detail]).toEqual([404, expect.stringMatching(/old\.csv was removed on .*a1b2/)])
  expect(await get(`/quality/reports/${id}`)).toMatchObject({
    summary: { en: ['Said'] },
    files: [{ name: 'old.csv', sha256: 'a1b2', removedAt: new Date(time.now).toISOString() }],
  })
})

test('whoever asks for one report after the other waits for their own, and keeps nobody else waiting', async () => {
  const ask = (headers?: Record<string, string>) => api.send('POST', '/quality/reports', { period: '2026-10' }, headers)
  const ann = await session('ann')
  const asked = [await ask(ann), await ask(ann), await ask(ann), await ask(ann)]
  expect(asked.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202, 503])
  expect(asked[3]?.json().detail).toBe('3 reports of yours are waiting already')
  const other = await ask()
  expect(other.statusCode).toBe(202)
  for (const { id } of await api.operations.waitingReports(9)) await api.operations.failReport(id, 'x', api.time.now)
})
