import { randomUUID } from 'node:crypto'
import type { InspectionPlan } from '../../core/inspection.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { lastDayOfQuarter, quarterOf } from './periods.ts'
import { plan as planInspections } from './record.ts'
import { type AtRisk, emergenciesWithinMs, riskiest, riskOf } from './risk.ts'
import { slicesOf } from './slices.ts'

/** As many reports as Huai'an's insurers write in a quarter. */
const riskiestPerQuarter = 30
const elevatorsAtOnce = 200

/** Every elevator once in the quarter; one that is insured later in it is planned then. Answers how many were planned. */
export async function planQuarter(
  operations: Operations,
  { insurerId, sheetId }: InspectionPlan,
  insured: readonly string[],
  { at, actor }: { readonly at: number; readonly actor: string },
): Promise<number> {
  const period = quarterOf(at)
  const shared = { kind: 'quarterly', dueOn: lastDayOfQuarter(period), insurerId, period, sheetId } as const
  let planned = 0
  for (const some of slicesOf(insured, elevatorsAtOnce)) {
    const there = await operations.inspectedIn(some, shared)
    const missing = some.filter((deviceId) => !there.has(deviceId))
    if (missing.length === 0) continue
    planned += await operations.transaction(async (unit) => {
      const wanted = missing.map((deviceId) => ({ id: randomUUID(), deviceId, ...shared }))
      const { length } = await planInspections(unit, wanted, { at, actor })
      const data = { period, inspections: length }
      await unit.insertAudit({ at, actor, action: 'inspections-planned', subject: insurerId, data })
      return length
    })
  }
  return planned
}

/** The list of the quarter, once. Answers whether it was made. */
export async function listRiskiest(
  operations: Operations,
  insurerId: string,
  insured: readonly string[],
  now: number,
): Promise<boolean> {
  const quarter = quarterOf(now)
  const { items: there } = await operations.riskLists({ quarter, insurerId, limit: 1 })
  if (there.length > 0 || insured.length === 0) return false
  const items = riskiest(await risksOf(operations, insured, now), riskiestPerQuarter)
  return operations.insertRiskList({ insurerId, quarter, madeAt: now, items })
}

/** What is known of each of these elevators now, as a risk. */
export async function risksOf(operations: Operations, ids: readonly string[], now: number): Promise<AtRisk[]> {
  const risks: AtRisk[] = []
  for (const some of slicesOf(ids, elevatorsAtOnce)) {
    const devices = await operations.devicesByIds(some)
    const health = await operations.newestHealth(some)
    const emergencies = await operations.emergenciesOf(some, now - emergenciesWithinMs)
    const inspected = await operations.lastInspections(some)
    for (const { id: deviceId, facts } of devices) {
      const last = inspected.get(deviceId)
      const known = {
        deviceId,
        health: health.get(deviceId)?.score ?? null,
        emergencies: emergencies.get(deviceId) ?? 0,
        installedAt: typeof facts.installedOn === 'string' ? Date.parse(facts.installedOn) : null,
        lastInspection: last?.endedAt == null ? null : { at: last.endedAt, score: last.score },
      }
      risks.push({ deviceId, ...riskOf(known, now) })
    }
  }
  return risks
}
