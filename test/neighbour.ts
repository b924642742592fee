import { randomUUID } from 'node:crypto'
import { hourMs } from '../core/clock.ts'
import type { Notice } from '../core/notice.ts'
import { emptySite } from '../registry/sites.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { testMember, testTeam } from './fixtures/people.ts'
import { testDevice, testIncident, testOrder } from './fixtures/rows.ts'

/** A district with one of everything in it. All names begin with its own; two of them have nothing in common. */
export interface Neighbour {
  readonly name: string
  readonly district: string
  readonly site: string
  readonly gateway: string
  readonly device: string
  readonly meter: string
  readonly crew: string
  readonly maintainer: string
  readonly insurer: string
  readonly member: string
  readonly incident: string
  readonly order: string
  readonly meterIncident: string
  readonly meterOrder: string
  readonly suppression: string
  readonly visit: string
  readonly notice: string
  readonly dutyEntry: string
}

export async function settle(operations: OperationsStore, name: string, now: number): Promise<Neighbour> {
  const n = (what: string) => `${name}-${what}`
  const ids = {
    ...{ name, district: n('district'), site: n('house'), gateway: n('gw'), device: n('lift'), meter: n('meter') },
    ...{ crew: n('crew'), maintainer: n('company'), insurer: n('insurance'), member: n('member') },
    ...{ suppression: randomUUID(), visit: randomUUID(), notice: randomUUID() },
    dutyEntry: randomUUID(),
  }
  await settlePlaces(operations, ids, now)
  await settlePeople(operations, ids, now)
  const lift = await trouble(operations, ids, ids.device, now)
  const meter = await trouble(operations, ids, ids.meter, now)
  await settleRecords(operations, { ...ids, order: lift.order }, now)
  return { ...ids, ...lift, meterIncident: meter.incident, meterOrder: meter.order }
}

type Ids = Omit<Neighbour, 'incident' | 'order' | 'meterIncident' | 'meterOrder'>

async function settlePlaces(operations: OperationsStore, ids: Ids, now: number): Promise<void> {
  const { district, site, gateway, device, meter } = ids
  await operations.saveSites([
    { ...emptySite, id: district, type: 'district', name: district, createdAt: now },
    { ...emptySite, id: site, type: 'building', name: site, parentId: district, createdAt: now },
  ])
  await operations.insertGateway({ id: gateway, name: null, autoRegister: null, createdAt: now, revokedAt: null })
  const placed = { gatewayId: gateway, siteId: site, createdAt: now }
  await operations.insertDevice(testDevice({ ...placed, id: device }))
  await operations.insertDevice(testDevice({ ...placed, id: meter, kind: 'electricity-meter' }))
}

async function settlePeople(operations: OperationsStore, ids: Ids, now: number): Promise<void> {
  const { district, crew, maintainer, insurer, member, device, meter } = ids
  await operations.insertTeam(testTeam(crew, { areas: [district] }))
  await operations.insertTeam(testTeam(maintainer, { type: 'maintainer', areas: [district] }))
  await operations.insertTeam(testTeam(insurer, { type: 'insurer-inspector', areas: [district] }))
  for (const team of [crew, maintainer, insurer]) {
    await operations.insertMember(testMember(team === crew ? member : `${team}-member`, team))
  }
  for (const deviceId of [device, meter]) {
    await operations.setDeviceParty(deviceId, 'maintainer', maintainer, now)
    await operations.setDeviceParty(deviceId, 'insurer', insurer, now)
  }
}

async function trouble(
  operations: OperationsStore,
  { site, district, gateway, crew }: Ids,
  device: string,
  now: number,
) {
  const place = { gatewayId: gateway, feederId: null, siteId: site, path: { district, building: site } }
  const { orderId: _, ...incident } = testIncident({ deviceId: device, detectedAt: now, place })
  await operations.insertIncident({ ...incident, followed: null })
  const order = testOrder({
    ...{ incidentId: incident.id, deviceId: device, siteId: site, teamId: crew, detectedAt: now },
    ...{ finding: incident.finding, severity: 'critical' },
  })
  await operations.insertOrder(order)
  return { incident: incident.id, order: order.id }
}

async function settleRecords(operations: OperationsStore, ids: Ids & { order: string }, now: number): Promise<void> {
  const { name, district, device, gateway, crew, suppression, visit, notice, dutyEntry, order } = ids
  await operations.insertSuppression({
    ...{ id: suppression, type: 'maintenance', scope: { type: 'device', id: device }, finding: null, reason: name },
    ...{ startsAt: now, endsAt: null, createdAt: now, createdBy: 'x', endedAt: null, endedBy: null },
    ...{ key: null, endedKey: null },
  })
  await operations.insertVisitsIfAbsent([
    {
      ...{ id: visit, deviceId: device, items: ['half-month'], startedAt: now - 2 * hourMs, endedAt: now - hourMs },
      ...{ teamId: crew, workers: [], note: null, claimedAt: now, claimedBy: 'x' },
      ...{ verdict: null, verdictText: null, verdictEvidence: null },
    },
  ])
  await operations.insertNotices([noticeOf(notice, order, `${name}-channel`, now)])
  await operations.insertDutyEntry({
    ...{ id: dutyEntry, at: now, type: 'handover', siteId: district, text: name, name, writtenBy: 'x' },
    ...{ takenOverAt: null, takenOverName: null, takenOverBy: null },
  })
  const fault = { path: '$', reason: 'bad-json', text: name } as const
  await operations.insertQuarantine(randomUUID(), [
    {
      ...{ position: 1, receivedAt: now, gatewayId: gateway, deviceId: device, reason: 'bad-json', faults: [fault] },
      raw: new Uint8Array([123]),
    },
  ])
}

function noticeOf(id: string, orderId: string, channelId: string, now: number): Notice {
  const who = {
    party: 'crew',
    teamId: null,
    memberId: null,
    name: 'x',
    address: null,
    locale: 'zh-CN',
    why: '',
  } as const
  return {
    ...{ id, key: id, orderId, reason: 'raised', recipient: { ...who, channelId }, content: {}, critical: true },
    ...{ state: 'dead', createdAt: now, nextAttemptAt: now, giveUpAt: now, attempts: 0, held: false },
    ...{ sentAt: null, sentAs: null, lastError: null },
  }
}
