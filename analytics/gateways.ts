import { dayMs, hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeChange, EpisodeEvent } from '../core/episode.ts'

/** Unverified default: time enough for a gateway's modem to find its network again. */
export const gatewaySilentMs = 5 * minuteMs
const repeatEveryMs = hourMs
/** One whose devices report rarely is missed after so many times its usual pause, as the last day has it. Unverified defaults. */
const timesUsual = 3
const usualOverMs = dayMs

interface EntryMark {
  readonly position: number
  readonly receivedAt: number
}

/** Times are our clock's: a gateway has no readings of its own. Changed in place, for every message does. */
interface Liveness {
  /** When the last message of any of its devices reached us that could be used. */
  heardAt: number
  /** How long the pause usually is in which one finds it, ms; 0 while nobody knows. Long pauses count by their length: bursts hide none. */
  usualMs: number
  /** So much time that is behind it, ms; no more is counted than a day. */
  seenMs: number
  /** When its trouble was last told; null while it has none. */
  saidAt: number | null
  /** What was told last. */
  saidAs: GatewayFinding
  /** Messages since `heardAt` that could not be used, for its clock is ahead; null while there is none. */
  ahead: Ahead | null
  changed: boolean
}

interface Ahead {
  readonly since: number
  readonly at: number
  /** How far, ms. */
  readonly ms: number
}

type GatewayFinding = 'gateway/silent' | 'gateway/clock-ahead'

export interface GatewayWatch {
  /** A device that has reported belongs to it from now on; a gateway without one cannot be missed. */
  joined(gatewayId: string): void
  left(gatewayId: string): void
  /** Something of it arrived: its silence is over, and its clock is right again. */
  heard(gatewayId: string, entry: EntryMark): readonly EpisodeEvent[]
  /** Something of it arrived that could not be used: its clock is ahead of ours by so many ms. */
  ahead(gatewayId: string, aheadMs: number, entry: EntryMark): void
  /** `listeningSince`: what did not come before then had no one to come to. */
  tick(entry: EntryMark, listeningSince: number): EpisodeEvent[]
  /** When it was last heard, and by how much its clock is ahead where nothing since could be used for it; of one that was never heard, nothing. */
  lastOf(gatewayId: string): { readonly heardAt: number; readonly aheadMs: number | null } | undefined
  /** What changed since the last call: gateway → its text for `restore`. */
  takeChanges(): [gatewayId: string, text: string][]
  restore(gatewayId: string, text: string): void
}

const nothing: readonly EpisodeEvent[] = []

/**
 * `gateway/silent`: nothing has come from any of a gateway's devices for five minutes, or for three times its usual pause. Its box, its power or its link is gone; the
 * devices behind it may be well, or not. Over as soon as anything of it arrives, however old.
 *
 * `gateway/clock-ahead`: in that time its messages came, and all of them were refused for a clock that is ahead. It is there, and we know as little
 * of its devices; another gateway would not help. Over with the first message that can be used.
 *
 * Both are warnings, said again every hour, and never both at a time.
 */
export function createGatewayWatch(): GatewayWatch {
  const known = new Map<string, Liveness>()
  const devices = new Map<string, number>()

  function count(gatewayId: string, more: number): void {
    devices.set(gatewayId, (devices.get(gatewayId) ?? 0) + more)
  }

  function event(gatewayId: string, change: EpisodeChange, liveness: Liveness, entry: EntryMark): EpisodeEvent {
    const { saidAs, ahead } = liveness
    const beganAt = saidAs === 'gateway/clock-ahead' && ahead !== null ? ahead.since : signAt(liveness)
    return {
      change,
      scope: { type: 'gateway', id: gatewayId },
      deviceId: null,
      finding: saidAs,
      severity: 'warning',
      ...wordsOf(liveness, devices.get(gatewayId) ?? 0, entry.receivedAt - beganAt),
      occurredAt: beganAt,
      at: entry.receivedAt,
      receivedAt: change === 'cleared' ? entry.receivedAt : beganAt,
      detectedAt: entry.receivedAt,
      ruleVersion: 0,
      position: entry.position,
    }
  }

  function over(gatewayId: string, liveness: Liveness, entry: EntryMark): EpisodeEvent {
    liveness.saidAt = null
    liveness.changed = true
    return event(gatewayId, 'cleared', liveness, entry)
  }

  function watch(gatewayId: string, liveness: Liveness, entry: EntryMark, listeningSince: number) {
    const { heardAt, saidAt, ahead } = liveness
    const now = entry.receivedAt
    const isThere = ahead !== null && now - Math.max(ahead.at, listeningSince) < limitMs(liveness)
    const finding: GatewayFinding = isThere ? 'gateway/clock-ahead' : 'gateway/silent'
    // its devices are elsewhere now: nothing of it is missing
    const isMissed = isThere || (devices.get(gatewayId) ?? 0) > 0
    if (saidAt !== null && (!isMissed || finding !== liveness.saidAs)) return over(gatewayId, liveness, entry)
    if (!isMissed) return undefined

    const since = Math.max(isThere ? heardAt : signAt(liveness), listeningSince)
    const due = saidAt === null ? now - since >= limitMs(liveness) : now - saidAt >= repeatEveryMs
    if (!due) return undefined
    liveness.saidAt = now
    liveness.saidAs = finding
    liveness.changed = true
    return event(gatewayId, saidAt === null ? 'opened' : 'repeated', liveness, entry)
  }

  return {
    joined: (gatewayId) => count(gatewayId, 1),
    left: (gatewayId) => count(gatewayId, -1),

    heard(gatewayId, entry) {
      const liveness = known.get(gatewayId)
      if (liveness === undefined) {
        known.set(gatewayId, metAt(entry.receivedAt))
        return nothing
      }
      const said = liveness.saidAt === null ? nothing : [over(gatewayId, liveness, entry)]
      if (entry.receivedAt > liveness.heardAt) learnPause(liveness, entry.receivedAt)
      liveness.heardAt = entry.receivedAt
      liveness.ahead = null
      liveness.changed = true
      return said
    },

    ahead(gatewayId, ms, { receivedAt }) {
      const liveness = known.get(gatewayId) ?? metAt(receivedAt)
      known.set(gatewayId, liveness)
      liveness.ahead = { since: liveness.ahead?.since ?? receivedAt, at: receivedAt, ms }
      liveness.changed = true
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

    lastOf(gatewayId) {
      const liveness = known.get(gatewayId)
      return liveness && { heardAt: signAt(liveness), aheadMs: liveness.ahead?.ms ?? null }
    },

    takeChanges() {
      const changes: [string, string][] = []
      for (const [gatewayId, liveness] of known) {
        if (!liveness.changed) continue
        liveness.changed = false
        const { changed: _, ...kept } = liveness
        changes.push([gatewayId, JSON.stringify(kept)])
      }
      return changes
    },

    restore(gatewayId, text) {
      // an earlier version knew silence alone
      known.set(gatewayId, { ...metAt(0), ...(JSON.parse(text) as Partial<Liveness>), changed: false })
    },
  }
}

function metAt(heardAt: number): Liveness {
  return { heardAt, usualMs: 0, seenMs: 0, saidAt: null, saidAs: 'gateway/silent', ahead: null, changed: true }
}

/** When anything of it last arrived. */
function signAt({ heardAt, ahead }: Liveness): number {
  return Math.max(heardAt, ahead?.at ?? heardAt)
}

/** @param lastsMs for how long it has been so */
function wordsOf(liveness: Liveness, deviceCount: number, lastsMs: number): Pick<EpisodeEvent, 'summary' | 'evidence'> {
  const lastsSeconds = Math.round(lastsMs / secondMs)
  const has = `it has ${deviceCount} ${deviceCount === 1 ? 'device' : 'devices'}`
  if (liveness.saidAs === 'gateway/silent') {
    const limitSeconds = Math.round(limitMs(liveness) / secondMs)
    const summary = `Nothing came through the gateway for ${Math.round(lastsSeconds / 60)} min; ${has}`
    return { summary, evidence: { silentSeconds: lastsSeconds, limitSeconds, devices: deviceCount } }
  }
  const aheadMs = liveness.ahead?.ms ?? 0
  const ahead = aheadMs < 2 * hourMs ? `${Math.round(aheadMs / minuteMs)} min` : `${(aheadMs / hourMs).toFixed(1)} h`
  const summary = `The gateway's clock is ${ahead} ahead: nothing that it sends can be used; ${has}`
  const aheadSeconds = Math.round(aheadMs / secondMs)
  return { summary, evidence: { aheadSeconds, unusableSeconds: lastsSeconds, devices: deviceCount } }
}

function limitMs({ usualMs }: Liveness): number {
  return Math.max(gatewaySilentMs, timesUsual * usualMs)
}

/** A pause counts for no more than it may be: what is away for hours is not rare. */
function learnPause(liveness: Liveness, receivedAt: number): void {
  const apartMs = Math.min(receivedAt - liveness.heardAt, limitMs(liveness))
  liveness.seenMs = Math.min(liveness.seenMs + apartMs, usualOverMs)
  liveness.usualMs += ((apartMs - liveness.usualMs) * apartMs) / liveness.seenMs
}
