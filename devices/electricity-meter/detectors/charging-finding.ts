import { hourMs, minuteMs } from '../../../core/clock.ts'
import type { Finding } from '../../../core/detector.ts'
import { type Plateau, type Quiet, type Taper, windowMs } from './charging.ts'
import { isWithin, localHour } from './local-hour.ts'

/** A charge that tapers. */
export interface Found extends Taper {
  readonly since: number
  /** The window in which it was found. */
  readonly window: number
  /** The lowest power since, and the newest fall to it, W. */
  readonly lowestWatts: number
  readonly lastFall: number
  readonly confidence: number
}

/** One that is flat as one that has tapered here before. */
export interface Flat extends Plateau {
  readonly since: number
}

/** What is known of the room. */
export interface Room {
  readonly at: number
  readonly occupied: boolean | null
  readonly quiet: readonly Quiet[]
}

export interface SaidSettings {
  readonly leastWatts: number
  readonly sureShare: number
  readonly eveningFromHour: number
  readonly eveningToHour: number
  readonly nightFromHour: number
  readonly nightToHour: number
  readonly urgentConfidence: number
}

/** What each part of the evidence is worth: a step of its size that is flat and then begins to taper, or has tapered. */
const taperConfidence = 0.25
const sureConfidence = 0.5
/** What tapers is of a charger's size when this share of the least one's power has gone: others may have joined with it. Unverified default. */
const ownShare = 0.9
const powerFactorConfidence = 0.25
const eveningConfidence = 0.15
const riskConfidence = 0.1
/** Flat, with the power and power factor of one that has tapered here before. */
const knownConfidence = 0.6

export function confidenceOf(taper: Taper & { since: number }, { at, occupied }: Room, settings: SaidSettings): number {
  const sureWatts = Math.max(settings.sureShare * taper.addedWatts, ownShare * settings.leastWatts)
  const isSure = taper.fallenWatts >= sureWatts
  const isEvening = isWithin(localHour(taper.since), settings.eveningFromHour, settings.eveningToHour)
  const isNight = isWithin(localHour(at), settings.nightFromHour, settings.nightToHour)
  const confidence =
    (isSure ? sureConfidence : taperConfidence) +
    (taper.powerFactor === null ? 0 : powerFactorConfidence) +
    (isEvening ? eveningConfidence : 0) +
    (isNight || occupied === true ? riskConfidence : 0)
  return Math.round(confidence * 100) / 100
}

export function findingOf(found: Found, room: Room, settings: SaidSettings): Finding {
  const { since, fallenWatts, addedWatts, confidence } = found
  const hours = hoursOf(since, room)
  return {
    severity: confidence >= settings.urgentConfidence ? 'urgent' : 'warning',
    summary: `Suspected e-bike charging indoors: some ${addedWatts} W for ${hours.toFixed(1)} h, now tapering (confidence ${confidence})`,
    evidence: { confidence, fallenWatts: Math.round(fallenWatts), ...curveOf(found, room, settings) },
    since,
  }
}

export function flatFinding(flat: Flat, room: Room, settings: SaidSettings): Finding {
  const hours = hoursOf(flat.since, room)
  return {
    severity: 'warning',
    summary: `Suspected e-bike charging indoors: some ${flat.addedWatts} W for ${hours.toFixed(1)} h, flat as a charger that has tapered here before (confidence ${knownConfidence})`,
    evidence: { confidence: knownConfidence, ...curveOf(flat, room, settings) },
    since: flat.since,
  }
}

/** What was plugged in, since when, and the curve that a person can judge. */
function curveOf({ since, addedWatts, powerFactor }: Found | Flat, room: Room, settings: SaidSettings) {
  const length = Math.ceil((room.at - since) / windowMs)
  return {
    addedWatts,
    powerFactor: powerFactor && Math.round(powerFactor * 100) / 100,
    hours: hoursOf(since, room),
    night: isWithin(localHour(room.at), settings.nightFromHour, settings.nightToHour),
    occupied: room.occupied,
    curveMinutes: windowMs / minuteMs,
    curveWatts: room.quiet
      .slice(-length - 2)
      .map(([, watts]) => watts)
      .join(' '),
  }
}

function hoursOf(since: number, { at }: Room): number {
  return Math.round(((at - since) / hourMs) * 10) / 10
}
