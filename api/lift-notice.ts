import { z } from 'zod'
import { type Clock, secondMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { ExpectedError } from '../core/errors.ts'
import type { WorkOrder } from '../core/incident.ts'
import { setNewest } from '../core/newest-keys.ts'
import type { Place, Scope } from '../core/scope.ts'
import { orderTypeOf } from '../core/severity.ts'
import type { Site } from '../core/site.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Operations } from '../stores/operations/port.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import { Instant } from './schemas.ts'

export const serviceStates = ['in-service', 'out-of-service', 'maintenance', 'unknown'] as const
export const helpStates = ['recorded', 'known', 'on-the-way', 'on-site'] as const

/**
 * What anybody may know of a lift: what the use mark in its car names (使用标志, TSG 08-2017: maintainer and emergency number among
 * others) and whether it runs. No history, nobody's name, nothing of who lives there. What is not known is null, and said so.
 */
export const LiftNotice = z
  .object({
    deviceId: z.string(),
    name: z.string().nullable(),
    place: z.string().nullable().describe('District to unit, and the address'),
    state: z.enum(serviceStates),
    help: z
      .enum(helpStates)
      .nullable()
      .describe(
        'An emergency there: recorded, and nobody has answered; known to the duty room; a crew comes; it is there',
      ),
    lastMaintenanceAt: Instant.nullable().describe('The end of the last visit that its maintainer reported'),
    maintainer: z.object({ name: z.string(), phone: z.string().nullable() }).nullable(),
    emergencyPhone: z.string().nullable(),
  })
  .meta({ id: 'LiftNotice' })

export type LiftNotice = z.output<typeof LiftNotice>

export interface NoticeSources {
  readonly operations: Operations
  readonly readings: Pick<ReadingStore, 'last'>
  readonly kinds: readonly DeviceKind[]
}

/** Unverified defaults. */
const keptMs = 5 * secondMs
const noticesKept = 1_000

/**
 * Notices, each at most 5 s old: who holds one code and asks for it without end costs the database one look in 5 s, and nobody who
 * stands in a lift is refused because of them.
 */
export function createKeptNotices(sources: NoticeSources & { readonly clock: Clock }) {
  const kept = new Map<string, { at: number; notice: Promise<LiftNotice> }>()
  return {
    of(device: Device): Promise<LiftNotice> {
      const now = sources.clock()
      const before = kept.get(device.id)
      if (before !== undefined && now - before.at < keptMs) return before.notice
      const notice = liftNotice(sources, device, now)
      setNewest(kept, device.id, { at: now, notice }, noticesKept)
      notice.catch(() => kept.delete(device.id))
      return notice
    },
    /** Something was reported there. */
    forget: ({ id }: Device) => kept.delete(id),
  }
}

/** Among so many of a lift's open orders help is looked for, and among so many incidents a danger. */
const ordersLookedAt = 20
const incidentsLookedAt = 50

/** @param now ms since 1970 */
export async function liftNotice(sources: NoticeSources, device: Device, now: number): Promise<LiftNotice> {
  const { operations } = sources
  const [sites, { items: orders }, { items: visits }, maintainerId] = await Promise.all([
    device.siteId === null ? [] : operations.sitesAbove(device.siteId),
    operations.orders({ deviceId: device.id, state: 'open', limit: ordersLookedAt }),
    operations.visits({ deviceId: device.id, limit: 1 }),
    operations.deviceParty(device.id, 'maintainer', now),
  ])
  const maintainer = maintainerId === null ? undefined : await operations.team(maintainerId)
  const help = helpOf(orders)
  return {
    deviceId: device.id,
    name: device.name,
    place: placeOf(sites),
    state: await stateOf(sources, device, help, now),
    help,
    lastMaintenanceAt: visits[0]?.endedAt ?? null,
    maintainer: maintainer ? { name: maintainer.name, phone: maintainer.phone } : null,
    emergencyPhone: emergencyPhoneOf([device, ...sites]),
  }
}

function placeOf(sites: readonly Site[]): string | null {
  const path = sites.map(({ name }) => name).reverse()
  const address = sites.find((site) => site.address !== null)?.address
  return [path.join(' / '), address].filter(Boolean).join(', ') || null
}

/** The nearest one's. */
function emergencyPhoneOf(places: readonly Pick<Site, 'contacts'>[]): string | null {
  const contacts = places.flatMap((place) => place.contacts)
  return contacts.find(({ role, phone }) => role === 'emergency' && phone !== null)?.phone ?? null
}

/** Of the order that is furthest: who waits wants to know how near somebody is, and never hears more than a person has answered. */
export function helpOf(orders: readonly WorkOrder[]): LiftNotice['help'] {
  const answers = orders.filter(({ arriveBy }) => arriveBy !== null).map(answerTo)
  return helpStates.findLast((help) => answers.includes(help)) ?? null
}

function answerTo({ state, technicianId }: WorkOrder): LiftNotice['help'] {
  if (state === 'arrived') return 'on-site'
  // given to another crew, it is accepted by nobody yet
  if (state === 'accepted') return technicianId === null ? 'known' : 'on-the-way'
  if (state === 'acknowledged') return 'known'
  return state === 'raised' ? 'recorded' : null
}

/** Who works on it is believed first; then help and a danger that goes on; then the lift itself, which is not known to run when it says nothing now. */
async function stateOf(
  { operations, readings, kinds }: NoticeSources,
  device: Device,
  help: LiftNotice['help'],
  now: number,
): Promise<LiftNotice['state']> {
  const scopes = scopesOf(device, await operations.placeOf(device.id))
  const suppressions = await operations.suppressionsAt(scopes, now)
  if (suppressions.some(({ type, finding }) => type === 'maintenance' && finding === null)) return 'maintenance'
  if (help !== null || (await isInDanger(operations, device))) return 'out-of-service'

  const last = await readings.last(device.id, device.kind).catch((cause: unknown) => {
    if (cause instanceof ExpectedError && cause.code === 'unavailable') return undefined
    throw cause
  })
  const freshMs = (kinds.find(({ id }) => id === device.kind)?.freshSeconds ?? 0) * secondMs
  const mode = last !== undefined && now - last.at <= freshMs ? last.values.mode : undefined
  if (mode === undefined) return 'unknown'
  return mode === 'normal' ? 'in-service' : mode === 'inspection' ? 'maintenance' : 'out-of-service'
}

/** What somebody has to go to at once is still there: a crew that says that it is over does not make it so. */
async function isInDanger(operations: Operations, { id }: Device): Promise<boolean> {
  const states = ['open', 'unknown'] as const
  const found = await Promise.all(
    states.map((state) => operations.incidents({ deviceId: id, state, limit: incidentsLookedAt })),
  )
  return found.some(({ items }) => items.some(({ severity }) => orderTypeOf(severity) === 'emergency'))
}

function scopesOf({ id }: Device, { gatewayId, feederId, path }: Place): Scope[] {
  const sites = Object.entries(path).map(([type, site]) => ({ type: type as keyof Place['path'], id: site }))
  return [
    { type: 'device', id },
    ...(gatewayId === null ? [] : [{ type: 'gateway' as const, id: gatewayId }]),
    ...(feederId === null ? [] : [{ type: 'feeder' as const, id: feederId }]),
    ...sites,
  ]
}
