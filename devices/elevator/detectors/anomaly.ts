import { defineAnomaly } from '../../anomaly.ts'
import { elevatorTelemetry } from '../telemetry.ts'

/** See `defineAnomaly`. What a mechanic does in inspection mode is not how the elevator usually is. */
export const elevatorAnomaly = defineAnomaly({
  id: 'elevator/anomaly',
  watched: elevatorTelemetry.pick({ motorCelsius: true, vibrationMmPerS: true }),
  mayRead: elevatorTelemetry.pick({ mode: true }),
  skips: ({ mode }) => (mode === undefined ? undefined : mode !== 'normal'),
})
