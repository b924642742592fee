/*
 * An example of each answer, made from the answer's own schema: what is called the same means the same in all of this API, so there is one
 * value for each name, and no example can be left behind by what it stands for. A test holds each of them against its schema.
 */

/** As much of JSON Schema as zod writes into the document. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minimum?: number
}

export type JsonSchemas = Readonly<Record<string, JsonSchema>>

const uuid = '3f0d8c1e-6f0a-4f6b-9a53-0d7f5a1b2c3d'
const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const raisedAt = '2026-11-24T08:15:00.000Z'
const laterAt = '2026-11-24T08:31:20.000Z'
const closeDrift = 'elevator/door-close-drift'
const readingValues = { floor: 7, doorState: 'closed', motorCelsius: 61.2 }
const rights = [{ role: 'duty-room', scope: { sites: ['xihu'] } }]
const bothNames = { en: 'Entrapment', 'zh-CN': '困人' }
const path = { district: 'xihu', estate: 'garden', building: 'garden-7' }
const kpiWords = {
  ...{ name: 'Entrapments', unit: 'per 100 elevators and month', formula: 'entrapments / elevator-months × 100' },
  ...{ excludes: 'Drills and false alarms', coverage: 'Time with data', interval: 'Poisson, exact' },
}
const chineseKpiWords = {
  ...{ name: '困人率', unit: '每百台每月', formula: '困人次数 / 台月数 × 100' },
  ...{ excludes: '演练与误报', coverage: '有数据的时间', interval: '泊松精确区间' },
}
const indexWeights = { health: 30, electricity: 20, response: 15, hazards: 20, inspection: 15 }
const renamed = { name: 'East lift, unit 1' }
const hook = { url: 'https://hooks.example.org/liftwatt', secret: '••••' }
const setting = { warnBelowLimitKelvin: 20 }

/** By `Component.property` (`WorkOrderDetail` is a `WorkOrder`, what has no name is ''), else by the property alone. What is not here, its schema says. */
const values: Readonly<Record<string, unknown>> = {
  // what things are known by
  id: uuid,
  ...{ 'Account.id': 'wang', 'Session.id': 'Yk3vD0mZ1qLr8sT5uWxA7b', 'ApiToken.id': 'Zk3vD0mZ1qLr8sT5uWxA7b' },
  ...{ 'AuditItem.id': 4711, 'Channel.id': 'duty-hook', 'Device.id': 'elv-42', 'Gateway.id': 'gw-7' },
  ...{ 'Credentials.id': 'gw-7', 'RotatedCredentials.id': 'gw-7', 'Member.id': 'li', 'Plan.id': 'entrapment' },
  ...{ 'Site.id': 'garden-7', 'Team.id': 'east', 'ScoreSheet.id': 'elevator', 'ReviewedGroup.id': 'east' },
  ...{ accountId: 'wang', deviceId: 'elv-42', gatewayId: 'gw-7', siteId: 'garden-7', feederId: null, teamId: 'east' },
  ...{ maintainerId: 'company-a', insurerId: 'picc', memberId: 'li', technicianId: null, channelId: 'duty-hook' },
  ...{ incidentId: uuid, orderId: uuid, visitId: uuid, reportId: uuid, contractId: uuid, subject: 'elv-42' },
  ...{ ofId: 'garden-7', parentId: null, sheetId: 'elevator', chainId: uuid, key: uuid, 'Site.parentId': 'garden' },
  ...{ sha256, hash: sha256, seedSha256: sha256, populationSha256: sha256, redactedAs: sha256, left: sha256 },
  ...{ username: 'gw-7', password: 'q3Zt-8mKp-Vx2L-c9Rw', number: 12, externalId: null },
  ...{ 'Contract.number': 'PICC-2026-0117', contractNumber: 'PICC-2026-0117', event: 3 },

  // people and what they say
  ...{ name: 'Wang Fang', actor: 'wang', text: 'In plain words', reason: 'The belt is ordered' },
  ...{ 'Device.name': 'East lift', 'Gateway.name': 'Garden 7, machine room', 'Channel.name': 'Duty room' },
  ...{ 'Site.name': '翠苑 7 幢', 'Team.name': 'Crew East', 'Member.name': 'Li Wei', 'OnDuty.name': 'Crew East' },
  ...{
    'ApiToken.name': 'Monthly report',
    'Plan.name': bothNames,
    'ScoreSheet.name': { en: 'Elevator: short', 'zh-CN': '电梯简表' },
  },
  ...{ 'EstateIndex.name': '翠苑', 'ReviewedGroup.name': 'Crew East', 'PortfolioDevice.name': 'East lift' },
  ...{ 'ReportShare.name': 'Cuiyuan Street', '.name': 'East lift', 'Ready.name': 'journal' },
  ...{ 'Contact.name': 'Chen Li', 'Contact.role': 'property', 'Contact.address': null, 'RoomAtRisk.name': 'Room 301' },
  ...{
    'Report.name': 'figures.csv',
    'ReportSchedule.address': 'sun.li@example.org',
    'ReportSchedule.channelId': 'mail',
  },
  ...{ 'EvidenceItem.name': 'readings.csv', 'VisitEvidence.name': 'readings.csv', 'InspectionPhoto.name': 'pit.jpg' },
  ...{ phone: '+86 571 8888 0110', address: '7 Lake Road', 'Session.address': '203.0.113.7' },
  ...{ party: 'crew', why: 'It is the crew of this district', role: 'tenant', of: 'site' },
  ...{ createdBy: 'wang', writtenBy: 'duty', raisedBy: 'company-a', proposedBy: 'company-a', addedBy: 'li' },
  ...{
    requestedBy: 'sun',
    claimedBy: 'li',
    workers: ['Li Wei', 'Zhao Min'],
    memberships: rights,
    roles: ['duty-room'],
  },
  ...{ userAgent: 'Mozilla/5.0', subjectType: 'device', action: 'device-changed', locale: 'zh-CN' },
  ...{ assignedBecause: 'It looks after this district', 'DutyEntry.text': 'Lift 3 stands until the part comes' },
  ...{ summary: 'Somebody is in the car, which has stood between two floors for 90 s', source: 'rules' },
  ...{ 'StandingWarning.summary': 'The door takes 3.6 s to close, usually 3.0 s', 'Report.summary': null },

  // what is watched, found and done
  ...{
    kind: 'elevator',
    finding: 'elevator/entrapment',
    severity: 'critical',
    scope: { type: 'device', id: 'elv-42' },
  },
  ...{ facts: { stops: 18, ratedSpeedMps: 1.75 }, values: readingValues, path, version: 1, holder: 'Cuiyuan Street' },
  ...{ evidence: { carSpeedMps: 0, doorZone: false, passengerPresent: true }, metrics: { elevator: ['motorCelsius'] } },
  ...{ measured: { seconds: 90 }, baseline: {}, limits: { seconds: 90 }, data: {}, count: 1, settings: setting },
  ...{ defaults: setting, ranges: { warnBelowLimitKelvin: { least: 1, most: 60, whole: false } }, reads: ['floor'] },
  ...{ finds: 'Somebody cannot get out', runbook: 'docs/runbooks/elevator-entrapment.md', filter: {} },
  ...{ raw: 'eyJhdCI6MX0=', topic: null, payload: '{"t": 1795680000}', part: 'readings', mediaType: 'text/csv' },
  ...{ 'MappingTrialAnswer.topic': 'acme/up', 'InspectionPhoto.mediaType': 'image/jpeg', 'Overhaul.part': 'Door belt' },
  ...{
    raisedAt,
    detectedAt: raisedAt,
    occurredAt: raisedAt,
    receivedAt: raisedAt,
    arriveBy: '2026-11-24T08:45:00.000Z',
  },
  ...{ endsAt: '2026-12-08T08:00:00.000Z', expiresAt: '2026-12-31T16:00:00.000Z', from: raisedAt, to: laterAt },
  ...{ validFrom: '2026-04-30T16:00:00.000Z', validUntil: '2027-04-30T16:00:00.000Z', countedSince: raisedAt },
  ...{ bytes: 48_213, messages: 3_600, month: '2026-11', quarter: '2026-Q4', period: '2026-11' },
  ...{
    type: 'proposed',
    item: 'brake',
    outcome: 'repaired',
    rule: closeDrift,
    hints: [],
    outOfRange: [],
    field: 'name',
  },
  ...{
    message: 'must be a number',
    quantity: 'doorCloseSeconds',
    line: 3,
    column: 'severity',
    errors: [],
    title: 'Causes',
  },
  ...{
    'Shift.from': '20:00',
    'Shift.until': '08:00',
    'Shift.validFrom': null,
    'Shift.validUntil': null,
    lead: 'Critical',
  },
  ...{
    'Erasure.person': { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant' },
    'KpiDefinitions.words': { en: kpiWords, 'zh-CN': chineseKpiWords },
  },
  ...{ 'QuarantineItem.path': '$.values.floor', 'MappingTrialAnswer.path': '$.P', 'ImportResult.path': 'name' },
  ...{
    'ImportResult.id': 'elv-42',
    'ImportResult.from': 'East',
    'ImportResult.to': 'East lift',
    weights: indexWeights,
  },
  ...{ 'WorkOrder.outcome': null, 'Site.type': 'building', 'Channel.settings': hook, 'Channel.enabled': true },
  ...{
    'Gateway.reason': 'unknown-metric',
    'Gateway.text': 'There is no metric temp',
    'GatewayMapping.reason': 'New meters',
  },
  ...{
    'ChannelTestResult.reason': null,
    'Inspection.reason': null,
    'Inspection.score': null,
    score: 85,
    coverage: 0.98,
  },
  ...{
    'HistoryEntry.after': renamed,
    'AuditItem.after': renamed,
    'RoomAtRisk.deviceId': 'meter-301',
    elevators: 812,
    devices: 3,
  },
  ...{ last: 61.2, mean: 60.4, min: 58.1, max: 61.2, 'Device.last': { at: raisedAt, values: readingValues } },
  ...{ estimatedFen: 88_000, premiumFen: 89_200, sumInsuredFen: 500_000_000, deductibleFen: 50_000 },
  ...{ url: 'https://liftwatt.example/join/3Zt8mKpVx2Lc9Rw', secret: 'lw_3Zt8mKpVx2Lc9Rw', origin: null },
  ...{
    monthlyShare: 0.05,
    unannouncedPerMonth: 10,
    quarterly: true,
    publicSource: '中国福利彩票双色球：上月最后一期，红球由小到大、蓝球，写作 03-07-12-19-26-31+08',
    publicValue: '03-07-12-19-26-31+08',
    passScore: 80,
    memberCount: 2,
    place: '翠苑 › 7 幢',
  },
  ...{ 'Incident.place': { gatewayId: 'gw-7', feederId: null, siteId: 'garden-7', path }, ok: true, connected: true },
  ...{ status: 'ok', 'Ready.status': 'ready', 'About.version': '1.0.0', 'Alive.version': '1.0.0' },
  ...{ host: 'liftwatt.example', port: 1883, tlsPort: 8883, publicUrl: 'https://liftwatt.example' },
}

/** What of the answer is another than in the list, once the action is done. */
const after: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST /work-orders/{id}/acknowledge': { state: 'acknowledged', acknowledgedAt: laterAt },
  'POST /work-orders/{id}/accept': { state: 'accepted', acceptedAt: laterAt, technicianId: 'li' },
  'POST /work-orders/{id}/arrive': { state: 'arrived', arrivedAt: laterAt, technicianId: 'li' },
  'POST /work-orders/{id}/restore': { state: 'restored', restoredAt: laterAt, technicianId: 'li' },
  'POST /work-orders/{id}/tell-passenger': { passengerToldAt: laterAt },
  'POST /work-orders/{id}/inspect': { inspectedAt: laterAt },
  'POST /work-orders/{id}/cancel': { state: 'cancelled', cancelledAt: laterAt },
  'POST /work-orders/{id}/merge': { state: 'cancelled', cancelledAt: laterAt, mergedIntoId: uuid },
  'POST /work-orders/{id}/close': {
    ...{ state: 'closed', closedAt: laterAt, causeClass: 'equipment', outcome: 'repaired' },
    parts: [{ name: 'Door belt', quantity: 1, partNumber: 'DB-8-1200' }],
  },
  'POST /incidents/{id}/acknowledge': { acknowledgedAt: laterAt, acknowledgedBy: 'wang' },
  'DELETE /gateways/{id}': { revokedAt: laterAt },
}

/** Answers that are no JSON; a test holds the headings against what is answered. */
const texts: Readonly<Record<string, string>> = {
  'GET /sites/export': `id,type,name,parentId,use,address,entrance,emergencyPlan,latitude,longitude
garden-7,building,翠苑 7 幢,garden,,7 Lake Road,North gate,,30.284,120.121
`,
  'GET /work-orders/export': `fault_id,order_number,order_id,device_id,site_id,type,severity,fault,description,\
occurred_at_local,occurred_at,responded_at_local,responded_at,arrived_at_local,arrived_at,ended_at_local,ended_at,\
status,state,cause_class,outcome,team_id,technician
`,
  'GET /quality/inspections/export': `inspection_id,device_id,kind,state,period,due_on,started_at_local,started_at,\
ended_at_local,ended_at,inspector,insurer_id,maintainer_id,score,passed,defects,remedial_orders,recheck_of,reason,note
`,
  'GET /duty-log/export': `at_local,at,type,who,site_id,device_id,order_number,fault,text,said
2026-11-24 16:15:00,${raisedAt},handover,Wang Fang,garden-7,,,,Lift 3 stands until the part comes,
`,
  'GET /metrics': '# HELP liftwatt_messages_total Messages that were taken\nliftwatt_messages_total 3600\n',
  'GET /stream': `id: 1795680900000-1
data: {"at":"${raisedAt}","type":"order.raised","subject":"${uuid}","data":{}}

`,
}

/** Undefined where there is none: bytes, and answers without a body. */
export function answerExample(route: string, mediaType: string, schema: JsonSchema, schemas: JsonSchemas): unknown {
  if (mediaType !== 'application/json') return texts[route]
  const example = exampleOf(schema, schemas, { component: '', name: '' })
  return after[route] === undefined ? example : { ...(example as object), ...after[route] }
}

interface Place {
  readonly component: string
  readonly name: string
}

function exampleOf(schema: JsonSchema, schemas: JsonSchemas, place: Place): unknown {
  const { component, name } = place
  const known = [`${component}.${name}`, name].flatMap((key) => (Object.hasOwn(values, key) ? [values[key]] : []))
  const fitting = known.find((value) => fits(value, schema, schemas))
  if (fitting !== undefined) return fitting
  if (schema.$ref !== undefined) {
    const to = nameOf(schema.$ref)
    return exampleOf(schemas[to] ?? {}, schemas, { component: to.replace(/^(Listed|Made)|(Detail|Shown)$/g, ''), name })
  }
  if ('const' in schema) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  const choice = schema.anyOf ?? schema.oneOf
  if (choice !== undefined) return isNullable(choice) ? null : exampleOf(choice[0] ?? {}, schemas, place)
  switch (schema.type) {
    case 'object':
      return objectOf(schema, schemas, component)
    case 'array':
      return listOf(exampleOf(schema.items ?? {}, schemas, { component, name: '' }))
    case 'string':
      return { 'date-time': raisedAt, date: '2026-11-24', uuid }[schema.format ?? '']
    case 'integer':
    case 'number':
      return Math.max(0, schema.minimum ?? 0)
    case 'boolean':
      return false
    default:
      return null
  }
}

/** Whether it is of this sort at all: what is called the same may be a text here and a list there. */
function fits(value: unknown, schema: JsonSchema, schemas: JsonSchemas): boolean {
  if (schema.$ref !== undefined) return fits(value, schemas[nameOf(schema.$ref)] ?? {}, schemas)
  if ('const' in schema) return value === schema.const
  if (schema.enum !== undefined) return schema.enum.includes(value)
  const choice = schema.anyOf ?? schema.oneOf
  if (choice !== undefined) return choice.some((one) => fits(value, one, schemas))
  const sort = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
  return (
    schema.type === undefined ||
    [schema.type].flat().some((type) => type === sort || (type === 'integer' && sort === 'number'))
  )
}

function objectOf({ properties = {}, required = [] }: JsonSchema, schemas: JsonSchemas, component: string): object {
  const known = Object.entries(properties).filter(([name]) => required.includes(name))
  return Object.fromEntries(known.map(([name, schema]) => [name, exampleOf(schema, schemas, { component, name })]))
}

const listOf = (item: unknown) => (item === undefined ? [] : [item])
const isNullable = (choice: readonly JsonSchema[]) => choice.some(({ type }) => type === 'null')
const nameOf = (ref: string) => ref.split('/').at(-1) ?? ''
