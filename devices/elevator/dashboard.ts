import type { DashboardPanel } from '../kind.ts'

export const elevatorDashboard: readonly DashboardPanel[] = [
  {
    title: 'Car',
    description: 'Where the car is, and how loaded. A floor that stays while someone is present deserves a look.',
    metrics: ['floor'],
    unit: 'short',
  },
  { title: 'Speed', description: 'Car speed; down may be negative.', metrics: ['carSpeedMps'], unit: 'velocityms' },
  {
    title: 'Load',
    description: 'Of the rated load.',
    metrics: ['loadPercent'],
    unit: 'percent',
    limits: [{ value: 110, label: 'overload (EN 81-20)' }],
  },
  {
    title: 'State',
    description: 'Service mode, direction, door, safety circuit, brake and fault code as the controller tells them.',
    metrics: ['mode', 'direction', 'doorState', 'doorZone', 'safetyCircuit', 'brakeState', 'faultCode'],
    unit: 'short',
  },
  {
    title: 'People and mains',
    description: 'Someone present, the alarm button, the mains. The presence sensor may hold for 60 s.',
    metrics: ['passengerPresent', 'alarmButton', 'mainsLost'],
    unit: 'short',
  },
  {
    title: 'Door times',
    description: 'Travel times of the door and how long it stood open. Closing that grows week by week is wear.',
    metrics: ['doorOpenSeconds', 'doorCloseSeconds', 'doorHeldSeconds'],
    unit: 's',
  },
  {
    title: 'Door trouble',
    description: 'Re-openings, obstructions and lock retries: at one floor and hour they are people, everywhere wear.',
    metrics: ['doorReopens', 'doorObstructed', 'doorLockRetries'],
    unit: 'short',
  },
  {
    title: 'Levelling',
    description: 'Car against sill at each stop, above positive, before re-levelling.',
    metrics: ['levellingErrorMm'],
    unit: 'lengthmm',
    limits: [
      { value: -20, label: 'levelling accuracy to keep (EN 81-20)' },
      { value: -10, label: 'stopping accuracy (EN 81-20)' },
      { value: 10, label: 'stopping accuracy (EN 81-20)' },
      { value: 20, label: 'levelling accuracy to keep (EN 81-20)' },
    ],
  },
  { title: 'Re-levelling', description: 'Corrections per stop.', metrics: ['relevels'], unit: 'short' },
  {
    title: 'Brake times',
    description: 'From the command to applied and to released.',
    metrics: ['brakeApplyMs', 'brakeReleaseMs'],
    unit: 'ms',
  },
  {
    title: 'Stopping distance and rope slip',
    description: 'From the brake command to rest; slip per run.',
    metrics: ['stopDistanceMm', 'ropeSlipMm'],
    unit: 'lengthmm',
  },
  {
    title: 'Motor temperature',
    description: 'Winding. Limits are those of class B, the assumption for motors whose class is unknown.',
    metrics: ['motorCelsius'],
    unit: 'celsius',
    limits: [
      { value: 115, label: 'warning, class B' },
      { value: 130, label: 'urgent, class B (IEC 60085)' },
    ],
  },
  {
    title: 'Room and cabinet temperature',
    description: 'A machine room should stay between 5 and 40 °C.',
    metrics: ['machineRoomCelsius', 'cabinetCelsius'],
    unit: 'celsius',
    limits: [{ value: 40, label: 'machine room (unverified default)' }],
  },
  { title: 'Motor current', description: 'Negative while feeding back.', metrics: ['motorAmps'], unit: 'amp' },
  {
    title: 'Machine vibration',
    description: 'Velocity RMS in steady running; judge each machine against itself, the zones are a ceiling.',
    metrics: ['vibrationMmPerS'],
    unit: 'mm/s',
    limits: [
      { value: 4.5, label: 'ISO 10816 class I, zone D (to 15 kW)' },
      { value: 7.1, label: 'ISO 10816 class II, zone D (15 to 75 kW)' },
    ],
  },
  {
    title: 'Car vibration',
    description: 'Ride quality; no standard sets a limit for a single reading.',
    metrics: ['carVibrationMps2'],
    unit: 'accMS2',
  },
  { title: 'Runs and door cycles', description: 'Lifetime counters.', metrics: ['trips', 'doorCycles'], unit: 'short' },
  { title: 'Running hours', description: 'Lifetime counter.', metrics: ['runHours'], unit: 'h' },
]
