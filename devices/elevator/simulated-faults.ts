import type { ElevatorValues } from './telemetry.ts'

/** What goes wrong in a simulated elevator, and how it grows: functions of the hours since it began. */
export interface SimulatedFault {
  /** What it must raise, in the end. */
  readonly finding: string
  /** When what grows reaches the limit named here, h since it began; absent where it is there at once, or never reached. */
  readonly limitHours?: number
  /** It shows on a trip: somebody calls within a minute. */
  readonly onTrip?: true
  /**
   * On one trip, or on each until the repair:
   * `stops` between two floors, with people or without; `shut` at the floor where people want to leave, for good or for a minute;
   * `drifts` off from a floor with its door open; `blocked`, driven and not moving until its limiter acts
   */
  readonly car?: 'stops' | 'stops-empty' | 'shut' | 'opens-late' | 'drifts' | 'blocked'
  readonly door?: 'does-not-close' | 'does-not-open'
  /** What the controller says of it, once it shows; one that tells no codes says nothing. */
  readonly code?: string
  readonly mode?: NonNullable<ElevatorValues['mode']>
  readonly mainsLost?: true
  /** The circuit reads open on rides, and the machine goes on. */
  readonly circuitOpens?: true
  readonly silent?: true
  readonly missing?: string
  speedShare?(hours: number): number
  closeSeconds?(hours: number): number
  vibrationMmPerS?(hours: number, motorKilowatts: number): number
  /** More than usual: to apply the brake, ms; from its command to rest, off the floor and slipped in a run, mm. */
  brakeApplyMs?(hours: number): number
  stopMm?(hours: number): number
  levellingMm?(hours: number): number
  slipMm?(hours: number): number
  /** Times the usual current of the same load. */
  currentShare?(hours: number): number
  /** Of closings, the share that opens again though nobody is in the way. */
  reopenShare?(hours: number): number
  /** Of closings, the share that takes two tries. */
  readonly lockRetryShare?: number
  /** Towards this, °C, or so far above what the winding's class stands, K. */
  readonly machineRoomCelsius?: number
  readonly cabinetCelsius?: number
  readonly windingOverKelvin?: number
}

/** Warms up with a time constant, h: the share that is reached. */
export function warmedShare(hours: number): number {
  return 1 - Math.exp(-hours / 1.5)
}

/**
 * The machine that vibrates most to begin with is in zone D (ISO 10816-1, class I: 4.5 mm/s) with so much more, mm/s; the latch of a lock has
 * no time left with so much more to close, s; half of a mean brake's time and distance, ms, mm; what traction may never slip in a run, mm;
 * what a motor with 0.6 of its rated current may draw, as a multiple; a door that closes at every second try. But for the first, and for
 * stopping within 10 mm (EN 81-20, 5.12.1.1.4) with the 4.5 mm that it is off anyway, unverified defaults.
 */
const limits = {
  vibrationMmPerS: 4.5 - 1.2,
  closeSeconds: 1,
  brakeApplyMs: 80,
  stopMm: 12,
  levellingMm: 10 - 4.5,
  slipMm: 30,
  currentShare: 1 / 0.6 - 1,
  reopenShare: 0.5,
}

const growing = (hours: number, withinHours: number, most: number) => Math.min(1, hours / withinHours) * most

/** What grows to `most` within so many hours, and when it has reached its limit on the way. */
function wearing<Quantity extends keyof typeof limits>(quantity: Quantity, withinHours: number, most: number) {
  return {
    limitHours: (limits[quantity] / most) * withinHours,
    [quantity]: (hours: number) => growing(hours, withinHours, most),
  }
}

export const simulatedFaults: Readonly<Record<string, SimulatedFault>> = {
  entrapment: { finding: 'elevator/entrapment', onTrip: true, car: 'stops', code: '04' },
  'entrapment-at-floor': { finding: 'elevator/entrapment', onTrip: true, car: 'shut', code: '03' },
  'unintended-movement': { finding: 'elevator/unintended-movement', onTrip: true, car: 'drifts', code: '05' },
  overspeed: { finding: 'elevator/overspeed', onTrip: true, speedShare: () => 1.25 },
  'safety-circuit': { finding: 'elevator/safety-circuit', onTrip: true, circuitOpens: true },
  'stopped-outside-zone': { finding: 'elevator/stopped-outside-zone', onTrip: true, car: 'stops-empty', code: '04' },
  'alarm-button': { finding: 'elevator/alarm-button', onTrip: true, car: 'opens-late' },
  'run-time-limiter': { finding: 'elevator/run-time-limiter', onTrip: true, car: 'blocked', code: '06' },
  'motor-over-temperature': { finding: 'elevator/motor-over-temperature', windingOverKelvin: 20 },
  'machine-room-heat': { finding: 'elevator/machine-room-temperature', machineRoomCelsius: 46 },
  'cabinet-heat': { finding: 'elevator/cabinet-temperature', cabinetCelsius: 66 },
  'door-does-not-close': { finding: 'elevator/door-fault', onTrip: true, door: 'does-not-close', code: '02' },
  'door-does-not-open': { finding: 'elevator/door-fault', onTrip: true, door: 'does-not-open', code: '03' },
  'door-lock-contact': { finding: 'elevator/door-lock-contact', lockRetryShare: 0.1 },
  'door-close-drift': {
    finding: 'elevator/door-close-drift',
    ...wearing('closeSeconds', 12, 1.2),
  },
  'door-roller-wear': {
    finding: 'elevator/door-close-drift',
    ...wearing('closeSeconds', 60 * 24, 1),
  },
  'door-track-wear': {
    finding: 'elevator/door-reopens',
    ...wearing('reopenShare', 30 * 24, 0.6),
  },
  'brake-wear': {
    finding: 'elevator/brake-drift',
    ...wearing('brakeApplyMs', 40 * 24, 120),
  },
  'lining-wear': {
    finding: 'elevator/stopping-distance',
    ...wearing('stopMm', 40 * 24, 20),
  },
  'levelling-wear': {
    finding: 'elevator/levelling-drift',
    ...wearing('levellingMm', 60 * 24, 15),
  },
  'sheave-wear': {
    finding: 'elevator/rope-slip',
    ...wearing('slipMm', 40 * 24, 45),
  },
  'bearing-wear': {
    finding: 'elevator/vibration-drift',
    ...wearing('vibrationMmPerS', 40 * 24, 5),
  },
  'guide-drag': {
    finding: 'elevator/motor-current-per-load',
    ...wearing('currentShare', 40 * 24, 0.9),
  },
  'position-lost': { finding: 'elevator/fault-code', code: '07' },
  'vibration-zone': {
    finding: 'elevator/vibration-zone',
    limitHours: (limits.vibrationMmPerS / 9) * 12,
    vibrationMmPerS: (hours, motorKilowatts) => growing(hours, 12, motorKilowatts > 75 ? 14 : 9),
  },
  'mains-lost': { finding: 'elevator/mains-lost', mode: 'emergency-power', mainsLost: true, code: '41' },
  'out-of-service': { finding: 'elevator/out-of-service', mode: 'out-of-service', code: '42' },
  silent: { finding: 'elevator/silent', silent: true },
  'motor-sensor-silent': { finding: 'elevator/sensor-silent', missing: 'motorCelsius' },
}
