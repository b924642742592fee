import { z } from 'zod'
import { plainText } from '../../core/plain-text.ts'

/** What is known of one elevator and does not change by itself. Ranges are those of built elevators: unverified. */
export const elevatorFacts = z
  .strictObject({
    ratedSpeedMps: z.number().min(0.1).max(25),
    ratedLoadKg: z.number().min(40).max(20_000),
    stops: z.int().min(2).max(250),
    motorKilowatts: z.number().min(0.1).max(1_000),
    /** Thermal class of the motor's winding, IEC 60085. */
    insulationClass: z.enum(['A', 'E', 'B', 'F', 'H']),
    drive: z.enum(['traction', 'hydraulic']),
    /** ISO 8601 date. */
    installedOn: z.iso.date(),
    /** As its plate or its registration for use says it; people on the phone read it out. */
    registrationCode: z
      .string()
      .overwrite(plainText)
      .trim()
      .min(1)
      .max(64)
      .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be one line of text that can be seen'),
  })
  .partial()

export type ElevatorFacts = z.infer<typeof elevatorFacts>

export type InsulationClass = NonNullable<ElevatorFacts['insulationClass']>

/**
 * The hottest that a winding of each thermal class may run, °C.
 *
 * Source  IEC 60085 (electrical insulation, thermal evaluation and designation)
 */
export const windingLimitCelsius: Readonly<Record<InsulationClass, number>> = { A: 105, E: 120, B: 130, F: 155, H: 180 }

/** Unverified default: class B is the lowest in common use, so the assumption can only call too early. */
export const elevatorFactDefaults = { insulationClass: 'B' } as const satisfies ElevatorFacts
