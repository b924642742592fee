import { csvLine } from '../core/csv.ts'
import { addDays, localDate, shanghai } from '../core/local-time.ts'
import type { FleetDevice } from '../simulators/fleet.ts'
import { type Books, booksFrom } from './demo-books.ts'
import { type Company, companies, elevatorsOf, insurer, maintainedBy } from './demo-companies.ts'
import { addMissing, phone } from './demo-district.ts'
import { madeUp } from './demo-history.ts'
import { telemetryFrom } from './demo-month.ts'
import type { ServiceClient } from './service.ts'

/** Who insures and who maintains the district, and how it is to be maintained: what is there already stays as it is. */
export async function contractDistrict(
  client: ServiceClient,
  devices: readonly FleetDevice[],
  now: number,
): Promise<void> {
  const maintainers = companies.map(({ id, name }) => ({ id, type: 'maintainer', name }))
  await addMissing(client, '/teams', [insurer, ...maintainers])
  await addMissing(client, '/members', companies.flatMap(crewOf))
  const validFrom = time(booksFrom(now))
  const covering = (some: readonly FleetDevice[]) => some.map(({ id: deviceId }) => ({ deviceId }))
  const terms = { sumInsuredFen: 500_000_000, premiumFen: 1_680_000, deductibleFen: 50_000 }
  const said = { holder: '西湖区 (演示)', cover: '电梯与出租房用电责任险', ...terms }
  const policy = {
    type: 'policy',
    teamId: insurer.id,
    number: 'DEMO-P-1',
    ...said,
    validFrom,
    devices: covering(devices),
  }
  const maintenance = companies.map((company, index) => ({
    ...{ type: 'maintenance', teamId: company.id, number: `DEMO-M-${index + 1}`, validFrom },
    devices: covering(maintainedBy(company, devices)),
  }))
  const known = new Set((await client.list<{ number: string }>('/contracts')).map(({ number }) => number))
  for (const contract of [policy, ...maintenance]) {
    if (!known.has(contract.number)) await client.request('POST', '/contracts', contract)
  }

  for (const { id } of elevatorsOf(devices)) {
    const { regime } = await client.request<{ regime: object | null }>('GET', `/devices/${id}/maintenance`)
    const asked = { type: 'calendar', validFrom: time(telemetryFrom(now)) }
    if (regime === null) await client.request('PUT', `/devices/${id}/maintenance/regime`, asked)
  }
  await planInspections(client)
}

const time = (at: number) => new Date(at).toISOString()

function crewOf({ id: teamId, crew }: Company, which: number) {
  const number = (index: number) => phone(8_101 + 10 * which + index)
  return crew.map((name, index) => ({ id: `${teamId}-${index + 1}`, teamId, name, phone: number(index) }))
}

async function planInspections(client: ServiceClient): Promise<void> {
  const plans = await client.list<{ insurerId: string }>('/quality/inspection-plans')
  if (plans.some(({ insurerId }) => insurerId === insurer.id)) return
  const plan = { quarterly: true, monthlyShare: 0.2, unannouncedPerMonth: 2 }
  await client.request('PUT', `/quality/inspection-plans/${insurer.id}`, plan)
}

/**
 * What insurer and companies have to talk about, once the orders and visits of before are there: inspections, a verdict that is disputed,
 * parts to be decided on.
 */
export async function importReview(
  client: ServiceClient,
  devices: readonly FleetDevice[],
  books: Books,
  now: number,
): Promise<void> {
  const inspections = { type: 'text/csv', body: inspectionsCsv(books) }
  await client.send('POST', '/quality/inspections/import?apply=true', inspections)
  const idOf = (number: number) => elevatorsOf(devices)[number - 1]?.id
  await raiseObjection(client, idOf(8))
  await proposeOverhauls(client, idOf(3), idOf(7))
  await planUnannounced(client, idOf(10), now)
}

const inspectionColumns = ['device_id', 'kind', 'ended_at', 'score', 'passed', 'inspector', 'note']

function inspectionsCsv({ inspections }: Books): string {
  const rows = inspections.map(({ deviceId, endedAt, score, passed }) => {
    return [deviceId, 'quarterly', time(endedAt), score, passed, '沈立', madeUp]
  })
  return [inspectionColumns, ...rows].map((row) => csvLine(row)).join('')
}

interface VisitRow {
  readonly id: string
  readonly deviceId: string
  readonly verdict: string
}

/** One company disputes that nobody was there; the insurer is still to decide. */
async function raiseObjection(client: ServiceClient, deviceId: string | undefined): Promise<void> {
  if ((await client.list('/objections')).length > 0) return
  const visits = await client.list<VisitRow>('/visits')
  const disputed = visits.find((visit) => visit.deviceId === deviceId && visit.verdict === 'not-proven')
  if (disputed === undefined) return
  const reason = '检修开关信号线断开，当天人员已到场 (演示)'
  await client.request('POST', `/visits/${disputed.id}/objection`, { reason })
}

interface OrderRow {
  readonly id: string
  readonly deviceId: string | null
  readonly finding: string
}

/** One with the order behind it, one with nothing: the service says what is to be looked at twice. */
async function proposeOverhauls(
  client: ServiceClient,
  worn: string | undefined,
  sound: string | undefined,
): Promise<void> {
  if ((await client.list('/overhauls')).length > 0) return
  const orders = await client.list<OrderRow>('/work-orders?state=closed')
  const order = orders.find(({ deviceId, finding }) => deviceId === worn && finding === 'elevator/door-fault')
  const reason = '层门关闭受阻，皮带磨损 (演示)'
  const belt = { type: 'part', part: '门机皮带', reason, estimatedFen: 128_000, expectedLifeDays: 1_095 }
  await client.request('POST', '/overhauls', { deviceId: worn, ...belt, orderId: order?.id })
  const overhaul = { type: 'overhaul', estimatedFen: 6_800_000, reason: '曳引系统大修 (演示)' }
  await client.request('POST', '/overhauls', { deviceId: sound, ...overhaul })
}

/** Its company does not see it before somebody starts it. */
async function planUnannounced(client: ServiceClient, deviceId: string | undefined, now: number): Promise<void> {
  const planned = await client.list<{ deviceId: string }>('/quality/inspections?kind=unannounced')
  if (planned.some((one) => one.deviceId === deviceId)) return
  const dueOn = addDays(localDate(now, shanghai), 2)
  await client.request('POST', '/quality/inspections', { deviceId, kind: 'unannounced', dueOn })
}
