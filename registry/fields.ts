import { z } from 'zod'
import { ExpectedError } from '../core/errors.ts'
import { Identifier } from '../core/identifier.ts'
import { plainText } from '../core/plain-text.ts'
import { buildingUses, contactRoles, siteTypes } from '../core/site.ts'

/*
 * What people may write about sites and devices, the same over HTTP and in a CSV file. The lengths are ours: long enough for
 * whatever we have seen, short enough for a notice.
 */

/** What a store could not keep as it was given is refused or mended here: what is answered is what is kept. */
export const PlainText = z
  .string()
  .refine((text) => !text.includes('\0'), 'must not hold a NUL character')
  .overwrite(plainText)
  .trim()

export const Name = PlainText.min(1).max(200)
export const Line = PlainText.min(1).max(500)
const Paragraphs = PlainText.min(1).max(10_000)

export const Phone = z
  .string()
  .trim()
  .regex(/^[0-9+*#() -]{2,32}$/, 'must be a phone number: 2 to 32 digits, spaces and + - * # ( )')

export const ChannelAddress = z.strictObject({
  channelId: Identifier,
  address: PlainText.min(1).max(200).nullable().default(null),
})

export const Addresses = z.array(ChannelAddress).max(10)

export const Contact = z.strictObject({
  role: z.enum(contactRoles),
  name: Name,
  phone: Phone.nullable().default(null),
  addresses: Addresses.default([]),
})

export const mostContacts = 20
export const Contacts = z.array(Contact).max(mostContacts)

/** `export` is an address of the API, beside those of the sites. */
export const SiteId = Identifier.refine((id) => id !== 'export', 'cannot be the name of a site')
export const SiteTypeField = z.enum(siteTypes)
export const BuildingUseField = z.enum(buildingUses)
export const Address = Line
export const Entrance = Line
export const EmergencyPlan = Paragraphs
/** As it stands on paper. */
export const ContractNumber = PlainText.min(1).max(100)
/** Money, in fen (0.01 CNY). */
export const Fen = z
  .int()
  .min(0)
  .max(1e15 - 1)
/** Degrees, WGS 84. */
export const Latitude = z.number().min(-90).max(90)
export const Longitude = z.number().min(-180).max(180)

export interface Fault {
  readonly path: string
  readonly message: string
}

/** Every field that is wrong, by its path in what was given. */
export class WrongFields extends ExpectedError {
  readonly faults: readonly Fault[]

  constructor(
    faults: readonly Fault[],
    message: string = faults.map(({ path, message }) => `${path}: ${message}`).join('; '),
  ) {
    super('invalid', message)
    this.name = 'WrongFields'
    this.faults = faults
  }
}
