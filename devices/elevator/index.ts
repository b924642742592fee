import type { DeviceKind } from '../kind.ts'
import { elevatorDashboard } from './dashboard.ts'
import { alarmButton } from './detectors/alarm-button.ts'
import { elevatorAnomaly } from './detectors/anomaly.ts'
import { brakeDrift } from './detectors/brake-drift.ts'
import { cabinetTemperature } from './detectors/cabinet-temperature.ts'
import { doorCloseDrift } from './detectors/door-close-drift.ts'
import { doorFault } from './detectors/door-fault.ts'
import { doorLockContact } from './detectors/door-lock-contact.ts'
import { doorReopens } from './detectors/door-reopens.ts'
import { entrapment } from './detectors/entrapment.ts'
import { faultCode } from './detectors/fault-code.ts'
import { elevatorFrozenSensor } from './detectors/frozen-sensor.ts'
import { levellingDrift } from './detectors/levelling-drift.ts'
import { machineRoomTemperature } from './detectors/machine-room-temperature.ts'
import { mainsLost } from './detectors/mains-lost.ts'
import { motorCurrentPerLoad } from './detectors/motor-current-per-load.ts'
import { motorOverTemperature } from './detectors/motor-over-temperature.ts'
import { outOfService } from './detectors/out-of-service.ts'
import { overspeed } from './detectors/overspeed.ts'
import { relevelling } from './detectors/relevelling.ts'
import { rideVibration } from './detectors/ride-vibration.ts'
import { ropeSlip } from './detectors/rope-slip.ts'
import { runTimeLimiter } from './detectors/run-time-limiter.ts'
import { safetyCircuit } from './detectors/safety-circuit.ts'
import { elevatorSensorSilent } from './detectors/sensor-silent.ts'
import { serviceMode } from './detectors/service-mode.ts'
import { elevatorSilent } from './detectors/silent.ts'
import { stoppedOutsideZone } from './detectors/stopped-outside-zone.ts'
import { stoppingDistance } from './detectors/stopping-distance.ts'
import { unintendedMovement } from './detectors/unintended-movement.ts'
import { vibrationDrift } from './detectors/vibration-drift.ts'
import { vibrationZone } from './detectors/vibration-zone.ts'
import { elevatorFactDefaults, elevatorFacts } from './facts.ts'
import { elevatorSimulator } from './simulator.ts'
import { elevatorTelemetry, freshSeconds } from './telemetry.ts'

export const elevator: DeviceKind = {
  id: 'elevator',
  title: { en: 'Elevator', 'zh-CN': '电梯' },
  telemetry: elevatorTelemetry,
  facts: elevatorFacts,
  factDefaults: elevatorFactDefaults,
  freshSeconds,
  detectors: [
    entrapment,
    unintendedMovement,
    overspeed,
    safetyCircuit,
    stoppedOutsideZone,
    alarmButton,
    runTimeLimiter,
    motorOverTemperature,
    machineRoomTemperature,
    cabinetTemperature,
    doorFault,
    doorLockContact,
    faultCode,
    mainsLost,
    outOfService,
    serviceMode,
    vibrationZone,
    doorCloseDrift,
    doorReopens,
    levellingDrift,
    relevelling,
    brakeDrift,
    stoppingDistance,
    ropeSlip,
    vibrationDrift,
    rideVibration,
    motorCurrentPerLoad,
    elevatorAnomaly,
    elevatorSilent,
    elevatorSensorSilent,
    elevatorFrozenSensor,
  ],
  simulator: elevatorSimulator,
  dashboard: elevatorDashboard,
}
