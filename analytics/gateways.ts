import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeChange, EpisodeEvent } from '../core/episode.ts'

/** Unverified default: time enough for a gateway's modem to find its network again. */
export const gatewaySilentMs = 5 * minuteMs
const repeatEveryMs = hourMs
/** One whose devices report rarely is missed after so many times its usual interval, a mean over some of them. Unverified defaults. */
const timesUsual = 3
const usualMessages = 16

interface EntryMark {
  readonly position: number
  readonly receivedAt: number
}

/** Times are our clock's: a gateway has no readings of its own. Changed in place, for every message does. */
interface Liveness {
  /** When the last message of any of its devices reached us. */
  heardAt: number
  /** How far its messages usually lie apart, ms; 0 while nobody knows. */
  usualMs: number
  /** When its silence was last told; null while it is not silent. */
  saidAt: number | null
  changed: boolean
}

export interface GatewayWatch {
  /** A device that has reported belongs to it from now on; a gateway without one cannot be missed. */
  joined(gatewayId: string): void
  left(gatewayId: string): void
  /** Something of it arrived: its silence is over. */
  heard(gatewayId: string, entry: EntryMark): readonly EpisodeEvent[]
  /** `listeningSince`: what did not come before then had no one to come to. */
  tick(entry: EntryMark, listeningSince: number): EpisodeEvent[]
  /** What changed since the last call: gateway → its text for `restore`. */
  takeChanges(): [gatewayId: string, text: string][]
  restore(gatewayId: string, text: string): void
}

const nothing: readonly EpisodeEvent[] = []

/**
 * `gateway/silent`: nothing has come from any of a gateway's devices for five minutes, or for three times its usual interval. Its box, its power or its link is gone; the
 * devices behind it may be well, or not. Warning, said again every hour; over as soon as anything of it arrives, however old.
 */
export function createGatewayWatch(): GatewayWatch {
  const known = new Map<string, Liveness>()
  const devices = new Map<string, number>()

  function count(gatewayId: string, more: number): void {
    devices.set(gatewayId, (devices.get(gatewayId) ?? 0) + more)
  }

  function event(gatewayId: string, change: EpisodeChange, heardAt: number, entry: EntryMark): EpisodeEvent {
    const silentSeconds = Math.round((entry.receivedAt - heardAt) / secondMs)
    const deviceCount = devices.get(gatewayId) ?? 0
    return {
      change,
      scope: { type: 'gateway', id: gatewayId },
      deviceId: null,
      finding: 'gateway/silent',
      severity: 'warning',
      summary: `Nothing came through the gateway for ${Math.round(silentSeconds / 60)} min; it has ${deviceCount} ${deviceCount === 1 ? 'device' : 'devices'}`,
      evidence: { silentSeconds, limitSeconds: limitSecondsOf(known.get(gatewayId)), devices: deviceCount },
      occurredAt: heardAt,
      at: entry.receivedAt,
      receivedAt: change === 'cleared' ? entry.receivedAt : heardAt,
      detectedAt: entry.receivedAt,
      ruleVersion: 0,
      position: entry.position,
    }
  }

  function watch(gatewayId: string, liveness: Liveness, entry: EntryMark, listeningSince: number) {
    const { heardAt, saidAt } = liveness
    const now = entry.receivedAt
    if ((devices.get(gatewayId) ?? 0) === 0) {
      if (saidAt === null) return undefined
      // its devices are elsewhere now: nothing of it is missing
      liveness.saidAt = null
      liveness.changed = true
      return event(gatewayId, 'cleared', heardAt, entry)
    }
    const silentMs = now - Math.max(heardAt, listeningSince)
    const due = saidAt === null ? silentMs >= limitMs(liveness) : now - saidAt >= repeatEveryMs
    if (!due) return undefined
    liveness.saidAt = now
    liveness.changed = true
    return event(gatewayId, saidAt === null ? 'opened' : 'repeated', heardAt, entry)
  }

  return {
    joined: (gatewayId) => count(gatewayId, 1),
    left: (gatewayId) => count(gatewayId, -1),

    heard(gatewayId, entry) {
      const liveness = known.get(gatewayId)
      if (liveness === undefined) {
        known.set(gatewayId, { heardAt: entry.receivedAt, usualMs: 0, saidAt: null, changed: true })
        return nothing
      }
      const { heardAt, saidAt } = liveness
      if (entry.receivedAt !== heardAt) liveness.usualMs = usualAfter(liveness, entry.receivedAt)
      liveness.heardAt = entry.receivedAt
      liveness.saidAt = null
      liveness.changed = true
      return saidAt === null ? nothing : [event(gatewayId, 'cleared', heardAt, entry)]
    },

    tick(entry, listeningSince) {
      const found: EpisodeEvent[] = []
      for (const [gatewayId, liveness] of known) {
        if (liveness.saidAt === null && liveness.heardAt > entry.receivedAt - gatewaySilentMs) continue
        const said = watch(gatewayId, liveness, entry, listeningSince)
        if (said !== undefined) found.push(said)
      }
      return found
    },

    takeChanges() {
      const changes: [string, string][] = []
      for (const [gatewayId, liveness] of known) {
        if (!liveness.changed) continue
        liveness.changed = false
        changes.push([
          gatewayId,
          JSON.stringify({ heardAt: liveness.heardAt, usualMs: liveness.usualMs, saidAt: liveness.saidAt }),
        ])
      }
      return changes
    },

    restore(gatewayId, text) {
      known.set(gatewayId, { ...(JSON.parse(text) as Omit<Liveness, 'changed'>), changed: false })
    },
  }
}

function limitSecondsOf(liveness: Liveness | undefined): number {
  return Math.round((liveness === undefined ? gatewaySilentMs : limitMs(liveness)) / secondMs)
}

function limitMs({ usualMs }: Liveness): number {
  return Math.max(gatewaySilentMs, timesUsual * usualMs)
}

/** A pause counts for no more than it may be. */
function usualAfter(liveness: Liveness, receivedAt: number): number {
  const apartMs = Math.min(receivedAt - liveness.heardAt, limitMs(liveness))
  const { usualMs } = liveness
  return usualMs === 0 ? apartMs : Math.round(usualMs + (apartMs - usualMs) / usualMessages)
}
