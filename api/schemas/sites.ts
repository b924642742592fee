import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { buildingUses, siteTypes } from '../../core/site.ts'
import * as fields from '../../registry/fields.ts'
import { Contacts, Instant, KnownContact, pageShape, toIso } from './shared.ts'

const siteShape = {
  parentId: Identifier.nullish().describe('The site that it is in, of a higher type'),
  use: z.enum(buildingUses).nullish().describe('Of a building'),
  address: fields.Address.nullish(),
  entrance: fields.Entrance.nullish().describe('How a crew gets in'),
  emergencyPlan: fields.EmergencyPlan.nullish(),
  contacts: Contacts.optional(),
  latitude: fields.Latitude.nullish().describe('Degrees, WGS 84'),
  longitude: fields.Longitude.nullish().describe('Degrees, WGS 84'),
}

export const NewSite = z
  .strictObject({ id: fields.SiteId, type: z.enum(siteTypes), name: fields.Name, ...siteShape })
  .meta({ id: 'NewSite' })

export const SiteUpdate = z
  .strictObject({ type: z.enum(siteTypes).optional(), name: fields.Name.optional(), ...siteShape })
  .meta({ id: 'SiteUpdate' })

export const Site = z
  .object({
    id: z.string(),
    type: z.enum(siteTypes),
    name: z.string(),
    parentId: z.string().nullable(),
    use: z.enum(buildingUses).nullable(),
    address: z.string().nullable(),
    entrance: z.string().nullable(),
    emergencyPlan: z.string().nullable(),
    contacts: z.array(KnownContact).readonly(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'Site' })

export const SiteDetail = Site.extend({
  path: z.partialRecord(z.enum(siteTypes), z.string()).describe('The ids of the site and of all above it, by type'),
  devices: z.int().describe('How many devices are directly in it'),
}).meta({ id: 'SiteDetail' })

export const SitesQuery = z.strictObject({
  parentId: Identifier.optional().describe('Directly in this site'),
  type: z.enum(siteTypes).optional(),
  text: z.string().max(100).optional().describe('Part of its id, name or address'),
  ...pageShape,
})

export const HistoryQuery = z.strictObject(pageShape)

/** A thing as our code held it: its times (`createdAt`, …) leave like all others. */
export const Recorded = z
  .codec(z.unknown(), z.unknown(), {
    decode: (thing) => thing,
    encode: (thing) =>
      thing && Object.fromEntries(Object.entries(thing).map(([name, value]) => [name, sent(name, value)])),
  })
  .meta({ type: ['object', 'null'] })

function sent(name: string, value: unknown): unknown {
  return /(At|Until|From)$/.test(name) && typeof value === 'number' ? toIso(value) : value
}

export const HistoryEntry = z
  .object({
    at: Instant,
    actor: z.string(),
    before: Recorded.describe('Null when it came to be'),
    after: Recorded.describe('Null when it was removed'),
  })
  .meta({ id: 'HistoryEntry' })
