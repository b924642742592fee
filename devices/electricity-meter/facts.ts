import { z } from 'zod'

/** What is known of one room's installation and does not change by itself. */
export const electricityMeterFacts = z.strictObject({
  /** Rated current of the room's breaker, A. */
  breakerAmps: z.number().min(1).max(1_000).optional(),
  /** Rated residual operating current of the residual-current device in front of the room, mA. */
  residualDeviceMilliamps: z.number().min(5).max(3_000).optional(),
  /** What the insulation of the conductors stands for ever, °C: PVC 70, XLPE 90. */
  conductorMaxCelsius: z.number().min(40).max(250).optional(),
  /** What the room is used for. */
  use: z.enum(['residential', 'dormitory', 'hotel', 'shop', 'office', 'workshop', 'medical', 'feeder']).optional(),
})

export type ElectricityMeterFacts = z.infer<typeof electricityMeterFacts>

/** Unverified defaults: what rented rooms in China usually have, and the careful side of what they may have. */
export const electricityMeterFactDefaults = {
  breakerAmps: 40,
  residualDeviceMilliamps: 30,
  conductorMaxCelsius: 70,
} as const satisfies ElectricityMeterFacts
