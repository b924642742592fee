import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { inspectionKinds, inspectionStates, itemResults } from '../../core/inspection.ts'
import { mostUnannounced } from '../../quality/inspections/risk.ts'
import { publicValuePattern } from '../../quality/inspections/sample.ts'
import { Instant, Name, Note, notYet, pageShape, Reason, Technician, takenShape } from './shared.ts'

const TwoLanguages = z.strictObject({ en: Name, 'zh-CN': Name })
const Points = z.number().min(0.1).max(1_000)
const ItemId = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be like car-door')
const Month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-12')
const Quarter = z.string().regex(/^\d{4}-Q[1-4]$/, 'must be a quarter such as 2026-Q4')
const Sha256 = z.string().describe('SHA-256 in hex')

const SheetItem = z.strictObject({
  id: ItemId.describe('Names the item in findings'),
  name: TwoLanguages,
  weight: Points.describe('Points that it may cost in all'),
  deduction: Points.describe('Points that each defect costs, up to the weight'),
  photo: z.enum(['never', 'defect', 'always']).describe('When a picture is needed'),
  critical: z.boolean().default(false).describe('One defect of it, and the inspection is not passed'),
  source: z.string().trim().max(500).default('').describe('Where it comes from'),
})

const sheetShape = {
  name: TwoLanguages,
  passScore: z.number().min(0).max(100).describe('Passed from there on'),
  items: z.array(SheetItem).min(1).max(100).readonly(),
}

const ReadVersion = z.int().min(0).optional().describe('The one that was read: 409 if it changed')

export const ScoreSheetDocument = z
  .strictObject({ ...sheetShape, version: ReadVersion })
  .meta({ id: 'ScoreSheetDocument' })

export const ScoreSheet = z
  .object({ id: Identifier, version: z.int().describe('0 = as it ships'), ...sheetShape })
  .meta({ id: 'ScoreSheet' })

export const SheetQuery = z.strictObject({
  version: z.coerce.number().int().min(0).optional().describe('The one in force, unless said'),
})
export const SheetsQuery = z.strictObject(pageShape)

/** A share counts to four decimals. */
const leastShare = 0.0001

const planShape = {
  sheetId: Identifier.default('elevator'),
  quarterly: z.boolean().describe('Every elevator once a quarter'),
  monthlyShare: z
    .number()
    .min(0)
    .max(1)
    .describe(`Share of the portfolio that is drawn each month, to four decimals; 0 or from ${leastShare}`),
  unannouncedPerMonth: z.int().min(0).max(mostUnannounced),
  publicSource: Reason.nullable()
    .default(null)
    .describe('A public value that is mixed into the draw, published after the seed was committed to; null = none'),
}
export const InspectionPlanDocument = z
  .strictObject({ ...planShape, version: ReadVersion })
  .refine(({ monthlyShare: share }) => share === 0 || share >= leastShare, {
    path: ['monthlyShare'],
    error: `is 0, or ${leastShare} at least: of less nobody is drawn`,
  })
  .meta({ id: 'InspectionPlanDocument' })
export const InspectionPlan = z
  .object({ insurerId: z.string(), version: z.int(), ...planShape, changedAt: Instant, since: Instant })
  .meta({ id: 'InspectionPlan' })
export const InspectionPlansQuery = z.strictObject(pageShape)

const RiskPart = z.object({
  cause: z.enum(['base', 'health', 'emergencies', 'age', 'last-score', 'long-ago']),
  points: z.number(),
  value: z.number().nullable().describe('Health, emergencies, years, score or months; null = not known'),
  text: z.string(),
})
const Risk = z.object({ weight: z.number().describe('Only compares'), parts: z.array(RiskPart).readonly() })

const Finding = z.strictObject({
  item: ItemId,
  result: z.enum(itemResults),
  defects: z.int().min(0).max(100).default(0),
  note: Note.nullable().default(null),
})

const Photo = z.object({
  item: z.string().nullable().describe('Null = of the whole'),
  name: z.string(),
  sha256: Sha256.describe('GET /quality/inspections/:id/photos/:photo'),
  mediaType: z.string(),
  bytes: z.int(),
})

const inspectionShape = {
  id: z.string(),
  deviceId: z.string(),
  kind: z.enum(inspectionKinds),
  state: z.enum(inspectionStates),
  insurerId: z.string().nullable(),
  period: z.string().nullable().describe('The month or quarter of the plan that made it'),
  dueOn: z.iso.date().describe('To be done by the end of this date in Shanghai'),
  plannedAt: Instant,
  startedAt: notYet,
  endedAt: notYet.describe('Done, or given up'),
  inspector: z.string().nullable(),
  maintainerId: z.string().nullable().describe('Who maintained the elevator when it started'),
  sheetId: z.string().nullable(),
  sheetVersion: z.int().nullable().describe('As it was started with'),
  recheckOf: z.string().nullable(),
  score: z.number().nullable().describe('0 to 100'),
  passed: z.boolean().nullable(),
  reason: z.string().nullable().describe('Why it was not possible'),
  note: z.string().nullable(),
  remedies: z
    .array(z.object({ item: z.string(), orderId: z.string(), dueOn: z.iso.date() }))
    .readonly()
    .describe('Orders to whoever maintains the elevator'),
}
export const Inspection = z.object(inspectionShape).meta({ id: 'Inspection' })

export const InspectionDetail = z
  .object({
    ...inspectionShape,
    findings: z.array(Finding).readonly(),
    photos: z.array(Photo).readonly(),
    risk: Risk.nullable().describe('Of an unannounced one: why it was likely'),
    sheet: ScoreSheet.nullable().describe('What is looked at; null = from the books of before'),
    events: z
      .array(
        z.object({
          at: Instant,
          type: z.string(),
          actor: z.string(),
          data: z.record(z.string(), z.unknown()),
          hash: Sha256,
        }),
      )
      .readonly(),
  })
  .meta({ id: 'InspectionDetail' })

const inspectionFilter = {
  deviceId: Identifier.optional(),
  siteId: Identifier.optional().describe('A place, with all that is in it'),
  insurerId: Identifier.optional(),
  maintainerId: Identifier.optional().describe('Who maintained the elevator when it started'),
  kind: z.enum(inspectionKinds).optional(),
  state: z.enum(inspectionStates).optional(),
  passed: z.stringbool().optional(),
  recheckOf: z.guid().optional(),
  dueFrom: z.iso.date().optional(),
  dueTo: z.iso.date().optional().describe('Exclusive'),
}
export const InspectionsQuery = z.strictObject({ ...inspectionFilter, ...pageShape })
export const InspectionsExportQuery = z.strictObject(inspectionFilter)

export const NewInspection = z
  .strictObject({
    deviceId: Identifier,
    kind: z.enum(['quarterly', 'unannounced']).default('unannounced'),
    dueOn: z.iso.date(),
    sheetId: Identifier.default('elevator'),
  })
  .meta({ id: 'NewInspection' })

export const inspectionBodies = {
  start: z.strictObject({ inspector: Technician.optional().describe('The caller, if it is not said') }),
  score: z.strictObject({ findings: z.array(Finding).min(1).max(100).readonly() }),
  finish: z.strictObject({
    remedies: z
      .array(z.strictObject({ item: ItemId, dueOn: z.iso.date() }))
      .max(100)
      .readonly()
      .default([])
      .describe('Defects for which an order is opened'),
    recheckOn: z.iso.date().nullish().describe('A week after the last remedy, if it is not said; null = no re-check'),
    note: Note.nullish(),
  }),
  'not-possible': z.strictObject({ reason: Reason }),
} as const

export const InspectionPhotoQuery = z.strictObject({
  item: ItemId.optional().describe('Of the sheet; of the whole, if it is not said'),
  name: Name.optional().describe('What it shows'),
})
export const InspectionPhoto = Photo.meta({ id: 'InspectionPhoto' })
export const InspectionPhotoParams = z.object({
  id: z.guid(),
  photo: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex'),
})

export const InspectionsImported = z
  .object({ inspections: z.int().describe('In the file'), ...takenShape('elevator and end') })
  .meta({ id: 'InspectionsImported' })

export const Sample = z
  .object({
    id: z.string(),
    insurerId: z.string(),
    month: Month,
    seedSha256: Sha256.describe('Published before the month; of the UTF-8 bytes of the seed'),
    populationSha256: Sha256.describe('Of the ids, sorted by their bytes, each followed by a line feed'),
    populationSize: z.int().nullable().describe('Null for whoever does not see the whole portfolio'),
    count: z.int().nullable().describe('How many are drawn; null likewise'),
    publicSource: z.string().nullable().describe('Which public value is mixed in; null = none'),
    publicValue: z.string().nullable().describe('It, once it was entered: nothing is drawn without it'),
    committedAt: Instant.describe('After the month had begun: the service did not run before it'),
    drawnAt: notYet,
    revealedAt: notYet,
    seed: z.string().nullable().describe('Null until the month is over'),
    cutOff: Sha256.nullable().describe('The rank of the last one drawn; null until the month is over'),
  })
  .meta({ id: 'InspectionSample' })
export const PublicValueDocument = z
  .strictObject({
    publicValue: z
      .string()
      .regex(publicValuePattern, 'must be 1 to 200 letters, digits and . , : + = / _ - without a space')
      .describe('As it was published, written as the source says'),
  })
  .meta({ id: 'PublicValueDocument' })
export const SamplesQuery = z.strictObject({ insurerId: Identifier.optional(), month: Month.optional(), ...pageShape })

export const SampledElevator = z
  .object({
    deviceId: z.string(),
    rank: Sha256.nullable().describe('Of seed, public value, month and id; null until the month is over'),
    drawn: z.boolean().nullable().describe('Null until the month is over'),
  })
  .meta({ id: 'SampledElevator' })
export const SampledQuery = z.strictObject(pageShape)

export const RiskList = z
  .object({
    insurerId: z.string(),
    quarter: Quarter,
    madeAt: Instant,
    items: z
      .array(Risk.extend({ deviceId: z.string() }))
      .readonly()
      .describe('The riskiest first'),
  })
  .meta({ id: 'RiskList' })
export const RiskListsQuery = z.strictObject({
  quarter: Quarter.optional().describe('The present one, if it is not said'),
  insurerId: Identifier.optional(),
  ...pageShape,
})
