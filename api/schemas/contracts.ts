import { z } from 'zod'
import { contractTypes } from '../../core/contract.ts'
import { Identifier } from '../../core/identifier.ts'
import * as fields from '../../registry/fields.ts'
import { Instant, InstantQuery, notYet, pageShape } from './shared.ts'

const Fen = fields.Fen.nullish()

const termsShape = {
  holder: fields.Line.nullish().describe('Who took it out'),
  cover: fields.Line.nullish().describe('What it covers, in its own words'),
  sumInsuredFen: Fen.describe('At most so much is paid, in fen (0.01 CNY)'),
  premiumFen: Fen.describe('For its whole period, in fen'),
  deductibleFen: Fen.describe('In fen'),
}

const NewCovered = z.strictObject({
  deviceId: Identifier.describe('An elevator, or the meter of a room'),
  validFrom: Instant.optional().describe('As the contract, if it is not said'),
  validUntil: Instant.nullish().describe('As the contract, if it is not said; exclusive'),
})
const Devices = z.array(NewCovered).max(5_000).readonly()

export const NewContract = z
  .strictObject({
    type: z.enum(contractTypes),
    teamId: Identifier.describe('The insurer of a policy, the maintainer of a contract of maintenance'),
    number: fields.ContractNumber,
    ...termsShape,
    validFrom: Instant,
    validUntil: Instant.nullish().describe('Exclusive'),
    devices: Devices.optional(),
  })
  .meta({ id: 'NewContract' })

export const ContractUpdate = z
  .strictObject({
    ...termsShape,
    validFrom: Instant.optional(),
    validUntil: Instant.nullish(),
    devices: Devices.optional().describe('All that it covers: replaced as a whole'),
  })
  .meta({ id: 'ContractUpdate' })

export const Contract = z
  .object({
    id: z.string(),
    type: z.enum(contractTypes),
    teamId: z.string(),
    number: z.string(),
    holder: z.string().nullable(),
    cover: z.string().nullable(),
    sumInsuredFen: z.int().nullable(),
    premiumFen: z.int().nullable(),
    deductibleFen: z.int().nullable(),
    validFrom: Instant,
    validUntil: notYet.describe('Exclusive; null = until somebody ends it'),
    createdAt: Instant,
  })
  .meta({ id: 'Contract' })

export const ContractsQuery = z.strictObject({
  type: z.enum(contractTypes).optional(),
  teamId: Identifier.optional(),
  deviceId: Identifier.optional().describe('That cover it, at whatever time'),
  at: InstantQuery.optional().describe('In force then'),
  ...pageShape,
})

export const ContractDevicesQuery = z.strictObject(pageShape)

export const CoveredDevice = z
  .object({
    deviceId: z.string(),
    periods: z.array(z.object({ validFrom: Instant, validUntil: notYet })).readonly(),
  })
  .meta({ id: 'CoveredDevice' })

export const PortfolioQuery = z.strictObject({
  at: InstantQuery.optional().describe('At this time; now, if nothing is said'),
  from: InstantQuery.optional().describe('At some moment from here on'),
  to: InstantQuery.optional().describe('… and before this'),
  ...pageShape,
})

export const PortfolioDevice = z
  .object({
    deviceId: z.string(),
    kind: z.string(),
    name: z.string().nullable(),
    siteId: z.string().nullable(),
    periods: z
      .array(
        z.object({
          role: z.enum(['maintainer', 'insurer']),
          validFrom: Instant,
          validUntil: notYet,
          contractId: z.string().nullable().describe('Null = said without a contract'),
          contractNumber: z.string().nullable(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'PortfolioDevice' })

export const DeviceParties = z
  .object({
    items: z
      .array(
        z.object({
          role: z.enum(['maintainer', 'insurer']),
          teamId: z.string(),
          teamName: z.string().nullable(),
          validFrom: Instant,
          validUntil: notYet.describe('Exclusive; null = still'),
        }),
      )
      .readonly(),
    nextCursor: z.null(),
  })
  .meta({ id: 'DeviceParties' })
