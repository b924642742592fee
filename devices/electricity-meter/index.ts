import type { DeviceKind } from '../kind.ts'
import { electricityMeterDashboard } from './dashboard.ts'
import { electricityMeterAnomaly } from './detectors/anomaly.ts'
import { arc } from './detectors/arc.ts'
import { breakerTripped } from './detectors/breaker-tripped.ts'
import { cableOverTemperature } from './detectors/cable-over-temperature.ts'
import { eBikeCharging } from './detectors/e-bike-charging.ts'
import { energyMismatch } from './detectors/energy-mismatch.ts'
import { electricityMeterFrozenSensor } from './detectors/frozen-sensor.ts'
import { looseNeutral } from './detectors/loose-neutral.ts'
import { meterFrozen } from './detectors/meter-frozen.ts'
import { neutralImbalance } from './detectors/neutral-imbalance.ts'
import { nightLoad } from './detectors/night-load.ts'
import { outage } from './detectors/outage.ts'
import { overVoltage } from './detectors/over-voltage.ts'
import { overload } from './detectors/overload.ts'
import { residualCurrent } from './detectors/residual-current.ts'
import { resistiveHeavyLoad } from './detectors/resistive-heavy-load.ts'
import { electricityMeterSensorSilent } from './detectors/sensor-silent.ts'
import { electricityMeterSilent } from './detectors/silent.ts'
import { terminalHeating } from './detectors/terminal-heating.ts'
import { terminalOverTemperature } from './detectors/terminal-over-temperature.ts'
import { underVoltage } from './detectors/under-voltage.ts'
import { vacantUse } from './detectors/vacant-use.ts'
import { electricityMeterFactDefaults, electricityMeterFacts } from './facts.ts'
import { packedLoadModels } from './loads/model.ts'
import { unpackLoadModels } from './loads/packed-model.ts'
import { loadsOfDay, type RoomModel } from './loads/room-loads.ts'
import { electricityMeterSimulator } from './simulator.ts'
import { electricityMeterTelemetry, freshSeconds } from './telemetry.ts'

export const electricityMeter: DeviceKind = {
  id: 'electricity-meter',
  title: { en: 'Electricity meter', 'zh-CN': '电表' },
  telemetry: electricityMeterTelemetry,
  facts: electricityMeterFacts,
  factDefaults: electricityMeterFactDefaults,
  freshSeconds,
  detectors: [
    arc,
    looseNeutral,
    terminalOverTemperature,
    cableOverTemperature,
    residualCurrent,
    overload,
    overVoltage,
    underVoltage,
    eBikeCharging,
    terminalHeating,
    neutralImbalance,
    resistiveHeavyLoad,
    nightLoad,
    vacantUse,
    breakerTripped,
    meterFrozen,
    energyMismatch,
    outage,
    electricityMeterAnomaly,
    electricityMeterSilent,
    electricityMeterSensorSilent,
    electricityMeterFrozenSensor,
  ],
  loads: { metric: 'watts', ofDay: (minuteWatts) => loadsOfDay(minuteWatts, roomModel()) },
  simulator: electricityMeterSimulator,
  dashboard: electricityMeterDashboard,
}

let unpacked: RoomModel | undefined
/** Unpacked when it is first asked for: most processes never do. */
function roomModel(): RoomModel {
  unpacked ??= unpackLoadModels(packedLoadModels).room
  return unpacked
}
