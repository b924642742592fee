/** A fact of a device as a form asks for it; its name in `words.ts`. */
export interface FactField {
  readonly name: string
  readonly input: 'number' | 'whole' | 'date' | 'text' | readonly string[]
  /** Shown behind the field. */
  readonly unit?: string
}

export interface Kind {
  readonly facts: readonly FactField[]
  /** Values of a healthy device, for the first message. */
  readonly example: Readonly<Record<string, number | string | boolean>>
}

/**
 * What may be watched, by the id of its kind. The kinds themselves are in `devices/`, which a browser does not load; a test holds
 * this to them.
 */
export const kinds: Readonly<Record<string, Kind>> = {
  elevator: {
    facts: [
      { name: 'insulationClass', input: ['A', 'E', 'B', 'F', 'H'] },
      { name: 'drive', input: ['traction', 'hydraulic'] },
      { name: 'ratedSpeedMps', input: 'number', unit: 'm/s' },
      { name: 'ratedLoadKg', input: 'number', unit: 'kg' },
      { name: 'stops', input: 'whole' },
      { name: 'motorKilowatts', input: 'number', unit: 'kW' },
      { name: 'installedOn', input: 'date' },
      { name: 'registrationCode', input: 'text' },
    ],
    example: { motorCelsius: 61.2, doorCloseSeconds: 3.1, floor: 7 },
  },
  'electricity-meter': {
    facts: [
      {
        name: 'use',
        input: ['residential', 'dormitory', 'hotel', 'shop', 'office', 'workshop', 'medical', 'feeder'],
      },
      { name: 'breakerAmps', input: 'number', unit: 'A' },
      { name: 'residualDeviceMilliamps', input: 'number', unit: 'mA' },
      { name: 'conductorMaxCelsius', input: 'number', unit: '°C' },
    ],
    example: { volts: 228.4, amps: 3.2, terminalCelsius: 31.5 },
  },
}

/** What somebody wrote into the field, as the API wants it; null = nothing, which takes the fact away. */
export function factValue({ input }: FactField, text: string): number | string | null {
  const written = text.trim()
  if (written === '') return null
  if (input !== 'number' && input !== 'whole') return written
  const value = Number(written)
  // what is no number is said by the API, which names the field
  return Number.isFinite(value) ? value : written
}
