import { defineSensorSilent } from '../../sensor-silence.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'

/** One of the room's sensors no longer speaks: a meter measures everything all the time. */
export const electricityMeterSensorSilent = defineSensorSilent({
  id: 'electricity-meter/sensor-silent',
  sampled: electricityMeterTelemetry,
})
