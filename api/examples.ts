/*
 * One body for each route that takes one, as somebody would send it: for the document, where a reader copies it from. A test holds each
 * of them against the schema of its route.
 */

const sites = { sites: ['xihu'] }
const east = { name: 'Crew East', areas: ['xihu'], skills: ['elevator'], phone: '+86 571 8888 0110' }
const closed = { note: 'Door operator belt replaced', causeClass: 'equipment', outcome: 'repaired' }

const meterMapping = {
  rules: [
    {
      ...{ topic: 'acme/up', each: '$.list', device: { path: '@.sn' }, time: { path: '$.t', format: 'epoch-s' } },
      metrics: { watts: { path: '@.P', scale: 1_000 } },
    },
  ],
  devices: { '4711': 'meter-1' },
}

export const bodyExamples: Readonly<Record<string, object>> = {
  'POST /sign-in': { id: 'wang', password: 'three trees and a river' },
  'POST /me/password': { current: 'three trees and a river', password: 'four stones and a lake' },
  'POST /me/tokens': { name: 'Monthly report', expiresAt: '2027-06-30T00:00:00Z' },
  'POST /accounts': { id: 'wang', name: 'Wang Fang', memberships: [{ role: 'duty-room', scope: sites }] },
  'PATCH /accounts/{id}': { memberships: [{ role: 'technician', scope: { teamId: 'east' } }] },
  'POST /accounts/{id}/tokens': { name: 'Camera platform', expiresAt: '2027-06-30T00:00:00Z' },
  'POST /gateways': { id: 'gw-7', name: 'Garden 7, machine room', siteId: 'garden-7' },
  'PUT /gateways/{id}/mapping': { mapping: meterMapping, version: 0, reason: 'The meter maker’s own JSON' },
  'POST /gateways/{id}/mapping/try': {
    mapping: meterMapping,
    samples: [{ topic: 'acme/up', payload: '{"t": 1795680000, "list": [{"sn": "4711", "P": "1.25"}]}' }],
  },
  'POST /devices': { id: 'elv-42', kind: 'elevator', gatewayId: 'gw-7', name: 'East lift', siteId: 'garden-7' },
  'PATCH /devices/{id}': { name: 'East lift, unit 1' },
  'POST /devices/{id}/visits': {
    ...{ items: ['half-month'], startedAt: '2026-11-24T01:00:00Z', endedAt: '2026-11-24T02:10:00Z' },
    ...{ workers: ['Li Wei', 'Zhao Min'] },
  },
  'PUT /devices/{id}/maintenance/regime': { type: 'calendar' },
  'POST /visits/{id}/objection': { reason: 'The mode switch of this lift is broken: see the picture' },
  'POST /visits/{id}/objection/note': { note: 'A new switch is ordered' },
  'POST /visits/{id}/objection/decide': { decision: 'accepted', reason: 'The pictures show both workers in the pit' },
  'POST /contracts': {
    ...{ type: 'policy', teamId: 'picc', number: 'PICC-2026-0117', holder: 'Cuiyuan Street', premiumFen: 89_200 },
    ...{ cover: 'Liability, maintenance and parts', sumInsuredFen: 500_000_000, deductibleFen: 50_000 },
    ...{ validFrom: '2026-04-30T16:00:00Z', validUntil: '2027-04-30T16:00:00Z' },
    devices: [{ deviceId: 'elv-42' }, { deviceId: 'meter-301', validFrom: '2026-05-31T16:00:00Z' }],
  },
  'PATCH /contracts/{id}': { validUntil: '2026-12-31T16:00:00Z' },
  'POST /overhauls': {
    ...{ deviceId: 'elv-42', type: 'part', part: 'Door belt', partNumber: 'DB-8-1200', estimatedFen: 88_000 },
    ...{
      reason: 'The door slows, three visits did not help',
      expectedLifeDays: 730,
      finding: 'elevator/door-close-drift',
    },
  },
  'POST /overhauls/{id}/decide': { decision: 'approved', reason: 'The curve shows it', settledFen: 80_000 },
  'POST /overhauls/{id}/done': { note: 'Belt and both rollers' },
  'POST /erasures/preview': {
    person: { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant', name: 'Chen Li' },
  },
  'POST /erasures': {
    person: { type: 'contact', of: 'site', ofId: 'room-301', role: 'tenant', name: 'Chen Li' },
    ...{ also: ['+86 138 0000 1234'], reason: 'Asked for it when she moved out' },
  },
  'POST /sites': { id: 'garden-7', type: 'building', name: '翠苑 7 幢', parentId: 'garden', address: '7 Lake Road' },
  'PATCH /sites/{id}': { entrance: 'North gate; the key is with the guard' },
  'POST /incidents': {
    ...{ source: 'camera-platform', externalId: 'evt-20261124-0815', deviceId: 'elv-42', finding: 'camera/e-bike' },
    ...{ severity: 'urgent', summary: 'An electric bicycle is in the car', occurredAt: '2026-11-24T08:15:00Z' },
  },
  'POST /incidents/alertmanager': {
    alerts: [
      {
        ...{ status: 'firing', fingerprint: '7f1c1a3b9d2e4f60', startsAt: '2026-11-24T08:15:00Z' },
        ...{ labels: { device_id: 'elv-42', severity: 'warning' }, annotations: { summary: 'Machine room is warm' } },
      },
    ],
  },
  'POST /work-orders': {
    ...{ deviceId: 'elv-42', summary: 'Somebody is trapped between 3 and 4', severity: 'critical' },
    reportedBy: { name: 'Chen', phone: '+86 138 0000 0000' },
  },
  'POST /work-orders/{id}/acknowledge': { verified: true, note: 'Seen on the camera' },
  'POST /work-orders/{id}/accept': { technicianId: 'li', teamId: 'east' },
  'POST /work-orders/{id}/arrive': { technicianId: 'li' },
  'POST /work-orders/{id}/restore': { technicianId: 'li' },
  'POST /work-orders/{id}/close': { ...closed, parts: [{ name: 'Door belt', quantity: 1, partNumber: 'DB-8-1200' }] },
  'POST /work-orders/{id}/cancel': { reason: 'Opened twice' },
  'POST /work-orders/{id}/tell-passenger': { note: 'Two people, both well' },
  'POST /work-orders/{id}/inspect': { note: 'Seen together with the crew' },
  'POST /work-orders/{id}/ask-for-help': { note: 'A second person for the brake' },
  'POST /work-orders/{id}/dealt-with': { by: 'The tenant', note: 'The heater is off' },
  'POST /work-orders/{id}/note': { note: 'The guard has the key' },
  'POST /work-orders/{id}/reassign': { teamId: 'west', reason: 'Crew East is at another entrapment' },
  'POST /work-orders/{id}/merge': { intoId: '3f0d8c1e-6f0a-4f6b-9a53-0d7f5a1b2c3d', reason: 'The same lift' },
  'PUT /quality/index-weights': {
    version: 0,
    weights: { health: 30, electricity: 20, response: 15, hazards: 20, inspection: 15 },
    reason: 'As agreed with the district',
  },
  'POST /work-orders/{id}/corrections': {
    causeClass: 'people',
    outcome: 'serviced',
    reason: 'A pushchair had bent the sill',
  },
  'POST /work-orders/{id}/follow-up': { summary: 'The door sticks again', severity: 'warning' },
  'POST /quality/inspections': { deviceId: 'elv-42', kind: 'unannounced', dueOn: '2026-12-11' },
  'POST /quality/inspections/{id}/start': { inspector: 'Sun Li' },
  'POST /quality/inspections/{id}/score': {
    findings: [
      { item: 'brake', result: 'ok' },
      { item: 'car-door', result: 'defect', defects: 2, note: 'Two rollers are worn' },
    ],
  },
  'POST /quality/inspections/{id}/finish': { remedies: [{ item: 'car-door', dueOn: '2026-12-18' }] },
  'POST /quality/inspections/{id}/not-possible': { reason: 'The building is closed for works' },
  'PUT /quality/templates/{id}': {
    ...{ version: 0, name: { en: 'Elevator: short', 'zh-CN': '电梯简表' }, passScore: 80 },
    items: [
      {
        ...{ id: 'brake', name: { en: 'Brake', 'zh-CN': '制动器' }, weight: 60, deduction: 20, photo: 'always' },
        ...{ critical: true, source: 'TSG T5002-2017, annex A' },
      },
      { id: 'pit', name: { en: 'Pit', 'zh-CN': '底坑' }, weight: 40, deduction: 10, photo: 'defect' },
    ],
  },
  'POST /quality/reports': { period: '2026-11', insurerId: 'picc' },
  'POST /quality/reports/{id}/shares': { name: 'Cuiyuan Street', expiresAt: '2026-12-31T16:00:00Z' },
  'POST /quality/report-schedules': {
    ...{ type: 'monthly', insurerId: 'picc' },
    recipients: [{ name: 'Sun Li', channelId: 'mail', address: 'sun.li@example.org', locale: 'zh-CN' }],
  },
  'PUT /quality/inspection-plans/{id}': {
    ...{ version: 0, quarterly: true, monthlyShare: 0.05, unannouncedPerMonth: 10 },
    publicSource: '中国福利彩票双色球：上月最后一期，红球由小到大、蓝球，写作 03-07-12-19-26-31+08',
  },
  'PUT /quality/samples/{id}/public-value': { publicValue: '03-07-12-19-26-31+08' },
  'POST /suppressions': {
    ...{ type: 'shelf', scope: { type: 'device', id: 'elv-42' }, finding: 'elevator/door-close-drift' },
    ...{ reason: 'The belt is ordered', endsAt: '2026-12-08T08:00:00Z' },
  },
  'POST /duty-log': { type: 'handover', text: 'Lift 3 in Garden 7 stands until the part comes', name: 'Wang Fang' },
  'POST /duty-log/{id}/take-over': { name: 'Li Wei' },
  'POST /teams': { id: 'east', type: 'crew', ...east },
  'PATCH /teams/{id}': { phone: '+86 571 8888 0111' },
  'POST /members': { id: 'li', teamId: 'east', name: 'Li Wei', phone: '+86 138 0000 0001' },
  'PATCH /members/{id}': { teamId: 'west' },
  'PUT /teams/{id}/roster': {
    version: 0,
    shifts: [{ days: [1, 2, 3, 4, 5], from: '08:00', until: '20:00', memberIds: ['li'] }],
  },
  'POST /teams/{id}/roster/swaps': {
    ...{ from: '2026-11-24T00:00:00Z', until: '2026-11-24T12:00:00Z', memberId: 'li', insteadId: 'zhao' },
  },
  'PUT /plans/{id}': {
    ...{
      version: 0,
      name: { en: 'Entrapment', 'zh-CN': '困人' },
      match: { severities: ['critical'] },
      tell: ['duty-room', 'crew'],
    },
    steps: [{ id: 'acknowledged', goal: 'acknowledged', minutes: 3, tell: ['supervisor'] }],
  },
  'POST /channels': {
    ...{ id: 'duty-hook', type: 'webhook', name: 'Duty room' },
    settings: {
      url: 'https://hooks.example.org/liftwatt',
      secret: 'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=',
    },
  },
  'PATCH /channels/{id}': { enabled: false },
  'POST /channels/{id}/test': { locale: 'zh-CN' },
  'POST /rules/{kind}/{name}/changes': {
    ...{ scope: { type: 'device', id: 'elv-42' }, settings: { warnBelowLimitKelvin: 20 } },
    reason: 'A hot summer in this machine room',
  },
  'POST /rules/{kind}/{name}/backtest': {
    ...{ scope: { type: 'kind', id: 'elevator' }, settings: { warnBelowLimitKelvin: 20 } },
    ...{ from: '2026-10-01T00:00:00Z', to: '2026-11-01T00:00:00Z' },
  },
}
