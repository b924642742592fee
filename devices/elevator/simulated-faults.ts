import type { ElevatorValues } from './telemetry.ts'

/** What goes wrong in a simulated elevator, and how it grows: functions of the hours since it began. */
export interface SimulatedFault {
  /** What it must raise, in the end. */
  readonly finding: string
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

const growing = (hours: number, withinHours: number, most: number) => Math.min(1, hours / withinHours) * most

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
  'door-close-drift': { finding: 'elevator/door-close-drift', closeSeconds: (hours) => growing(hours, 12, 1.2) },
  'door-roller-wear': { finding: 'elevator/door-close-drift', closeSeconds: (hours) => growing(hours, 60 * 24, 1) },
  'position-lost': { finding: 'elevator/fault-code', code: '07' },
  'vibration-zone': {
    finding: 'elevator/vibration-zone',
    vibrationMmPerS: (hours, motorKilowatts) => growing(hours, 12, motorKilowatts > 75 ? 14 : 9),
  },
  'mains-lost': { finding: 'elevator/mains-lost', mode: 'emergency-power', mainsLost: true, code: '41' },
  'out-of-service': { finding: 'elevator/out-of-service', mode: 'out-of-service', code: '42' },
  silent: { finding: 'elevator/silent', silent: true },
  'motor-sensor-silent': { finding: 'elevator/sensor-silent', missing: 'motorCelsius' },
}
