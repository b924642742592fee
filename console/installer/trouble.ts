import type { GatewayDetail, QuarantineItem } from './wire.ts'

/** Something of a gateway that was not accepted: at the door (a refusal), or of what is in a message (quarantine). */
export interface Trouble {
  /** ms since 1970, by the service's clock. */
  readonly at: number
  readonly reason: string
  /** What the service says of it, in English. */
  readonly text: string
  /** Of a message only. */
  readonly message: {
    /** Of one in the gateway's own words that is not of one alone: its topic, or the gateway. */
    readonly deviceId: string
    /** Where in it, as a JSON path. */
    readonly path: string
    /** As it was received, as far as it is text; null = only the sentence about it is at hand. */
    readonly raw: string | null
    /** In the gateway's own words: what is wrong may be the mapping that reads them. */
    readonly isMapped: boolean
  } | null
}

/** All of both, newest first; each fault of a message for itself. What is in quarantine is among the refusals too: it is said once. */
export function troublesOf(refusals: GatewayDetail['refusals'], quarantine: readonly QuarantineItem[]): Trouble[] {
  const kept = quarantine.flatMap(({ receivedAt, gatewayId, deviceId, topic, faults, raw }) =>
    faults.map(({ path, reason, text }): Trouble => {
      const isMapped = topic != null
      const message = { deviceId: deviceId || topic || gatewayId, path, raw: textOf(raw), isMapped }
      return { at: Date.parse(receivedAt), reason, text, message }
    }),
  )
  const said = new Set(kept.map(identityOf))
  const refused = refusals.map(refusalOf).filter((trouble) => !said.has(identityOf(trouble)))
  return [...refused, ...kept].sort((one, other) => other.at - one.at)
}

function identityOf({ at, reason, message }: Trouble): string {
  return JSON.stringify([at, reason, message?.deviceId, message?.path])
}

/** One about a message says whose and where in it: "meter-1: not JSON: … (at $)". */
function refusalOf({ at, reason, text }: GatewayDetail['refusals'][number]): Trouble {
  const [, deviceId, said, path] = /^(\S.{0,499}?): (.*) \(at (\$.*)\)$/s.exec(text) ?? []
  const isOfMessage = deviceId !== undefined && said !== undefined && path !== undefined
  const message = isOfMessage ? { deviceId, path, raw: null, isMapped: deviceId.includes('/') } : null
  return { at: Date.parse(at), reason, text: isOfMessage ? said : text, message }
}

/** The newest of each kind at each place: a gateway repeats its mistakes. */
export function distinct(troubles: readonly Trouble[]): Trouble[] {
  const seen = new Set<string>()
  return troubles.filter(({ reason, message }) => {
    const key = JSON.stringify([reason, message?.deviceId, message?.path.replaceAll(/\[\d+\]/g, '[]')])
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

/** @param base64 of bytes that should be UTF-8; what is not shows as the replacement character */
export function textOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

export interface ClockError {
  /** How far the gateway's clock is ahead, ms; negative = behind. */
  readonly aheadMs: number
  /** The hours of a time zone that explain it; null = none does, it is simply wrong. */
  readonly zoneHours: number | null
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** A message is on its way for a while, and the clock may be a little wrong besides. */
const zoneToleranceMs = 3 * minuteMs

/** Local time sent as UTC is off by whole or half hours, at least 1 h and at most 14 h (Kiribati). */
export function clockErrorOf(aheadMs: number): ClockError {
  const halves = Math.round(aheadMs / (hourMs / 2))
  const isZone =
    Math.abs(halves) >= 2 && Math.abs(halves) <= 28 && Math.abs(aheadMs - halves * (hourMs / 2)) <= zoneToleranceMs
  return { aheadMs, zoneHours: isZone ? halves / 2 : null }
}

/** Both times are in the sentence of a refused reading; null when it is another sentence. */
export function clockErrorIn(text: string): ClockError | null {
  const [at, receivedAt] = (text.match(/\d{4,6}-\d\d-\d\dT[\d:.]+Z/g) ?? []).map((iso) => Date.parse(iso))
  if (at === undefined || receivedAt === undefined || Number.isNaN(at - receivedAt)) return null
  return clockErrorOf(at - receivedAt)
}

/** "A reading of 02:14 that came at 10:14": kept and sent later, or a clock that is behind. */
export const lateMs = 5 * minuteMs

/** What stands in double quotes, and may hold some itself: the topic, the client id. */
export function quotedIn(text: string): string | null {
  return /"(.*)"/s.exec(text)?.[1] ?? null
}

export interface Break {
  /** From 1. */
  readonly line: number
  readonly column: number
  /** The payload ends there, and should not. */
  readonly isEnd: boolean
}

/** Where a payload stops to be JSON; null when the service could not say it. */
export function breakIn(text: string): Break | null {
  const isEnd = text.includes('ends too early')
  const [, line = '1', column] = /(?:line (\d+), )?column (\d+)/.exec(text) ?? []
  return column === undefined ? null : { line: Number(line), column: Number(column), isEnd }
}

const around = 24

/** The payload around the place: what is before it, the character that is wrong, what follows. */
export function excerpt(raw: string, { line, column, isEnd }: Break): { before: string; at: string; after: string } {
  const text = isEnd ? raw : (raw.split('\n')[line - 1] ?? '')
  const index = isEnd ? raw.length : column - 1
  const begin = Math.max(0, index - around)
  return {
    before: (begin > 0 ? '…' : '') + text.slice(begin, index),
    at: text.slice(index, index + 1),
    after: text.slice(index + 1, index + around),
  }
}

/** The member that a JSON path ends with: the metric's name. */
export function memberIn(path: string): string {
  const bracketed = /\["((?:[^"\\]|\\.)*)"\]$/s.exec(path)?.[1]
  if (bracketed === undefined) return path.slice(path.lastIndexOf('.') + 1)
  try {
    return String(JSON.parse(`"${bracketed}"`))
  } catch {
    return bracketed
  }
}

/** What the service found instead of what it expected; null when it does not say. */
export function foundIn(text: string): string | null {
  return /this is (.*)$/s.exec(text)?.[1] ?? null
}
