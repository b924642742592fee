import { defineAnomaly } from '../../anomaly.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'

/** See `defineAnomaly`. Not of current and power, which are people. */
export const electricityMeterAnomaly = defineAnomaly({
  id: 'electricity-meter/anomaly',
  watched: electricityMeterTelemetry.pick({ residualMilliamps: true, terminalCelsius: true }),
})
