import { defineDetector } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { type TemperatureState, temperatureStep } from './temperature-limit.ts'

/**
 * The machine room is hotter or colder than the machine is built for: drives trip in the heat and stop people between floors, oil
 * and grease stiffen in the cold.
 *
 * Input    `machineRoomCelsius`, °C; samples only
 * Modes    none inhibits: heat does its harm in any
 * Finding  warning after `confirmSeconds` outside the limits; evidence in °C
 * Clears   when it has been `hysteresisKelvin` inside for as long as raising takes
 * Memory   one value, five while it is outside
 * Source   5 to 40 °C: EN 81-20:2014 and GB/T 7588.1-2020, 0.4 (assumptions), not checked against the paid text; the rest are
 *          unverified defaults
 */
export const machineRoomTemperature = defineDetector({
  id: 'elevator/machine-room-temperature',
  about: {
    finds: 'The machine room is hotter or colder than the machine is built for.',
    severities: ['warning'],
    source:
      '5 to 40 °C: EN 81-20:2014 and GB/T 7588.1-2020, 0.4, not checked against the paid text; the rest are unverified defaults',
    traps: ['a hot afternoon at 39.5 °C', 'single spikes of a loose wire', 'ten minutes in the heat of an open hatch'],
  },
  lasts: 'confirmSeconds',
  rising: [['lowCelsius', 'highCelsius']],
  clears: true,
  reads: elevatorTelemetry.pick({ machineRoomCelsius: true }),
  bounds: { lowCelsius: [-20, 15], highCelsius: [30, 60] },
  settings: { lowCelsius: 5, highCelsius: 40, hysteresisKelvin: 2, confirmSeconds: 600 },
  initial: null as TemperatureState,

  step: (state, { at, machineRoomCelsius }, settings) =>
    temperatureStep(state, at, machineRoomCelsius, settings, 'The machine room'),
})
