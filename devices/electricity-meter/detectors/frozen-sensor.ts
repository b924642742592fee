import { defineFrozenSensor } from '../../frozen-sensor.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'

/**
 * One of the room's sensors repeats its last value. Not among them: the energy counter, which has rules of its own; frequency and power
 * factor, which many meters round until they stand.
 */
export const electricityMeterFrozenSensor = defineFrozenSensor({
  id: 'electricity-meter/frozen-sensor',
  measured: electricityMeterTelemetry.pick({
    volts: true,
    amps: true,
    neutralAmps: true,
    watts: true,
    residualMilliamps: true,
    terminalCelsius: true,
    cableCelsius: true,
    ambientCelsius: true,
    meterCelsius: true,
  }),
  restsAtZero: ['amps', 'neutralAmps', 'watts', 'residualMilliamps'],
})
