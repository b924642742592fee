import { defineFrozenSensor } from '../../frozen-sensor.ts'
import { elevatorTelemetry } from '../telemetry.ts'

/**
 * One of the elevator's sensors repeats its last value. Only temperatures and the load cell are among them: all else stands while an
 * elevator rests, or is measured once per run.
 */
export const elevatorFrozenSensor = defineFrozenSensor({
  id: 'elevator/frozen-sensor',
  measured: elevatorTelemetry.pick({
    motorCelsius: true,
    machineRoomCelsius: true,
    cabinetCelsius: true,
    loadPercent: true,
  }),
  restsAtZero: ['loadPercent'],
})
