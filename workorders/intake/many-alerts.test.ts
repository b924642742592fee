import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDevice } from '../../test/fixtures/rows.ts'
import { startTestDatabase, type TestDatabase } from '../../test/operations-database.ts'
import { createWorkOrders } from '../life/act.ts'
import { type Alert, takeAlerts } from './alertmanager.ts'

const start = Date.UTC(2026, 10, 24, 8)
let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
  const { operations } = database
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: start, revokedAt: null })
  for (const id of ['m-1', 'm-2']) await operations.insertDevice(testDevice({ id, createdAt: start }))
})
afterAll(() => database.remove())

/** Of one device, all since the same moment. */
function alertsOf(deviceId: string, many: number, labels: Alert['labels']): Alert[] {
  return Array.from({ length: many }, (_, n) => ({
    status: 'firing' as const,
    labels: { alertname: 'TooHot', device_id: deviceId, ...labels },
    annotations: {},
    startsAt: start,
    fingerprint: `${deviceId === 'm-1' ? 'a' : 'b'}${n}`,
  }))
}

/** Answers how many transactions it took, and how often an incident was tried to be inserted. */
async function take(alerts: readonly Alert[]) {
  const { operations } = database
  const spent = { transactions: 0, insertions: 0 }
  const counted: typeof operations = {
    ...operations,
    transaction(work) {
      spent.transactions += 1
      return operations.transaction((unit) =>
        work({
          ...unit,
          insertIncident(incident) {
            spent.insertions += 1
            return unit.insertIncident(incident)
          },
        }),
      )
    },
  }
  const workOrders = createWorkOrders({ operations: counted, clock: () => start })
  const answer = await takeAlerts(workOrders, alerts, 'prometheus').catch((cause: unknown) => cause)
  return { ...spent, answer }
}

async function incidentsOf(deviceId: string) {
  return (await database.operations.incidents({ deviceId, limit: 1_000 })).items
}

test.each([
  ['m-1', 'info'],
  ['m-2', 'urgent'],
])(
  'many alerts of one device and one moment cost each the same, and are each one incident: %s, %s',
  async (id, severity) => {
    const alerts = alertsOf(id, 120, { severity })
    const first = await take(alerts)
    expect(first).toMatchObject({ answer: { taken: 120 }, transactions: 3 })
    expect(first.insertions).toBeLessThanOrEqual(2 * 120)
    const incidents = await incidentsOf(id)
    expect(new Set(incidents.map(({ occurredAt }) => occurredAt)).size).toBe(120)
    expect(Math.max(...incidents.map(({ occurredAt }) => occurredAt))).toBe(start + 119)

    // as when the answer came too late
    expect(await take(alerts)).toMatchObject({ answer: { taken: 120 }, insertions: 0 })
    const again = await incidentsOf(id)
    expect(again.map(({ count }) => count)).toEqual(Array(120).fill(2))
    const orders = (await database.operations.orders({ deviceId: id, limit: 1_000 })).items
    expect(orders).toHaveLength(severity === 'info' ? 0 : 120)
  },
)

test('many alerts of devices that nobody knows are refused one by one, and cost no transaction of their own', async () => {
  const known = alertsOf('m-1', 1, { alertname: 'TooWet' }).map((alert) => ({ ...alert, fingerprint: 'wet' }))
  const unknown = alertsOf('', 99, {}).map((alert, n) => ({
    ...alert,
    labels: { ...alert.labels, device_id: `x-${n}` },
  }))
  const { transactions, answer } = await take([...unknown, ...known])
  expect(transactions).toBe(2)
  expect(answer).toMatchObject({ code: 'invalid', faults: unknown.map((_, n) => ({ path: `alerts.${n}` })) })
  const { items } = await database.operations.orders({ deviceId: 'm-1', limit: 1_000 })
  expect(items.filter(({ finding }) => finding === 'alertmanager/too-wet')).toHaveLength(1)
})

test('of many alerts those that name nothing known are refused by their place, and all others are taken', async () => {
  const good = alertsOf('m-1', 9, { alertname: 'TooCold', severity: 'warning' })
  const trapped = alertsOf('m-1', 1, { finding: 'camera/entrapment' }).map((alert) => ({ ...alert, fingerprint: 'aa' }))
  const alerts = [
    ...alertsOf('none', 1, {}),
    ...good.map((alert, n) => ({ ...alert, fingerprint: `c${n}` })),
    ...trapped,
  ]
  const { answer } = await take(alerts)
  expect(answer).toMatchObject({ code: 'invalid', faults: [{ path: 'alerts.0' }] })
  const { items } = await database.operations.orders({ deviceId: 'm-1', limit: 1_000 })
  const findings = items.map(({ finding }) => finding).filter((finding) => finding !== 'alertmanager/too-wet')
  expect(findings).toEqual([...Array(9).fill('alertmanager/too-cold'), 'camera/entrapment'])
})
