import { randomUUID } from 'node:crypto'
import { dayMs, hourMs } from '../core/clock.ts'
import { inspectionOf } from '../core/inspection.ts'
import type { Notice } from '../core/notice.ts'
import { blind } from '../core/sight.ts'
import { waiting } from '../quality/reports/request.ts'
import { noTerms } from '../registry/contracts.ts'
import { emptySite } from '../registry/sites.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { testMember, testTeam } from './fixtures/people.ts'
import { testDevice, testIncident, testOrder, testOverhaul } from './fixtures/rows.ts'

/** A district with one of everything in it. All names begin with its own; two of them have nothing in common. */
export interface Neighbour {
  readonly name: string
  readonly district: string
  readonly estate: string
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
  readonly policy: string
  readonly maintenance: string
  readonly overhaul: string
  readonly inspection: string
  readonly sample: string
  /** Of all that is in the district; the others of what a company sees. */
  readonly report: string
  readonly reportOfMaintainer: string
  readonly reportOfInsurer: string
  readonly reportShare: string
  readonly reportShareOfInsurer: string
}

export async function settle(operations: OperationsStore, name: string, now: number): Promise<Neighbour> {
  const n = (what: string) => `${name}-${what}`
  const ids = {
    ...{
      name,
      district: n('district'),
      estate: n('estate'),
      site: n('house'),
      gateway: n('gw'),
      device: n('lift'),
      meter: n('meter'),
    },
    ...{ crew: n('crew'), maintainer: n('company'), insurer: n('insurance'), member: n('member') },
    ...{ suppression: randomUUID(), visit: randomUUID(), notice: randomUUID() },
    ...{ dutyEntry: randomUUID(), inspection: randomUUID(), sample: randomUUID() },
    ...{ policy: randomUUID(), maintenance: randomUUID(), overhaul: randomUUID() },
    ...{ report: randomUUID(), reportOfMaintainer: randomUUID(), reportOfInsurer: randomUUID() },
    ...{ reportShare: randomUUID(), reportShareOfInsurer: randomUUID() },
  }
  await settlePlaces(operations, ids, now)
  await settlePeople(operations, ids, now)
  const lift = await trouble(operations, ids, ids.device, now)
  const meter = await trouble(operations, ids, ids.meter, now)
  await settleRecords(operations, { ...ids, order: lift.order }, now)
  await settleInspections(operations, ids, now)
  await settleContracts(operations, ids, now)
  await settleReports(operations, ids, now)
  return { ...ids, ...lift, meterIncident: meter.incident, meterOrder: meter.order }
}

type Ids = Omit<Neighbour, 'incident' | 'order' | 'meterIncident' | 'meterOrder'>

async function settlePlaces(operations: OperationsStore, ids: Ids, now: number): Promise<void> {
  const { district, estate, site, gateway, device, meter } = ids
  await operations.saveSites([
    { ...emptySite, id: district, type: 'district', name: district, createdAt: now },
    { ...emptySite, id: estate, type: 'estate', name: estate, parentId: district, createdAt: now },
    { ...emptySite, id: site, type: 'building', name: site, parentId: estate, createdAt: now },
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

/** A policy, a contract of maintenance, what was proposed by them, and an objection to the verdict of the visit. */
async function settleContracts(operations: OperationsStore, ids: Ids, now: number): Promise<void> {
  const { name, device: deviceId, maintainer, insurer, policy, maintenance, overhaul, visit: visitId } = ids
  const terms = { ...noTerms, number: name, validFrom: now, createdAt: now }
  await operations.saveContracts([
    { ...terms, id: policy, type: 'policy', teamId: insurer },
    { ...terms, id: maintenance, type: 'maintenance', teamId: maintainer },
  ])
  const covered = { deviceId, validFrom: now, validUntil: null }
  const both = [policy, maintenance]
  await operations.replaceCoverage(
    both,
    both.map((contractId) => ({ contractId, ...covered })),
  )
  await operations.insertOverhaul(testOverhaul({ id: overhaul, deviceId, proposedAt: now - 50 * dayMs }))
  await operations.insertObjection({
    ...{ id: randomUUID(), visitId, deviceId, verdict: 'not-proven', verdictText: null, reason: name, state: 'open' },
    ...{ raisedAt: now, raisedBy: 'x', decidedAt: null, decidedBy: null, decisionReason: null },
  })
}

/** A report for each that sees another part, with a file and a link; and whoever gets them every month. */
async function settleReports(operations: OperationsStore, ids: Ids, now: number): Promise<void> {
  const { name, district, maintainer, insurer } = ids
  const inDistrict = { ...blind, sites: [district] }
  const ofInsurer = { ...blind, insurers: [insurer] }
  const made = [
    { id: ids.report, sight: inDistrict, share: ids.reportShare },
    { id: ids.reportOfMaintainer, sight: { ...blind, maintainers: [maintainer] }, share: null },
    { id: ids.reportOfInsurer, sight: ofInsurer, share: ids.reportShareOfInsurer },
  ]
  const from = now - 30 * dayMs
  const by = { requestedBy: `${name}-account`, requestedAt: now }
  const file = {
    name: 'figures.csv',
    format: 'csv',
    locale: 'en',
    sha256: name,
    content: Buffer.from(`${name}-`),
  } as const
  const done = { asOf: now, endedAt: now, sealed: null, summary: { en: [name], 'zh-CN': [name] }, files: [file] }
  for (const { id, sight, share } of made) {
    const asked = { type: 'custom', from, to: now, asOf: null, filter: {}, sight } as const
    await operations.insertReport({ ...waiting(asked, by), id })
    await operations.finishReport(id, done)
    if (share === null) continue
    const unused = { revokedAt: null, revokedBy: null, uses: 0, lastUsedAt: null }
    const times = { createdAt: now, createdBy: `${name}-account`, expiresAt: now + dayMs }
    await operations.insertReportShare({ id: share, reportId: id, name, ...times, ...unused }, share)
  }
  for (const sight of [inDistrict, ofInsurer]) {
    await operations.insertReportSchedule({
      ...{ id: randomUUID(), type: 'monthly', filter: {}, sight, recipients: [], createdAt: now, since: now },
      ...{ createdBy: `${name}-account`, endedAt: null, endedBy: null },
    })
  }
}

/** One that has started, the sample of its month, the plan behind both, and who is at risk. */
async function settleInspections(operations: OperationsStore, ids: Ids, now: number): Promise<void> {
  const { name, device, maintainer, insurer: insurerId, inspection: subjectId, sample } = ids
  const said = [
    {
      type: 'planned',
      data: { deviceId: device, kind: 'unannounced', dueOn: '2026-11-24', insurerId, sheetId: 'elevator' },
    },
    {
      type: 'started',
      data: { inspector: name, maintainerId: maintainer, sheet: { id: 'elevator', version: 0, sha256: name } },
    },
  ] as const
  const events = said.map((event) => ({ subjectType: 'inspection', subjectId, actor: 'x', at: now, ...event }))
  await operations.insertInspections([inspectionOf(subjectId, events)])
  await operations.appendRecordEvents(...events)
  await operations.insertSample({
    ...{
      id: sample,
      insurerId,
      month: '2026-11',
      count: 1,
      population: [device],
      populationSize: 1,
      populationSha256: name,
    },
    ...{
      seed: name,
      seedSha256: name,
      publicSource: 'x',
      publicValue: 'x',
      committedAt: now,
      drawnAt: now,
      cutOff: 'f',
      revealedAt: now,
    },
  })
  const amounts = { quarterly: true, monthlyShare: 0.1, unannouncedPerMonth: 1, publicSource: null }
  await operations.putInspectionPlan({
    ...{ insurerId, version: 1, sheetId: 'elevator', changedAt: now, since: now },
    ...amounts,
  })
  const items = [{ deviceId: device, weight: 1, parts: [] }]
  await operations.insertRiskList({ insurerId, quarter: '2026-Q4', madeAt: now, items })
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
