import { defineSensorSilent } from '../../sensor-silence.ts'
import { elevatorTelemetry } from '../telemetry.ts'

/**
 * One of the elevator's sensors no longer speaks. Times and figures of door cycles, stops and runs are not among them, nor the motor's
 * current and vibration, which are measured while it runs: an elevator that rests sends none.
 */
export const elevatorSensorSilent = defineSensorSilent({
  id: 'elevator/sensor-silent',
  sampled: elevatorTelemetry.pick({
    mode: true,
    floor: true,
    direction: true,
    doorState: true,
    doorZone: true,
    safetyCircuit: true,
    brakeState: true,
    passengerPresent: true,
    carSpeedMps: true,
    loadPercent: true,
    motorCelsius: true,
    machineRoomCelsius: true,
    cabinetCelsius: true,
    trips: true,
    runHours: true,
    doorCycles: true,
    faultCode: true,
    alarmButton: true,
    mainsLost: true,
  }),
})
