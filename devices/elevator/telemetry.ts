import { z } from 'zod'

/**
 * What an elevator's gateway may send. A gateway sends what it has: absent means unknown.
 *
 * The ranges say what a working sensor can say, not what is healthy, and are wide enough for the worst hour of an
 * elevator's life. Unless a source is named they are "unverified: what a working sensor can say".
 */
export const elevatorTelemetry = z
  .strictObject({
    // State. The modes are the service modes of GB/T 24476 as public implementations number them (`0` and `1` to `6`).
    mode: z.enum(['normal', 'inspection', 'fire', 'firefighter', 'emergency-power', 'earthquake', 'out-of-service']),
    floor: z.int().min(-30).max(250),
    direction: z.enum(['up', 'down', 'none']),
    doorState: z.enum(['open', 'opening', 'closed', 'closing']),
    doorZone: z.boolean(),
    safetyCircuit: z.enum(['closed', 'open']),
    brakeState: z.enum(['applied', 'released']),
    /** May hold up to 60 s after the last motion, and may drop for people who stand still. */
    passengerPresent: z.boolean(),
    /** Down may be negative. The fastest car runs 20.5 m/s; a free fall of 80 m ends at 40 m/s. */
    carSpeedMps: z.number().min(-40).max(40),
    /** Of the rated load. Load cells drift below zero; an overloaded car stays well below 300 %. */
    loadPercent: z.number().min(-50).max(300),

    // Per door cycle: travel times, and how long it stood open. A jam lasts minutes, a propped door weeks.
    doorOpenSeconds: z.number().min(0).max(3_600),
    doorCloseSeconds: z.number().min(0).max(3_600),
    doorHeldSeconds: z.number().min(0).max(2_678_400),
    doorReopens: z.number().min(0).max(10_000),
    doorObstructed: z.boolean(),
    doorLockRetries: z.number().min(0).max(10_000),

    // Per stop and per run.
    /** Car above the sill positive, before re-levelling. Half a storey is the worst that "at this floor" can mean. */
    levellingErrorMm: z.number().min(-5_000).max(5_000),
    relevels: z.number().min(0).max(10_000),
    brakeApplyMs: z.number().min(0).max(60_000),
    brakeReleaseMs: z.number().min(0).max(60_000),
    /** From the brake command to rest. */
    stopDistanceMm: z.number().min(0).max(100_000),
    ropeSlipMm: z.number().min(-100_000).max(100_000),

    // Machine. Resistance thermometers as built into windings say up to 400 °C; a broken wire says more.
    motorCelsius: z.number().min(-60).max(400),
    /** Negative while the drive feeds back. */
    motorAmps: z.number().min(-2_000).max(2_000),
    /** Velocity RMS in steady running; ISO 10816 calls 7.1 mm/s unacceptable for 15 to 75 kW. */
    vibrationMmPerS: z.number().min(0).max(500),
    /** The safety gear brakes with about 1 g, a buffer with 2.5 g at most (EN 81-20). */
    carVibrationMps2: z.number().min(0).max(200),
    machineRoomCelsius: z.number().min(-60).max(250),
    cabinetCelsius: z.number().min(-60).max(250),

    // Counters of a lifetime, which may be reset.
    trips: z.number().min(0).max(1e9),
    runHours: z.number().min(0).max(1e6),
    doorCycles: z.number().min(0).max(1e9),

    /** As the city sends it, `"00"` = none. */
    faultCode: z.string().min(1).max(16),
    alarmButton: z.boolean(),
    mainsLost: z.boolean(),
  })
  .partial()

/** A sample speaks for this long, s: nine readings of the usual 10 s. Past it nobody knows, and durations are suspended. */
export const freshSeconds = 90

export type ElevatorValues = z.infer<typeof elevatorTelemetry>
