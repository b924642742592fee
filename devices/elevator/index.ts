import type { DeviceKind } from '../kind.ts'
import { elevatorDashboard } from './dashboard.ts'
import { doorCloseDrift } from './detectors/door-close-drift.ts'
import { entrapment } from './detectors/entrapment.ts'
import { motorOverTemperature } from './detectors/motor-over-temperature.ts'
import { elevatorFactDefaults, elevatorFacts } from './facts.ts'
import { elevatorSimulator } from './simulator.ts'
import { elevatorTelemetry } from './telemetry.ts'

export const elevator: DeviceKind = {
  id: 'elevator',
  title: { en: 'Elevator', 'zh-CN': '电梯' },
  telemetry: elevatorTelemetry,
  facts: elevatorFacts,
  factDefaults: elevatorFactDefaults,
  freshSeconds: 90,
  detectors: [entrapment, motorOverTemperature, doorCloseDrift],
  simulator: elevatorSimulator,
  dashboard: elevatorDashboard,
}
