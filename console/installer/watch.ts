import { signal } from '@preact/signals'
import { get } from '../shared/api.ts'
import { serverNow } from '../shared/clock.ts'
import type { DeviceDetail, Page } from '../shared/wire.ts'
import { type Trouble, troublesOf } from './trouble.ts'
import { look, lookAtPasswords, type Seen, type WrongPasswords, wrongPasswordsTrouble } from './verdict.ts'
import type { GatewayDetail, QuarantineItem } from './wire.ts'

/** What the service knows of a gateway and a device at this moment. */
export interface Watched {
  readonly gateway: GatewayDetail
  readonly last: DeviceDetail['last']
  /** The history cannot be asked: `last` is not known. */
  readonly lastUnknown: boolean
  readonly troubles: readonly Trouble[]
  readonly seen: Seen
}

export const watched = signal<Watched | null>(null)
/** The last look got no answer: what is shown is as old as the one before. */
export const isBlind = signal(false)

/** The live stream tells orders and incidents only, and not to installers: this page asks. */
const everyMs = 1_500
/** Each comes with its bytes, up to 64 KiB. */
const itemsAsked = 10

/** Looks again and again, also after a failure; the answer ends it. A page that nobody sees does not ask. */
export function watch(gatewayId: string, deviceId: string): () => void {
  let ended = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let state: Parameters<typeof look>[0] = null
  let passwords: WrongPasswords | null = null

  async function once(): Promise<void> {
    const [gateway, device, quarantine] = await Promise.all([
      get<GatewayDetail>(`/gateways/${gatewayId}`),
      get<DeviceDetail>(`/devices/${deviceId}`),
      get<Page<QuarantineItem>>('/quarantine', { gatewayId, limit: itemsAsked }),
    ])
    if (ended) return
    const lastUnknown = device.lastUnknown !== undefined
    if (!lastUnknown) state = look(state, device.last?.at ?? null, serverNow())
    const seen = state?.seen ?? { since: serverNow(), before: null, came: null }
    passwords = lookAtPasswords(passwords, gateway.liveness, serverNow())
    const troubles = [...wrongPasswordsTrouble(passwords), ...troublesOf(gateway.refusals, quarantine.items)]
    watched.value = { gateway, last: device.last, lastUnknown, troubles, seen }
  }

  async function goOn(): Promise<void> {
    if (document.visibilityState === 'visible') {
      try {
        await once()
        isBlind.value = false
      } catch {
        isBlind.value = true
      }
    }
    if (!ended) timer = setTimeout(goOn, everyMs)
  }

  goOn()
  return () => {
    ended = true
    clearTimeout(timer)
    watched.value = null
    isBlind.value = false
  }
}
