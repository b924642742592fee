/** Districts contain streets, streets communities, and so on; a level may be left out. */
export const siteTypes = ['district', 'street', 'community', 'estate', 'building', 'unit'] as const
export type SiteType = (typeof siteTypes)[number]

export const buildingUses = [
  'residential',
  'rental',
  'hotel',
  'office',
  'medical',
  'school',
  'commercial',
  'other',
] as const
export type BuildingUse = (typeof buildingUses)[number]

export const contactRoles = ['property', 'tenant', 'owner', 'car-phone', 'emergency'] as const
export type ContactRole = (typeof contactRoles)[number]

/** Somebody to call about a site or a device. */
export interface Contact {
  readonly role: ContactRole
  readonly name: string
  readonly phone: string | null
  /** Where notices to this contact go; empty = by phone only. */
  readonly addresses: readonly ChannelAddress[]
}

/** An address on a channel: a phone number for SMS, a mailbox; null = the channel is the address (a group robot). */
export interface ChannelAddress {
  readonly channelId: string
  readonly address: string | null
}

export interface Site {
  readonly id: string
  readonly type: SiteType
  readonly name: string
  readonly parentId: string | null
  /** Of a building. */
  readonly use: BuildingUse | null
  readonly address: string | null
  /** How a crew gets in: gate, code, who has the key. */
  readonly entrance: string | null
  /** What is agreed for an emergency here; plain text. */
  readonly emergencyPlan: string | null
  readonly contacts: readonly Contact[]
  readonly latitude: number | null
  readonly longitude: number | null
  readonly createdAt: number
}

/** Where a device is, as the ids of its sites by type; what is not known is absent. */
export type SitePath = Readonly<Partial<Record<SiteType, string>>>
