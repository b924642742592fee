import { defineSilent } from '../../silence.ts'
import { electricityMeterTelemetry, freshSeconds } from '../telemetry.ts'

/** The meter has sent nothing for a quarter of an hour: nobody would learn of a fire in the making. */
export const electricityMeterSilent = defineSilent({
  id: 'electricity-meter/silent',
  telemetry: electricityMeterTelemetry,
  freshSeconds,
})
