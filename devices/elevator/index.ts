import type { DeviceKind } from '../kind.ts'
import { elevatorDashboard } from './dashboard.ts'
import { doorCloseDrift } from './detectors/door-close-drift.ts'
import { entrapment } from './detectors/entrapment.ts'
import { mainsLost } from './detectors/mains-lost.ts'
import { motorOverTemperature } from './detectors/motor-over-temperature.ts'
import { elevatorSensorSilent } from './detectors/sensor-silent.ts'
import { elevatorSilent } from './detectors/silent.ts'
import { elevatorFactDefaults, elevatorFacts } from './facts.ts'
import { elevatorSimulator } from './simulator.ts'
import { elevatorTelemetry, freshSeconds } from './telemetry.ts'

export const elevator: DeviceKind = {
  id: 'elevator',
  title: { en: 'Elevator', 'zh-CN': '电梯' },
  telemetry: elevatorTelemetry,
  facts: elevatorFacts,
  factDefaults: elevatorFactDefaults,
  freshSeconds,
  detectors: [entrapment, motorOverTemperature, doorCloseDrift, mainsLost, elevatorSilent, elevatorSensorSilent],
  simulator: elevatorSimulator,
  dashboard: elevatorDashboard,
}
