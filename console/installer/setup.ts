import { effect, signal } from '@preact/signals'
import { ApiProblem, get, post, request } from '../shared/api.ts'
import { attempt } from '../shared/attempt.ts'
import { place, setQuery } from '../shared/router.ts'
import type { DeviceDetail, SiteDetail } from '../shared/wire.ts'
import { kinds } from './kinds.ts'
import type { Credentials, DeviceUpdate, GatewayDetail, NewDevice, NewGateway, RotatedCredentials } from './wire.ts'

/* What the installer has chosen and what the service knows of it. The address keeps the ids, so that a page that is loaded anew goes
 * on where it was; the password is nowhere but here, and gone with the page. */

/** `new`: nothing of this name is there, or it is not ours to see. */
export type Known<Thing> = Thing | 'new' | 'asking' | null

export interface Secret {
  readonly gatewayId: string
  readonly password: string
  /** Until then the one before works too; ISO 8601. */
  readonly previousValidUntil: string | null
}

export const site = signal<SiteDetail | null>(null)
/** Of the site and all above it, the widest first. */
export const sitePath = signal<readonly string[]>([])
export const deviceId = signal('')
export const deviceKind = signal(Object.keys(kinds)[0] ?? '')
export const deviceName = signal('')
export const device = signal<Known<DeviceDetail>>(null)
export const gatewayId = signal('')
export const gateway = signal<Known<GatewayDetail>>(null)
export const secret = signal<Secret | null>(null)
/** Why the last thing that was asked of the service was not done. */
export const problem = signal<unknown>(null)

export const isId = (text: string) => /^[A-Za-z0-9_-]{1,64}$/.test(text)

/** What is there, or null while it is not known or not there. */
export function there<Thing extends object>(known: Known<Thing>): Thing | null {
  return typeof known === 'object' ? known : null
}

const askAfterMs = 300
const order = ['district', 'street', 'community', 'estate', 'building', 'unit'] as const

/** Takes the ids of the address, and asks for each id that is written; the answer ends it. */
export function followSetup(): () => void {
  const { query } = place.peek()
  deviceId.value = query.get('device') ?? ''
  gatewayId.value = query.get('gateway') ?? ''
  const siteId = query.get('site')
  if (siteId !== null && site.peek()?.id !== siteId) chooseSite(siteId)
  const stops = [
    effect(() => askSoon('/devices', deviceId.value, device)),
    effect(() => askSoon('/gateways', gatewayId.value, gateway)),
    effect(() => {
      const known = there(device.value)
      if (known === null) return
      if (gatewayId.peek() === '') gatewayId.value = known.gatewayId
      if (site.peek() === null && known.siteId !== null) chooseSite(known.siteId)
    }),
    effect(() => remember({ site: site.value?.id, device: deviceId.value, gateway: gatewayId.value })),
  ]
  return () => {
    for (const stop of stops) stop()
    for (const one of [site, device, gateway, secret, problem]) one.value = null
  }
}

function remember(ids: Readonly<Record<string, string | undefined>>): void {
  const changed = Object.entries(ids).filter(([name, id]) => (place.peek().query.get(name) ?? '') !== (id ?? ''))
  if (changed.length > 0) setQuery(Object.fromEntries(changed.map(([name, id]) => [name, id || null])))
}

/** Asks what there is of this name once nobody writes any more. */
function askSoon<Thing extends { id: string }>(
  path: string,
  id: string,
  into: { value: Known<Thing>; peek(): Known<Thing> },
): (() => void) | undefined {
  if (there(into.peek())?.id === id) return undefined
  into.value = isId(id) ? 'asking' : null
  if (!isId(id)) return undefined
  const timer = setTimeout(() => ask(path, id, into), askAfterMs)
  return () => clearTimeout(timer)
}

async function ask<Thing extends { id: string }>(path: string, id: string, into: { value: Known<Thing> }) {
  const known = await getOrNew<Thing>(`${path}/${id}`)
  if (known === undefined) return
  // what is written may be another id by now
  const written = path === '/devices' ? deviceId.peek() : gatewayId.peek()
  if (written === id) into.value = known
}

/** Undefined when it was not answered; then `problem` says so. */
async function getOrNew<Thing>(path: string): Promise<Thing | 'new' | undefined> {
  try {
    return await get<Thing>(path)
  } catch (cause) {
    if (cause instanceof ApiProblem && cause.code === 'not-found') return 'new'
    problem.value = cause
    return undefined
  }
}

export async function chooseSite(id: string | null): Promise<void> {
  if (id === null) {
    site.value = null
    sitePath.value = []
    return
  }
  await doing(async () => {
    const chosen = await get<SiteDetail>(`/sites/${id}`)
    const ids = order.flatMap((type) => chosen.path[type] ?? [])
    // one above it may not be ours to see: then its id must do
    const names = ids.map((one) =>
      one === id ? chosen.name : get<SiteDetail>(`/sites/${one}`).then(nameOf, () => one),
    )
    sitePath.value = await Promise.all(names)
    site.value = chosen
  })
}

const nameOf = ({ name }: { readonly name: string }) => name

/** Adds what is not there yet, the gateway first. What was done stays done when the rest is refused. */
export function create(): Promise<boolean> {
  return doing(async () => {
    const place = { siteId: site.value?.id ?? null }
    if (gateway.value === 'new') {
      const made: NewGateway = { id: gatewayId.value, ...place }
      keep(await post<Credentials>('/gateways', made))
      await refreshGateway()
    }
    if (device.value === 'new') {
      const name = deviceName.value.trim()
      const made: NewDevice = {
        ...{ id: deviceId.value, kind: deviceKind.value, gatewayId: gatewayId.value, ...place },
        ...(name !== '' && { name }),
      }
      await post('/devices', made)
      await Promise.all([refreshDevice(), refreshGateway()])
    }
  })
}

export function updateDevice(changes: DeviceUpdate): Promise<boolean> {
  return doing(async () => {
    await request('PATCH', `/devices/${deviceId.value}`, { body: changes })
    await Promise.all([refreshDevice(), refreshGateway()])
  })
}

export function rotate(): Promise<boolean> {
  return doing(async () => keep(await post<RotatedCredentials>(`/gateways/${gatewayId.value}/rotate`, {})))
}

export function revoke(): Promise<boolean> {
  return doing(async () => {
    await request('DELETE', `/gateways/${gatewayId.value}`)
    secret.value = null
    await refreshGateway()
  })
}

/** Whether it was done; if not, `problem` says why. */
export function doing(work: () => Promise<void>): Promise<boolean> {
  return attempt(problem, work)
}

function keep({ id, password, ...rest }: Credentials & Partial<RotatedCredentials>): void {
  secret.value = { gatewayId: id, password, previousValidUntil: rest.previousValidUntil ?? null }
}

async function refreshDevice(): Promise<void> {
  device.value = await get<DeviceDetail>(`/devices/${deviceId.value}`)
}

async function refreshGateway(): Promise<void> {
  gateway.value = await get<GatewayDetail>(`/gateways/${gatewayId.value}`)
}
