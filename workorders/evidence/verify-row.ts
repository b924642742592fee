import { canonicalJson } from '../../core/canonical.ts'
import type { WorkOrder } from '../../core/incident.ts'
import { orderTypeOf, type Severity } from '../../core/severity.ts'
import type { ChainedEvent } from '../../stores/operations/port.ts'
import { certain } from '../intake/same-event.ts'
import { arriveWithinMs } from '../life/open.ts'
import { planHash, timeSetBy } from './chain.ts'

type Field = keyof WorkOrder
/** What an event says of fields of the row; undefined = the row may say anything from there on, for the chain does not. */
type Told = Partial<Record<Field, unknown>>

export interface Fault {
  readonly event: number
  readonly text: string
}

/** Nobody has done anything yet: each of these needs an event that says it. */
const nothingDone: Told = {
  upgradedAt: null,
  acknowledgedAt: null,
  acceptedAt: null,
  arrivedAt: null,
  restoredAt: null,
  closedAt: null,
  cancelledAt: null,
  passengerToldAt: null,
  inspectedAt: null,
  causeClass: null,
  outcome: null,
  technicianId: null,
  technicianName: null,
  followsId: null,
  mergedIntoId: null,
  note: null,
  parts: [],
}

/**
 * The first field of an order's row that is not as its events say: lists, reports and the clock read the row. Orders of earlier
 * versions say less in their events, and are checked for what they say. Pure.
 */
export function faultOfRow(order: WorkOrder, chain: readonly ChainedEvent[]): Fault | undefined {
  const told: Told = { ...nothingDone }
  const toldBy = new Map<string, number>()
  for (const event of chain) {
    const said = saidBy(event, told, order)
    Object.assign(told, said)
    for (const field of Object.keys(said)) toldBy.set(field, event.number ?? 0)
  }
  for (const [field, value] of Object.entries(told) as [Field, unknown][]) {
    if (value === undefined || isSame(order, field, value)) continue
    const event = toldBy.get(field)
    if (event !== undefined) return { event, text: `The order says another ${field} than its event ${event}` }
    return { event: chain.length, text: `The order has a ${field} that none of its events set` }
  }
  return faultOfClock(order, chain.length)
}

function isSame(order: WorkOrder, field: Field, value: unknown): boolean {
  const own = field === 'plan' ? planAsTold(order, value) : order[field]
  return canonicalJson(own) === canonicalJson(value)
}

/** By its hash or, in events of earlier versions, by its name. */
function planAsTold({ plan }: WorkOrder, value: unknown) {
  return typeof value === 'string' ? planHash(plan) : plan && { id: plan.id, version: plan.version }
}

/** Whatever the events say: nobody has longer than 30 minutes from what started the clock. */
function faultOfClock({ arriveBy, upgradedAt, detectedAt }: WorkOrder, event: number): Fault | undefined {
  if (arriveBy === null || arriveBy === (upgradedAt ?? detectedAt) + arriveWithinMs) return undefined
  return { event, text: 'The order says another arriveBy than 30 minutes after its detection or its upgrade' }
}

function saidBy(event: ChainedEvent, told: Told, order: WorkOrder): Told {
  return { ...timesSaid(event, told), ...stateSaid(event), ...fieldsSaid(event, told, order) }
}

const states = ['raised', 'acknowledged', 'accepted', 'arrived', 'restored', 'closed', 'cancelled']

function stateSaid({ type }: ChainedEvent): Told {
  return states.includes(type) ? { state: type } : {}
}

/** Whoever accepts an order that nobody has acknowledged acknowledges it. What is set stays. */
function timesSaid(event: ChainedEvent, told: Told): Told {
  const own = timeSetBy(event)
  if (own === undefined) return {}
  const times = event.type === 'accepted' ? (['acknowledgedAt', own] as const) : [own]
  const said = (time: Field) => timeIn(event.data[time]) ?? timeIn(event.data[own]) ?? event.at
  return Object.fromEntries(times.filter((time) => told[time] === null).map((time) => [time, said(time)]))
}

/** What was done about another order that this one goes on for was done before it was noted here. */
function timeIn(value: unknown): number | undefined {
  return typeof value === 'string' ? Date.parse(value) : undefined
}

function fieldsSaid(event: ChainedEvent, told: Told, order: WorkOrder): Told {
  const { type, data } = event
  switch (type) {
    case 'raised':
      return raisedSaid(data, order)
    case 'upgraded':
      return { severity: data.to, ...((data.action !== 'merge' || isRow(data.order)) && upgradedSaid(data, told)) }
    case 'reassigned':
      return { teamId: data.teamId, technicianId: null, technicianName: null }
    case 'accepted':
      return takenSaid(event)
    case 'arrived':
    case 'restored':
      return told.technicianId === null ? takenSaid(event) : {}
    case 'closed':
      return closedSaid(data)
    case 'cancelled':
      return { ...given(data, 'note'), mergedIntoId: data.mergedIntoId ?? null }
    default:
      return notedSaid(data)
  }
}

type Data = ChainedEvent['data']

function raisedSaid(data: Data, { detectedAt }: WorkOrder): Told {
  const { severity, teamId, plan, order } = data
  const said = { severity, teamId, plan }
  if (isRow(order)) return { ...said, ...rowSaid(order) }
  if (typeof severity !== 'string') return said
  return { ...said, arriveBy: isEmergency(severity) ? detectedAt + arriveWithinMs : null }
}

function upgradedSaid({ to, plan, order, ...data }: Data, { arriveBy }: Told): Told {
  const said = {
    ...(plan !== undefined && { plan }),
    ...('teamId' in data && { ...given(data, 'teamId'), technicianId: null, technicianName: null }),
  }
  if (isRow(order)) return { ...said, ...rowSaid(order) }
  const becomesEmergency = arriveBy === null && isEmergency(String(to))
  const clock = { type: 'emergency', dueAt: null, upgradedAt: undefined, arriveBy: undefined }
  return { ...said, summary: undefined, ...(becomesEmergency && clock) }
}

function isEmergency(severity: string): boolean {
  return orderTypeOf(severity as Severity) === 'emergency'
}

function isRow(order: unknown): order is Data {
  return typeof order === 'object' && order !== null
}

const timesInRow = ['receivedAt', 'upgradedAt', 'arriveBy', 'dueAt'] as const

function rowSaid(row: Data): Told {
  const times = timesInRow.map((name) => [name, row[name] === null ? null : timeIn(row[name])])
  return { ...row, ...Object.fromEntries(times) }
}

/** Nobody knows any more who took an order of the books of before. */
function takenSaid({ actor, data }: ChainedEvent): Told {
  if (data.imported === true) return {}
  const { technicianId = actor, technicianName = technicianId } = data
  return { technicianId, technicianName, ...given(data, 'teamId') }
}

/** What a false alarm is put down to is not always said. */
function closedSaid(data: Data): Told {
  const unsaid = data.imported === true ? ['outcome', 'causeClass'] : []
  if (data.outcome === 'false-alarm') unsaid.push('causeClass')
  const open = Object.fromEntries(unsaid.map((field) => [field, undefined]))
  return { ...open, ...given(data, 'outcome', 'causeClass', 'parts', 'note') }
}

function notedSaid(data: Data): Told {
  if (data.action === 'dealt-with') return { outcome: 'self-corrected' }
  if (data.action === 'follow-up') return given(data, 'followsId')
  if (data.action === 'open-by-hand') return given(data, 'type', 'finding', 'summary')
  if (data.action === 'moved') return isRow(data.order) ? rowSaid(data.order) : {}
  if (typeof data.findingBefore !== 'string') return {}
  return { finding: certain, ...given(data, 'plan'), ...(isRow(data.order) && rowSaid(data.order)) }
}

function given(data: Data, ...fields: readonly Field[]): Told {
  return Object.fromEntries(fields.filter((field) => data[field] !== undefined).map((field) => [field, data[field]]))
}
