import { connectAsync } from 'mqtt'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { eventually, type ServiceUnderTest } from './service.ts'
import { goodPassword } from './test-api.ts'

/*
 * An insurer's portfolio of two companies with three elevators each. Both claim six visits: at those of the good one people worked on the
 * elevator, at those of the bad one nothing moved. Somebody was trapped in an elevator of the bad one, and its crew came late.
 */

export const companies = { good: '安恒电梯', bad: '宏达电梯' }
/** Long enough for what was claimed. */
const visitMinutes = 40
const aroundMinutes = 15

export interface InsurerScene {
  /** Of the bad company; nothing moved. */
  readonly visitId: string
  readonly overhaulId: string
}

export async function furnishPortfolio(service: ServiceUnderTest): Promise<InsurerScene> {
  const { api } = service
  const add = <T = { id: string }>(path: string, body: object) => api<T>('POST', path, body)
  await add('/sites', { id: 'xihu', type: 'district', name: '西湖区' })
  await add('/sites', { id: 'dongyuan', type: 'estate', name: '东苑', parentId: 'xihu' })
  await add('/teams', { id: 'lakeside', type: 'insurer-inspector', name: '湖畔财险' })
  await add('/teams', { id: 'good', type: 'maintainer', name: companies.good })
  await add('/teams', { id: 'bad', type: 'maintainer', name: companies.bad })
  const { password } = await add<{ password: string }>('/gateways', { id: 'gw-7' })
  for (const [company, letter] of [
    ['good', 'a'],
    ['bad', 'b'],
  ]) {
    const ids = [1, 2, 3].map((number) => `elv-${letter}${number}`)
    for (const id of ids) {
      await add('/devices', {
        id,
        kind: 'elevator',
        gatewayId: 'gw-7',
        siteId: 'dongyuan',
        name: `电梯 ${id.slice(4)}`,
      })
    }
    const devices = ids.map((deviceId) => ({ deviceId }))
    const validFrom = iso(Date.now() - 60 * dayMs)
    await add('/contracts', { type: 'policy', teamId: 'lakeside', number: `P-${company}`, validFrom, devices })
    await add('/contracts', { type: 'maintenance', teamId: company, number: `W-${company}`, validFrom, devices })
  }
  await importOrder(service)
  const visitId = await addVisits(service, password)
  const proposal = { type: 'part', part: '门机皮带', reason: '关门变慢', estimatedFen: 128_050 }
  const { id: overhaulId } = await add('/overhauls', { deviceId: 'elv-b3', ...proposal })
  await join(service, 'shen', { role: 'insurer', scope: { teamId: 'lakeside' } })
  await join(service, 'hong', { role: 'maintainer', scope: { teamId: 'bad' } })
  return { visitId, overhaulId }
}

const iso = (at: number) => new Date(at).toISOString()

async function importOrder({ httpUrl, token }: ServiceUnderTest): Promise<void> {
  const at = Date.now() - 12 * dayMs
  const times = [0, 4, 50, 70].map((minutes) => iso(at + minutes * minuteMs))
  const csv = `order_number,device_id,type,severity,fault,occurred_at,responded_at,arrived_at,ended_at,status,cause_class,outcome,team_id
2026-1,elv-b1,emergency,critical,elevator/entrapment,${times.join(',')},done,equipment,repaired,bad
`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv' }
  const asked = { method: 'POST', headers, body: csv }
  const answer = await fetch(`${httpUrl}/api/v1/work-orders/import?apply=true`, asked)
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
}

/** What gateways sent while visits are claimed, and then the claims. The id of the last one of the bad company. */
async function addVisits({ api, mqttPort }: ServiceUnderTest, password: string): Promise<string> {
  const gateway = await connectAsync({
    ...{ host: '127.0.0.1', port: mqttPort, username: 'gw-7', password, clientId: 'gw-7' },
  })
  const visits = ['elv-a1', 'elv-a2', 'elv-a3', 'elv-b1', 'elv-b2', 'elv-b3'].flatMap((deviceId, index) =>
    [8, 4].map((daysAgo) => ({ deviceId, startedAt: Date.now() - daysAgo * dayMs - index * hourMs })),
  )
  for (const { deviceId, startedAt } of visits) {
    const readings = deviceId.startsWith('elv-a') ? worked(startedAt) : still(startedAt)
    await gateway.publishAsync(`liftwatt/v1/gw-7/${deviceId}/telemetry`, JSON.stringify(readings), { qos: 1 })
  }
  await gateway.endAsync()
  for (const { deviceId, startedAt } of visits) {
    const span = {
      from: iso(startedAt - aroundMinutes * minuteMs),
      to: iso(startedAt + (visitMinutes + 15) * minuteMs),
    }
    await eventually(`the readings of ${deviceId} are there`, async () => {
      const { items } = await api<{ items: unknown[] }>(
        'GET',
        `/devices/${deviceId}/readings?metric=mode&${new URLSearchParams(span)}`,
      )
      return items.length >= visitMinutes + 2 * aroundMinutes
    })
  }
  let visitId = ''
  for (const { deviceId, startedAt } of visits) {
    const claim = {
      items: ['half-month'],
      workers: ['张伟', '李强'],
      endedAt: iso(startedAt + visitMinutes * minuteMs),
    }
    visitId = (
      await api<{ id: string }>('POST', `/devices/${deviceId}/visits`, { ...claim, startedAt: iso(startedAt) })
    ).id
  }
  return visitId
}

const minutesAround = (startedAt: number) =>
  Array.from({ length: visitMinutes + 2 * aroundMinutes }, (_, index) => {
    const minute = index - aroundMinutes
    return { at: startedAt + minute * minuteMs, isThere: minute >= 0 && minute < visitMinutes, index }
  })

/** Somebody opens doors and moves the car in inspection mode. */
function worked(startedAt: number) {
  return minutesAround(startedAt).map(({ at, isThere, index }) => {
    const mode = isThere ? 'inspection' : 'normal'
    const doorState = isThere && index % 4 === 0 ? 'open' : 'closed'
    const direction = isThere && index % 4 === 2 ? 'up' : 'none'
    return { at, values: { mode, doorState, floor: isThere ? 1 + (index % 6) : 1, direction } }
  })
}

function still(startedAt: number) {
  const values = { mode: 'normal', doorState: 'closed', floor: 1, direction: 'none' }
  return minutesAround(startedAt).map(({ at }) => ({ at, values: { ...values, trips: 41_250, doorCycles: 80_212 } }))
}

async function join({ api, httpUrl }: ServiceUnderTest, id: string, membership: object): Promise<void> {
  await api('POST', '/accounts', { id, name: id, memberships: [membership] })
  const { url } = await api<{ url: string }>('POST', `/accounts/${id}/invitation`)
  const body = new URLSearchParams({ password: goodPassword, again: goodPassword })
  const joined = await fetch(httpUrl + new URL(url).pathname, { method: 'POST', body })
  if (!joined.ok) throw new Error(`${joined.status} ${await joined.text()}`)
}
