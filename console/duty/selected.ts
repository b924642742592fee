import { signal } from '@preact/signals'
import { get } from '../shared/api.ts'
import { serverNow } from '../shared/clock.ts'
import type { DeviceDetail, IncidentDetail, MetricBucket, Page, WorkOrder, WorkOrderDetail } from '../shared/wire.ts'
import { type Curve, curveOf, limitFor, metricFor } from './curve-data.ts'
import { type Verdict, verdictOf } from './steps.ts'

/** What is behind the selected order. `null` = there is none, `undefined` = it is not here yet. */
export interface Selected {
  readonly orderId: string
  readonly detail?: WorkOrderDetail
  readonly incident?: IncidentDetail
  readonly curve?: SelectedCurve | null
  readonly history?: readonly WorkOrder[]
}

export interface SelectedCurve {
  readonly metric: string
  readonly limit: number | undefined
  readonly curve: Curve
}

export const selected = signal<Selected | null>(null)

/** As the order was verified, of the one that is selected; null = nobody has said it, or it is not read yet. */
export function verdictSaid({ id }: WorkOrder): Verdict | null {
  const known = selected.value
  return known?.orderId === id ? verdictOf(known.detail?.events ?? []) : null
}

/** Whether what happened to it is here, so that it can be said what speaks against closing it. */
export function isHistoryRead({ id }: WorkOrder): boolean {
  const known = selected.value
  return known?.orderId === id && known.detail !== undefined
}

const dayMs = 24 * 3_600_000
const stepSeconds = 300
const lastOrders = 3

/**
 * Reads what is behind an order; each part is shown as it comes. What is read for an order that is not selected any more goes
 * nowhere.
 * @param order as it is now: what happened to it is read anew whenever it changed
 */
export async function readSelected(order: WorkOrder): Promise<void> {
  const { id, deviceId, incidentId } = order
  const isSame = selected.peek()?.orderId === id
  if (!isSame) selected.value = { orderId: id }
  const add = (part: Partial<Selected>) => {
    const before = selected.peek()
    if (before?.orderId === id) selected.value = { ...before, ...part }
  }
  const readDetail = async () => {
    const detail = await get<WorkOrderDetail>(`/work-orders/${id}`)
    add({ detail })
    if (!isSame) add({ curve: deviceId === null ? null : await readCurve(deviceId, detail) })
  }
  const readIncident = async () => add({ incident: await get<IncidentDetail>(`/incidents/${incidentId}`) })
  const readHistory = async () => add({ history: await lastOrdersOf(order) })
  await Promise.allSettled([readDetail(), ...(isSame ? [] : [readIncident(), readHistory()])])
}

async function readCurve(deviceId: string, { evidence }: WorkOrderDetail): Promise<SelectedCurve | null> {
  const path = `/devices/${encodeURIComponent(deviceId)}`
  const { last } = await get<DeviceDetail>(path)
  const metric = last === null ? undefined : metricFor(evidence, last.values)
  if (metric === undefined) return null
  const to = serverNow()
  const from = to - dayMs
  const asked = { metric, from: new Date(from).toISOString(), to: new Date(to).toISOString(), step: stepSeconds }
  const { items } = await get<Page<MetricBucket>>(`${path}/readings`, asked)
  return { metric, limit: limitFor(metric, evidence), curve: curveOf(items, from, to, stepSeconds * 1_000) }
}

async function lastOrdersOf({ id, deviceId, siteId }: WorkOrder): Promise<readonly WorkOrder[]> {
  const where = deviceId === null ? { siteId: siteId ?? undefined } : { deviceId }
  if (deviceId === null && siteId === null) return []
  const { items } = await get<Page<WorkOrder>>('/work-orders', { ...where, limit: lastOrders + 1 })
  return items.filter((one) => one.id !== id).slice(0, lastOrders)
}
