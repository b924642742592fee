import { defineDetector } from '../../../core/detector.ts'
import { elevatorTelemetry } from '../telemetry.ts'
import { type TemperatureState, temperatureStep } from './temperature-limit.ts'

/**
 * The control cabinet is hotter than its electronics stand for long: a fan or filter that failed, before the drive trips and stops people
 * between floors.
 *
 * Input    `cabinetCelsius`, °C; samples only
 * Modes    none inhibits: heat does its harm in any
 * Finding  warning after `confirmSeconds` outside the limits; evidence in °C
 * Clears   when it has been `hysteresisKelvin` inside for as long as raising takes
 * Memory   one value, five while it is outside
 * Source   unverified defaults: converters are commonly rated for 50 °C around them, and a probe sits higher in the cabinet; below
 *          0 °C water may freeze in it
 */
export const cabinetTemperature = defineDetector({
  id: 'elevator/cabinet-temperature',
  about: {
    finds: 'The control cabinet is hotter than its electronics stand for long, or freezes.',
    severities: ['warning'],
    source: 'Unverified defaults: converters are commonly rated for 50 °C around them, and a probe sits higher',
    traps: [
      'a hot afternoon at 54 °C',
      'single spikes of a loose wire',
      'ten minutes in the sun with the cabinet open',
    ],
  },
  lasts: 'confirmSeconds',
  rising: [['lowCelsius', 'highCelsius']],
  clears: true,
  reads: elevatorTelemetry.pick({ cabinetCelsius: true }),
  bounds: { lowCelsius: [-40, 15], highCelsius: [35, 85] },
  settings: { lowCelsius: 0, highCelsius: 55, hysteresisKelvin: 3, confirmSeconds: 600 },
  initial: null as TemperatureState,

  step: (state, { at, cabinetCelsius }, settings) =>
    temperatureStep(state, at, cabinetCelsius, settings, 'The control cabinet'),
})
