import { randomUUID } from 'node:crypto'
import type { Caller } from '../../core/callers.ts'
import { ExpectedError } from '../../core/errors.ts'
import { type Incident, justFound } from '../../core/incident.ts'
import { nowhere, type Place, type Scope } from '../../core/scope.ts'
import type { Operations } from '../../stores/operations/port.ts'

/** Of incidents that people reported; they are over when their order is. */
export const manualSource = 'manual'

/** Of what nobody but this service reports. */
export const ownSources = ['liftwatt', manualSource, 'import'] as const

/** What a caller or another system says, as an order keeps it among its callers. Undefined: our own findings and old books are no words. */
export function saidBy(source: string, summary: string): Caller | undefined {
  if (source === manualSource) return { words: summary }
  return ownSources.some((own) => own === source) ? undefined : { name: source, words: summary }
}

/** What a person or another system says that it is about: one of the three. */
export interface Whereabouts {
  readonly deviceId?: string
  readonly siteId?: string
  readonly gatewayId?: string
}

export interface Placed {
  readonly scope: Scope
  readonly deviceId: string | null
  readonly place: Place
}

/** Nothing was written of what is about no place that there is. */
export class UnknownPlace extends ExpectedError {
  constructor(message: string) {
    super('invalid', message)
    this.name = 'UnknownPlace'
  }
}

/** @throws {UnknownPlace} when it names nothing, more than one thing, or something that is not there */
export async function whereIs(unit: Operations, { deviceId, siteId, gatewayId }: Whereabouts): Promise<Placed> {
  if ([deviceId, siteId, gatewayId].filter((id) => id !== undefined).length !== 1) {
    throw new UnknownPlace('One of deviceId, siteId and gatewayId is needed, and only one')
  }
  if (deviceId !== undefined) return deviceOf(unit, deviceId)
  if (siteId !== undefined) return siteOf(unit, siteId)
  return gatewayOf(unit, gatewayId ?? '')
}

async function deviceOf(unit: Operations, id: string): Promise<Placed> {
  if ((await unit.device(id)) === undefined) throw new UnknownPlace(`deviceId: there is no device ${id}`)
  return { scope: { type: 'device', id }, deviceId: id, place: await unit.placeOf(id) }
}

/** The same for many devices in one look; those that are not there are absent. */
export async function whereDevicesAre(unit: Operations, ids: readonly string[]): Promise<Map<string, Placed>> {
  const places = await unit.placesOf(ids)
  return new Map([...places].map(([id, place]) => [id, { scope: { type: 'device', id }, deviceId: id, place }]))
}

async function siteOf(unit: Operations, id: string): Promise<Placed> {
  const site = await unit.site(id)
  if (site === undefined) throw new UnknownPlace(`siteId: there is no site ${id}`)
  const place = { ...nowhere, siteId: id, path: await unit.pathOf(id) }
  return { scope: { type: site.type, id }, deviceId: null, place }
}

async function gatewayOf(unit: Operations, id: string): Promise<Placed> {
  if ((await unit.gateway(id)) === undefined) throw new UnknownPlace(`gatewayId: there is no gateway ${id}`)
  return { scope: { type: 'gateway', id }, deviceId: null, place: { ...nowhere, gatewayId: id } }
}

/** Of what people report in words of their own, whatever it may be. */
export const anyReport = 'manual/report'

/** Whether it names a finding, such as `elevator/entrapment`; whoever writes in words of their own does not. */
export function isFinding(text: string): boolean {
  return /^[a-z0-9-]{1,64}\/[a-z0-9-]{1,64}$/.test(text)
}

/** An incident that no detector found, as whoever reports it knows it. */
export type ReportedIncident = Placed &
  Pick<
    Incident,
    | 'state'
    | 'finding'
    | 'severity'
    | 'summary'
    | 'evidence'
    | 'occurredAt'
    | 'detectedAt'
    | 'clearedAt'
    | 'source'
    | 'externalId'
  > &
  Partial<Pick<Incident, 'suppressed'>>

/** Undefined when this source has reported it before, under the same id. */
export async function insertReported(unit: Operations, reported: ReportedIncident): Promise<Incident | undefined> {
  const { source, externalId } = reported
  const incident = incidentOf(reported)
  for (let { occurredAt } = reported; ; ) {
    if (await unit.insertIncident({ ...incident, occurredAt, followed: null })) return { ...incident, occurredAt }
    if (externalId !== null && (await unit.lockReportedIncident({ source, externalId }))) return undefined
    // else the same thing was reported twice in one millisecond: the second one is another incident
    occurredAt = await unit.freeEpisodeTime(incident)
  }
}

/** The same for many, in the same order. */
export async function insertReportedMany(
  unit: Operations,
  reported: readonly ReportedIncident[],
): Promise<(Incident | undefined)[]> {
  const incidents = reported.map(incidentOf)
  const inserted = new Set(await unit.insertIncidents(incidents.map((incident) => ({ ...incident, followed: null }))))
  const done: (Incident | undefined)[] = []
  for (const [index, one] of reported.entries()) {
    const incident = incidents[index]
    done.push(incident && inserted.has(incident.id) ? incident : await insertReported(unit, one))
  }
  return done
}

function incidentOf(reported: ReportedIncident): Incident {
  return { ...justFound, ...reported, id: randomUUID(), receivedAt: reported.detectedAt, count: 1, orderId: null }
}
