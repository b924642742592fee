import { curveOf, limitFor, metricFor } from '../duty/curve-data.ts'
import { ApiProblem, get, isForLater, list, NoAnswer, request, send, within } from '../shared/api.ts'
import { crewRoles } from '../shared/roles.ts'
import { findMe, me as signedIn } from '../shared/session.ts'
import type {
  DeviceDetail,
  Me,
  MetricBucket,
  Page,
  Role,
  Runbook,
  SiteDetail,
  Team,
  WorkOrder,
  WorkOrderDetail,
} from '../shared/wire.ts'
import { type Answer, phoneOf, type Queued, shanghaiIso } from './outbox.ts'
import type { Call, CrewAction, CrewOrder, Door, KeptCurve, KeptRunbook } from './wire.ts'

/* An order by the link of its notice or by a session: the same to read, the same to do. */

const dayMs = 86_400_000
const curveStepMs = 300_000
const readWithinMs = 8_000
const pictureWithinMs = 30_000

/** @throws {ApiProblem} @throws {NoAnswer} */
export async function readOrder(door: Door, me: Me | null): Promise<CrewOrder> {
  if (door.type === 'link') return readJson<CrewOrder>(linkPath(door.token, 'order.json'))
  // what one account may read is not kept as another's
  if (me === null || me.accountId !== door.accountId)
    throw new ApiProblem({ code: 'unauthenticated', status: 401, detail: 'Sign in' })
  return readBySession(door.orderId, me)
}

/** What the service says about one action; never throws. */
export async function sendAction(item: Queued): Promise<Answer> {
  const { door, action, key } = item
  const hindrance = door.type === 'link' ? null : await hindranceOf(door.accountId)
  if (hindrance !== null) return hindrance
  try {
    if (item.said.picture !== undefined) await postPicture(item, item.said.picture)
    else if (door.type === 'link') await postByLink(linkPath(door.token, action), bodyOf(item))
    else await request('POST', orderPath(door.orderId, action), { body: bodyOf(item), idempotencyKey: key })
    return { type: 'done' }
  } catch (cause) {
    return answerOf(cause)
  }
}

/** Another window may have signed in as somebody else since: the cookie is theirs then, and so would be the action. */
async function hindranceOf(accountId: string): Promise<Answer | null> {
  try {
    await findMe()
  } catch (cause) {
    return cause instanceof ApiProblem ? { type: 'later', seconds: cause.retryAfterSeconds } : { type: 'none' }
  }
  return signedIn.value?.accountId === accountId ? null : { type: 'signed-out' }
}

/** Its answer is read by nobody; sent again under its key, it says what became of it. */
export function sendOnTheWayOut(item: Queued): void {
  const { door, action, key } = item
  const [url, headers] =
    door.type === 'link'
      ? [linkPath(door.token, action), {}]
      : [`/api/v1${orderPath(door.orderId, action)}`, { 'idempotency-key': key }]
  fetch(url, {
    ...{ method: 'POST', keepalive: true, credentials: 'same-origin', body: JSON.stringify(bodyOf(item)) },
    headers: { 'content-type': 'application/json', ...headers },
  }).catch(() => {})
}

/** A session's key is a header. */
function bodyOf(item: Queued): object {
  const { door, key, said } = item
  const note = said.note !== undefined && { note: said.note }
  return { ...(door.type === 'link' && { key }), ...note, ...said.end, phone: phoneOf(item) }
}

/** The raw bytes, named by when it was taken; the same picture again changes nothing. */
async function postPicture({ door, doneAt }: Queued, picture: Blob): Promise<void> {
  const path = door.type === 'link' ? linkPath(door.token, 'photos') : `/api/v1${orderPath(door.orderId, 'photos')}`
  const { signal, release } = within(pictureWithinMs)
  const asked = { method: 'POST', credentials: 'same-origin', signal, body: picture } as const
  try {
    const response = await fetch(`${path}?name=${encodeURIComponent(shanghaiIso(doneAt))}`, {
      ...asked,
      headers: { 'content-type': picture.type },
    }).catch((cause: unknown) => {
      throw new NoAnswer('No answer', { cause })
    })
    await answerIn(response)
  } finally {
    release()
  }
}

/** A refusal is final; everything else is sent again under the same key. */
export function answerOf(cause: unknown): Answer {
  if (!(cause instanceof ApiProblem)) return { type: 'none' }
  const { code, message: detail, retryAfterSeconds: seconds } = cause
  if (isForLater(cause)) return { type: 'later', seconds }
  return code === 'unauthenticated' ? { type: 'signed-out' } : { type: 'refused', code, detail }
}

/** A day of what tells most about the finding. */
export async function readCurve(door: Door, kept: CrewOrder, now: number): Promise<KeptCurve | null> {
  const metric = metricFor(kept.evidence, kept.last?.values ?? {})
  const { deviceId } = kept.order
  if (metric === undefined || deviceId === null) return null
  const from = now - dayMs
  const { items } =
    door.type === 'link'
      ? await readJson<{ items: MetricBucket[] }>(`${linkPath(door.token, 'curve.json')}?metric=${metric}`)
      : await get<{ items: MetricBucket[] }>(`/devices/${encodeURIComponent(deviceId)}/readings`, {
          ...{ metric, step: curveStepMs / 1_000 },
          ...{ from: new Date(from).toISOString(), to: new Date(now).toISOString() },
        })
  const { times, means, highest } = curveOf(items, from, now, curveStepMs)
  const measured = highest.filter((value) => value !== null)
  return {
    ...{ metric, limit: limitOf(metric, kept.evidence), times, means },
    highest: measured.length === 0 ? null : Math.max(...measured),
    last: newestOf(items, kept.last?.at),
  }
}

/** What is written about the finding. */
export async function readRunbook(door: Door, { order: { finding } }: CrewOrder): Promise<KeptRunbook> {
  // what a person found, or a date asked for, is told in no page
  if (/^(?:manual|maintenance)\//.test(finding)) return { finding, texts: null }
  const asked =
    door.type === 'link'
      ? readJson<Runbook>(linkPath(door.token, 'runbook.json'))
      : get<Runbook>(`/runbooks/${finding}`)
  return { finding, texts: (await asked.catch(noneIfRefused<Runbook>))?.texts ?? null }
}

/**
 * The last value of the newest window. It is as old as what was heard last of the device, if that lies in the window.
 * @param items rising
 */
function newestOf(items: readonly MetricBucket[], heardAt: string | undefined): KeptCurve['last'] {
  const newest = items.at(-1)
  if (newest === undefined || typeof newest.last !== 'number') return null
  const start = Date.parse(newest.at)
  const heard = heardAt === undefined ? start : Date.parse(heardAt)
  return { value: newest.last, at: Math.min(Math.max(start, heard), start + curveStepMs) }
}

/** What must not be passed, rather than what is warned of before. */
function limitOf(metric: string, evidence: CrewOrder['evidence']): number | null {
  const limits = Object.fromEntries(Object.entries(evidence).filter(([name]) => name.startsWith('limit')))
  return limitFor(metric, limits) ?? limitFor(metric, evidence) ?? null
}

/** The open orders of whoever signed in, the most urgent first. */
export async function readMine(me: Me): Promise<WorkOrder[]> {
  const open = await list<WorkOrder>('/work-orders', { state: 'open' })
  const teams = teamIdsOf(me)
  const mine = open.filter(({ teamId }) => teams.length === 0 || (teamId !== null && teams.includes(teamId)))
  const dueOf = ({ arriveBy, arrivedAt }: WorkOrder) =>
    arriveBy === null || arrivedAt !== null ? Number.POSITIVE_INFINITY : Date.parse(arriveBy)
  return mine.sort((one, other) => dueOf(one) - dueOf(other) || one.detectedAt.localeCompare(other.detectedAt))
}

export function teamIdsOf(me: Me): string[] {
  return me.memberships.flatMap(({ scope }) => ('teamId' in scope ? [scope.teamId] : []))
}

async function readBySession(orderId: string, me: Me): Promise<CrewOrder> {
  const detail = await get<WorkOrderDetail>(orderPath(orderId))
  const { deviceId, teamId } = detail
  // what else is told about it may be missing: the order itself is not held up by it
  const maybe = <Found>(path: string) => get<Found>(path).catch(noneIfRefused<Found>)
  const ofDevice =
    deviceId === null ? Promise.resolve(null) : maybe<DeviceDetail>(`/devices/${encodeURIComponent(deviceId)}`)
  const readWhere = async () => readPlaces(detail.siteId ?? (await ofDevice)?.siteId ?? null, maybe)
  const [device, places, teams, past] = await Promise.all([
    ofDevice,
    readWhere(),
    maybe<Page<Team>>('/teams?limit=200'),
    deviceId === null ? null : maybe<Page<WorkOrder>>(`/work-orders?limit=4&deviceId=${encodeURIComponent(deviceId)}`),
  ])
  const nearest = <Value>(of: (place: SiteDetail) => Value | null) =>
    places.map(of).find((value) => value !== null) ?? null
  const rooms = (teams?.items ?? []).filter(({ type }) => type === 'duty-room').slice(0, 1)
  const contacts: Call[] = [
    ...(device?.contacts ?? []),
    ...places.flatMap((place) => place.contacts),
    ...rooms.map(({ name, phone }) => ({ role: 'duty-room' as const, name, phone })),
  ]
  return {
    order: detail,
    evidence: detail.evidence,
    deviceName: device?.name ?? null,
    where: [
      places
        .map(({ name }) => name)
        .reverse()
        .join(' / '),
      nearest(({ address }) => address),
    ]
      .filter(Boolean)
      .join(', '),
    entrance: nearest(({ entrance }) => entrance),
    emergencyPlan: nearest(({ emergencyPlan }) => emergencyPlan),
    contacts: contacts.filter(({ phone }, index) => contacts.findIndex((other) => other.phone === phone) === index),
    teamName: teams?.items.find(({ id }) => id === teamId)?.name ?? teamId,
    actions: actionsOf(me),
    you: { name: me.accountId ?? me.name, teamIds: teamIdsOf(me) },
    lastOrders: (past?.items ?? []).filter(({ id }) => id !== orderId).slice(0, 3),
    last: device?.last ?? null,
  }
}

/** Whoever insures the lift writes and photographs, and takes no order from its crew; a district watches. */
function actionsOf({ roles }: Me): CrewAction[] {
  const isOf = (of: readonly Role[]) => roles.some((role) => of.includes(role))
  if (isOf(crewRoles)) return ['accept', 'arrive', 'restore', 'close', 'tell-passenger', 'ask-for-help', 'note']
  return isOf(['insurer']) ? ['note'] : []
}

function linkPath(token: string, what: string): string {
  return `/o/${encodeURIComponent(token)}/${what}`
}

function orderPath(orderId: string, action?: CrewAction | 'photos'): string {
  return ['/work-orders', encodeURIComponent(orderId), ...(action === undefined ? [] : [action])].join('/')
}

/** The site and all above it, the smallest first. */
async function readPlaces(
  id: string | null,
  read: <Found>(path: string) => Promise<Found | null>,
): Promise<SiteDetail[]> {
  const site = id === null ? null : await read<SiteDetail>(`/sites/${encodeURIComponent(id)}`)
  if (site === null) return []
  const above = Object.values(site.path).filter((other) => other !== id)
  const others = await Promise.all(above.map((other) => read<SiteDetail>(`/sites/${encodeURIComponent(other)}`)))
  const size = ['unit', 'building', 'estate', 'community', 'street', 'district']
  const rest = others.filter((found) => found !== null)
  return [site, ...rest.sort((one, other) => size.indexOf(one.type) - size.indexOf(other.type))]
}

function noneIfRefused<Found>(cause: unknown): Found | null {
  if (cause instanceof ApiProblem && cause.code !== 'unauthenticated') return null
  throw cause
}

async function readJson<Found>(url: string): Promise<Found> {
  return answerIn<Found>(await send('GET', url, { withinMs: readWithinMs }))
}

async function postByLink(url: string, body: object): Promise<void> {
  await answerIn(await send('POST', url, { body }))
}

/** Outside of `/api/v1`; a problem of ours is one here, too. */
async function answerIn<Found>(response: Response): Promise<Found> {
  const text = await response.text().catch((cause: unknown) => {
    throw new NoAnswer('The answer broke off', { cause })
  })
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as Found
  const { status } = response
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  let said: { code?: unknown; detail?: unknown } = {}
  try {
    said = JSON.parse(text)
  } catch {
    // a proxy's page
  }
  const isOurs = typeof said.code === 'string' && typeof said.detail === 'string'
  const problem = isOurs
    ? { code: said.code as ApiProblem['code'], status, detail: said.detail as string }
    : { code: 'unavailable' as const, status, detail: `HTTP ${status}` }
  throw new ApiProblem(problem, Number.isFinite(retryAfter) ? retryAfter : null)
}
