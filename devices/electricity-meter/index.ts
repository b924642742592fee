import type { DeviceKind } from '../kind.ts'
import { electricityMeterDashboard } from './dashboard.ts'
import { outage } from './detectors/outage.ts'
import { residualCurrent } from './detectors/residual-current.ts'
import { electricityMeterSensorSilent } from './detectors/sensor-silent.ts'
import { electricityMeterSilent } from './detectors/silent.ts'
import { terminalOverTemperature } from './detectors/terminal-over-temperature.ts'
import { electricityMeterFactDefaults, electricityMeterFacts } from './facts.ts'
import { electricityMeterSimulator } from './simulator.ts'
import { electricityMeterTelemetry, freshSeconds } from './telemetry.ts'

export const electricityMeter: DeviceKind = {
  id: 'electricity-meter',
  title: { en: 'Electricity meter', 'zh-CN': '电表' },
  telemetry: electricityMeterTelemetry,
  facts: electricityMeterFacts,
  factDefaults: electricityMeterFactDefaults,
  freshSeconds,
  detectors: [terminalOverTemperature, residualCurrent, outage, electricityMeterSilent, electricityMeterSensorSilent],
  simulator: electricityMeterSimulator,
  dashboard: electricityMeterDashboard,
}
