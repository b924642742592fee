import { randomUUID } from 'node:crypto'
import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Membership, Role } from '../core/account.ts'
import { dayMs, hourMs } from '../core/clock.ts'
import { testIncident } from '../test/fixtures/rows.ts'
import { type Neighbour, settle } from '../test/neighbour.ts'
import { allRoutes, operatorToken, startTestApi, type TestApi } from '../test/test-api.ts'

/*
 * Every route × every role × what is theirs, what is somebody else's and what does not exist. What is allowed stands here a second
 * time, on its own: a route that is not in this table fails the test.
 */

/**
 * Who may call a route beside operators of all there is: an operator of some sites, a duty room, the district, an installer, a
 * technician, a maintainer, an insurer. `-` is nobody.
 */
const table = `
GET    /devices                      o d r i t m s
POST   /devices                      o i
GET    /devices/:id                  o d r i t m s
PATCH  /devices/:id                  o i
DELETE /devices/:id                  o i
GET    /devices/:id/health           o d r i t m s
GET    /devices/:id/history          o i
GET    /devices/:id/loads            o d r i t m s
GET    /devices/:id/maintenance      o d r t m s
PUT    /devices/:id/maintenance/regime  o
GET    /devices/:id/readings         o d r i t m s
GET    /devices/:id/visits           o d r t m s
POST   /devices/:id/visits           o t m
GET    /visits                       o d r t m s
GET    /visits/:id                   o d r t m s
POST   /visits/import                -
GET    /visits/:id/readings           o d r t m s
GET    /visits/:id/objection          o d r t m s
POST   /visits/:id/objection          o t m
POST   /visits/:id/objection/note     o t m
POST   /visits/:id/objection/photos   o t m
POST   /visits/:id/objection/decide   o s
GET    /objections                    o d r t m s
GET    /contracts                     o m s
POST   /contracts                     -
GET    /contracts/:id                 o m s
PATCH  /contracts/:id                 -
GET    /contracts/:id/devices         o m s
GET    /contracts/:id/history         -
GET    /devices/:id/parties           o r m s
GET    /teams/:id/portfolio           o m s
GET    /overhauls                     o r m s
POST   /overhauls                     o m
GET    /overhauls/under-repair        o r m s
GET    /overhauls/:id                 o r m s
POST   /overhauls/:id/decide          o s
POST   /overhauls/:id/done            o m
GET    /erasures                      -
POST   /erasures                      -
POST   /erasures/preview              -
GET    /erasures/:id                  -
GET    /sites                        o d r i t m s
POST   /sites                        o i
GET    /sites/:id                    o d r i t m s
PATCH  /sites/:id                    o i
DELETE /sites/:id                    o
GET    /sites/:id/health             o d r
GET    /sites/:id/history            o
GET    /sites/export                 o r
POST   /import                       -
GET    /gateways                     o i
POST   /gateways                     o i
GET    /gateways/:id                 o i
DELETE /gateways/:id                 o i
POST   /gateways/:id/rotate          o i
GET    /gateways/:id/mapping         o i
PUT    /gateways/:id/mapping         o i
POST   /gateways/:id/mapping/try     o i
GET    /quarantine                   o i
GET    /audit                        -
GET    /labels                       o i
GET    /incidents                    o d r t m s
POST   /incidents                    -
POST   /incidents/alertmanager       -
GET    /incidents/:id                o d r t m s
GET    /incidents/:id/explanation    o d r t m s
POST   /incidents/:id/acknowledge    o d
GET    /work-orders                  o d r t m s
POST   /work-orders                  o d
GET    /work-orders/export           o d r t m s
POST   /work-orders/import           -
GET    /work-orders/:id              o d r t m s
GET    /work-orders/:id/evidence     o d r t m s
POST   /work-orders/:id/photos       o d t m s
POST   /work-orders/:id/note         o d t m s
POST   /work-orders/:id/acknowledge  o d
POST   /work-orders/:id/accept       o d t m
POST   /work-orders/:id/arrive       o d t m
POST   /work-orders/:id/restore      o d t m
POST   /work-orders/:id/tell-passenger  o d t m
POST   /work-orders/:id/ask-for-help o d t m
POST   /work-orders/:id/inspect      o d s
POST   /work-orders/:id/dealt-with   o d
POST   /work-orders/:id/reassign     o d
POST   /work-orders/:id/merge        o d
POST   /work-orders/:id/close        o d t m
POST   /work-orders/:id/cancel       o d
POST   /work-orders/:id/follow-up    o d
GET    /evidence/:sha256             o d r t m s
GET    /verify                       -
GET    /verify/head                  -
GET    /quality/indices              o r s
GET    /quality/indices/:id          o r s
PUT    /quality/index-weights        -
GET    /quality/fire-safety          o r s
GET    /quality/kpis                 o r m s
GET    /quality/kpis/:kpi/cases      o r m s
GET    /quality/kpis/:kpi/months     o r m s
GET    /work-orders/:id/corrections  o d r t m s
POST   /work-orders/:id/corrections  o
GET    /quality/inspections          o m s
GET    /quality/inspections/export   o m s
POST   /quality/inspections/import   -
POST   /quality/inspections          o s
GET    /quality/inspections/:id      o m s
POST   /quality/inspections/:id/start         o s
POST   /quality/inspections/:id/score         o s
POST   /quality/inspections/:id/photos        o s
GET    /quality/inspections/:id/photos/:photo o m s
POST   /quality/inspections/:id/finish        o s
POST   /quality/inspections/:id/not-possible  o s
GET    /quality/samples               o m s
GET    /quality/samples/:id           o m s
GET    /quality/samples/:id/elevators o m s
PUT    /quality/samples/:id/public-value  o s
GET    /quality/risk-lists            o s
GET    /quality/inspection-plans      o s
PUT    /quality/inspection-plans/:id  o s
GET    /quality/reports              o r m s
POST   /quality/reports              o r m s
GET    /quality/reports/:id          o r m s
POST   /quality/reports/:id/retry    o r m s
GET    /quality/reports/:id/files/:name  o r m s
GET    /quality/reports/:id/shares   o s
POST   /quality/reports/:id/shares   o s
DELETE /quality/report-shares/:id    o s
GET    /quality/report-schedules     o s
POST   /quality/report-schedules     -
DELETE /quality/report-schedules/:id -
GET    /suppressions                 o d r i t m s
POST   /suppressions                 o d
GET    /suppressions/:id             o d r i t m s
POST   /suppressions/:id/end         o d
GET    /duty-log                     o d r
POST   /duty-log                     o d
GET    /duty-log/export              o d r
POST   /duty-log/:id/take-over       o d
GET    /teams                        o d r t m s
POST   /teams                        -
GET    /teams/:id                    o d r t m s
PATCH  /teams/:id                    -
DELETE /teams/:id                    -
GET    /teams/:id/roster             o d r t m s
PUT    /teams/:id/roster             -
POST   /teams/:id/roster/swaps       -
GET    /teams/:id/on-duty            o d r t m s
GET    /on-duty                      o d r t m s
GET    /members                      o d r t m s
POST   /members                      -
GET    /members/:id                  o d r t m s
PATCH  /members/:id                  -
DELETE /members/:id                  -
GET    /notices                      o d
GET    /notices/:id                  o d
POST   /notices/:id/retry            -
GET    /stream                       o d r t m s
GET    /channels                     -
POST   /channels                     -
GET    /channels/:id                 -
PATCH  /channels/:id                 -
DELETE /channels/:id                 -
POST   /channels/:id/test            -
GET    /plans                        -
GET    /plans/:id                    -
GET    /plans/:id/history            -
PUT    /plans/:id                    -
DELETE /plans/:id                    -
GET    /rules                        -
GET    /rules/:kind/:name            -
GET    /rules/:kind/:name/changes    -
POST   /rules/:kind/:name/changes    -
POST   /rules/:kind/:name/backtest   -
GET    /backtests/:id                -
POST   /backtests/:id/cancel         -
GET    /accounts                     -
POST   /accounts                     -
GET    /accounts/:id                 -
PATCH  /accounts/:id                 -
DELETE /accounts/:id                 -
POST   /accounts/:id/invitation      -
GET    /accounts/:id/sessions        -
DELETE /accounts/:id/sessions        -
DELETE /accounts/:id/sessions/:keyId -
GET    /accounts/:id/tokens          -
POST   /accounts/:id/tokens          -
DELETE /accounts/:id/tokens/:keyId   -
`

const viewers = {
  ...{ o: 'operator', d: 'duty-room', r: 'district', i: 'installer' },
  ...{ t: 'technician', m: 'maintainer', s: 'insurer' },
} as const satisfies Record<string, Role>
type Letter = keyof typeof viewers
const letters = Object.keys(viewers) as Letter[]

/** For everyone, whoever they are; and what everyone with an account has of their own. */
const open =
  /^\/(docs.*|healthz|readyz|metrics|openapi\.json|[or]\/:token.*|l\/:code.*|join\/:secret|console.*|api\/v1\/sign-in)?$/
const ofEveryone = /^\/(me|me\/.*|sign-out|service|runbooks\/.*|quality\/templates.*|quality\/definitions)$/

let api: TestApi
let routes: { method: string; path: string }[]
let own: Neighbour & { sha256: string }
let far: Neighbour & { sha256: string }
const tokens = new Map<string, string>()

beforeAll(async () => {
  api = await startTestApi()
  own = await withPhoto(await settle(api.operations, 'own', api.time.now))
  far = await withPhoto(await settle(api.operations, 'far', api.time.now))
  for (const { device, site } of [own, far]) await addStandingWarning(device, site)
  for (const letter of letters) await addWithToken(`a-${letter}`, membershipOf(letter))
  await addWithToken('everywhere', { role: 'operator', scope: { sites: [] } })
  routes = allRoutes(api.app).flatMap(({ method, path }) => {
    const isOurs = path.startsWith('/api/v1') && !open.test(path) && !ofEveryone.test(path.slice('/api/v1'.length))
    return isOurs ? [{ method, path: path.slice('/api/v1'.length) }] : []
  })
})
afterAll(() => api?.stop())

function membershipOf(letter: Letter): Membership {
  const team = { t: own.crew, m: own.maintainer, s: own.insurer }[letter as string]
  const role = viewers[letter]
  if (team !== undefined) return { role, scope: { teamId: team } } as Membership
  return { role, scope: { sites: [own.district] } } as Membership
}

async function addWithToken(id: string, membership: Membership): Promise<void> {
  await api.send('POST', '/accounts', { id, name: id, memberships: [membership] })
  const expiresAt = new Date(api.time.now + 300 * dayMs).toISOString()
  const made = await api.send('POST', `/accounts/${id}/tokens`, { name: 'walk', expiresAt })
  tokens.set(id, made.json().secret)
}

/** One that is old enough to be asked about. */
async function addStandingWarning(deviceId: string, siteId: string): Promise<void> {
  const place = { gatewayId: null, feederId: null, siteId, path: {} }
  const found = {
    finding: 'elevator/door-close-drift',
    severity: 'warning',
    detectedAt: api.time.now - 40 * dayMs,
  } as const
  const { orderId: _, ...incident } = testIncident({ deviceId, place, ...found })
  await api.operations.insertIncident({ ...incident, followed: null })
}

async function withPhoto(neighbour: Neighbour) {
  const payload = jpeg(neighbour.name)
  const headers = { authorization: `Bearer ${operatorToken}`, 'content-type': 'image/jpeg' }
  const url = `/api/v1/work-orders/${neighbour.order}/photos`
  const added = await api.app.inject({ method: 'POST', url, payload, headers })
  const ofInspection = `/api/v1/quality/inspections/${neighbour.inspection}/photos`
  await api.app.inject({ method: 'POST', url: ofInspection, payload, headers })
  return { ...neighbour, sha256: added.json().sha256 as string }
}
const jpeg = (text: string) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from(text)])

/** What an id of a path names, by the word before it; absent = something that is for operators of all there is anyway. */
function idOf(path: string, of: Neighbour & { sha256: string }): string | undefined {
  if (path.endsWith('/loads')) return of.meter
  const word = /^\/(?:quality\/)?([a-z-]+)\/:/.exec(path)?.[1] ?? ''
  return {
    ...{ devices: of.device, sites: of.site, gateways: of.gateway, incidents: of.incident, evidence: of.sha256 },
    ...{ 'work-orders': of.order, suppressions: of.suppression, visits: of.visit, notices: of.notice },
    ...{ teams: of.crew, members: of.member, 'duty-log': of.dutyEntry },
    ...{ indices: of.estate, contracts: of.policy, overhauls: of.overhaul },
    ...{ inspections: of.inspection, samples: of.sample, 'inspection-plans': of.insurer },
    ...{ reports: of.report, 'report-shares': of.reportShare },
  }[word]
}

/** What a technician's company has of people is not the crew. */
function ofTheirs(path: string, letter: Letter): string | undefined {
  if (letter !== 'm' && letter !== 's') return idOf(path, own)
  const team = letter === 'm' ? own.maintainer : own.insurer
  if (path.startsWith('/teams/')) return team
  if (path.startsWith('/quality/reports/')) return letter === 'm' ? own.reportOfMaintainer : own.reportOfInsurer
  if (path.startsWith('/quality/report-shares/')) return own.reportShareOfInsurer
  if (path.startsWith('/contracts/')) return letter === 'm' ? own.maintenance : own.policy
  return path.startsWith('/members/') ? `${team}-member` : idOf(path, own)
}

function noneOf(path: string): string {
  if (path.startsWith('/evidence')) return 'f'.repeat(64)
  return /^[0-9a-f-]{36}$/.test(idOf(path, own) ?? '') ? randomUUID() : 'none'
}

const anyMapping = { rules: [{ topic: '{device}', time: 'receipt', metrics: { watts: { path: '$.p' } } }] }

/** Where a body is asked for, one that is right: a wrong one is refused before anyone looks for what it is about. */
function bodyOf(method: string, path: string): object | undefined {
  const at = (hoursAgo: number) => new Date(api.time.now - hoursAgo * hourMs).toISOString()
  const bodies: Readonly<Record<string, object>> = {
    'PATCH /devices/:id': { name: 'x' },
    'PATCH /sites/:id': { name: 'x' },
    'PUT /devices/:id/maintenance/regime': { type: 'calendar' },
    'POST /devices/:id/visits': { items: ['year'], startedAt: at(2), endedAt: at(1) },
    'PUT /gateways/:id/mapping': { mapping: null, version: 0, reason: 'x' },
    'POST /gateways/:id/mapping/try': { mapping: anyMapping },
    'POST /quality/inspections/:id/score': { findings: [{ item: 'brake', result: 'ok' }] },
    'POST /quality/inspections/:id/not-possible': { reason: 'x' },
    'POST /quality/reports/:id/shares': { name: 'x', expiresAt: at(-1) },
    'PUT /quality/samples/:id/public-value': { publicValue: 'x' },
    'PUT /quality/inspection-plans/:id': { quarterly: true, monthlyShare: 0.1, unannouncedPerMonth: 1 },
    'POST /duty-log/:id/take-over': { name: 'x' },
    'POST /visits/:id/objection': { reason: 'x' },
    'POST /visits/:id/objection/note': { note: 'x' },
    'POST /visits/:id/objection/decide': { decision: 'rejected', reason: 'x' },
    'POST /work-orders/:id/corrections': { causeClass: 'people', outcome: 'serviced', reason: 'x' },
    'POST /overhauls/:id/decide': { decision: 'approved', reason: 'x' },
    'POST /work-orders/:id/note': { note: 'x' },
    'POST /work-orders/:id/reassign': { teamId: own.maintainer },
    'POST /work-orders/:id/merge': { intoId: own.meterOrder, reason: 'x' },
    'POST /work-orders/:id/close': { outcome: 'false-alarm' },
    'POST /work-orders/:id/cancel': { reason: 'x' },
  }
  return bodies[`${method} ${path}`]
}

async function ask(viewer: string, method: string, path: string, id?: string): Promise<LightMyRequestResponse> {
  api.time.now += 1_000
  const isPhoto = path.endsWith('/photos')
  const url = `/api/v1${
    id === undefined
      ? path.replace(':kpi', 'closure-rate')
      : path
          .replace(/:(id|sha256)/, id)
          .replace(':photo', own.sha256)
          .replace('/:name', '/figures.csv')
  }`
  const body = isPhoto ? jpeg(own.name) : bodyOf(method, path)
  const authorization = `Bearer ${tokens.get(viewer)}`
  const headers = { authorization, ...(isPhoto && { 'content-type': 'image/jpeg' }) }
  const query = `${method} ${path}` === 'DELETE /devices/:id' ? { reason: 'gone' } : {}
  combinations += 1
  return api.app.inject({ method: method as 'GET', url, query, headers, ...(body && { payload: body }) })
}
let combinations = 0

const allowed = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [method = '', path = '', ...who] = line.split(/\s+/)
      return [`${method} ${path}`, who.filter((letter) => letter !== '-') as Letter[]]
    }),
)
const rowOf = ({ method, path }: { method: string; path: string }) =>
  allowed.get(`${method === 'HEAD' ? 'GET' : method} ${path}`)

/** What is answered, without what it was asked for. */
const told = (answer: LightMyRequestResponse, id: string) =>
  [answer.statusCode, answer.body.replaceAll(id, '…').replace(/"requestId":"[^"]*"/, '')] as const

test('every route stands in the table, and nothing else does', () => {
  const known = new Set(routes.map(({ method, path }) => `${method} ${path}`))
  expect(routes.filter((route) => rowOf(route) === undefined)).toEqual([])
  expect([...allowed.keys()].filter((row) => !known.has(row))).toEqual([])
})

test('of every route × every role, what is theirs is answered, what is not theirs is not there, and the rest is refused', async () => {
  const wrong: string[] = []
  const foreign = [...Object.values(far), 'far-'].filter((id) => id !== 'far')
  for (const letter of letters) {
    for (const route of routes) {
      const { method, path } = route
      if (path === '/stream') continue // it never ends; see below
      const say = (what: string, answer: LightMyRequestResponse) =>
        wrong.push(`${viewers[letter]} ${method} ${path} ${what}: ${answer.statusCode} ${answer.body.slice(0, 200)}`)
      const scopedId = idOf(path, own)
      const isHead = method === 'HEAD' // the same route as its GET
      const filled = path.replace(/:keyId/, 'k'.repeat(22)).replace(/:(id|kind|name)/g, 'x')

      if (!rowOf(route)?.includes(letter)) {
        const refused = await ask(`a-${letter}`, method, filled)
        if (refused.statusCode !== 403) say('is not for them', refused)
        continue
      }
      if (scopedId === undefined) {
        const answer = await ask(`a-${letter}`, method, path)
        if ([401, 403, 404].includes(answer.statusCode) || answer.statusCode >= 500) say('is for them', answer)
        const isOfInsurersAlone = letter === 'o' && /\/(inspection-plans|risk-lists)$/.test(path)
        if (method === 'GET' && answer.body.includes('own-') === isOfInsurersAlone)
          say('shows what is not theirs, or nothing that is', answer)
        if (foreign.some((id) => answer.body.includes(id))) say('shows what is foreign', answer)
        continue
      }
      const theirId = idOf(path, far) ?? ''
      const theirs = await ask(`a-${letter}`, method, path, theirId)
      if (theirs.statusCode !== 404) say('is foreign', theirs)
      if (isHead) continue
      const noId = noneOf(path)
      const none = await ask(`a-${letter}`, method, path, noId)
      expect(told(theirs, theirId), `${viewers[letter]} ${method} ${path}`).toEqual(told(none, noId))
      const answer = await ask(`a-${letter}`, method, path, ofTheirs(path, letter))
      const { statusCode } = answer
      // an order that has gone on refuses a step, and so does a house that is not empty
      const isAnswered = statusCode < 400 || statusCode === 409 || (method === 'DELETE' && statusCode === 400)
      if (!isAnswered) say('is theirs', answer)
      if (foreign.some((id) => answer.body.includes(id))) say('shows what is foreign', answer)
    }
  }
  expect(wrong).toEqual([])
})

test('an operator of all there is may call every one of them', async () => {
  const refused: string[] = []
  for (const { method, path } of routes) {
    if (path === '/stream') continue
    const filled = path.replace(/:keyId/, 'k'.repeat(22)).replace(/:\w+/g, 'x')
    const { statusCode } = await ask('everywhere', method, filled)
    if (statusCode === 401 || statusCode === 403) refused.push(`${method} ${path}`)
  }
  expect(refused).toEqual([])
  expect(combinations).toBeGreaterThan(1_500)
  console.log(`${combinations} combinations of route, role and own, foreign or missing object`)
})
