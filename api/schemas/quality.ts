import { z } from 'zod'
import { indexParts } from '../../core/estate-index.ts'
import { Identifier } from '../../core/identifier.ts'
import { causeClasses, orderOutcomes } from '../../core/incident.ts'
import { durations, measures } from '../../core/kpi.ts'
import { riskCauses } from '../../quality/fire-safety.ts'
import { kpiIds } from '../../quality/kpis/index.ts'
import { kpiUnits } from '../../quality/kpis/kpi.ts'
import { kpiGroupings } from '../../stores/operations/port.ts'
import { Instant, InstantQuery, pageOf, pageShape, Reason } from './shared.ts'

const KpiId = z.enum(kpiIds)

const Figure = z
  .object({
    value: z.number().nullable().describe('Null = there is nothing to work it out from'),
    numerator: z.number(),
    denominator: z.number(),
    interval: z
      .object({ low: z.number().nullable(), high: z.number().nullable() })
      .nullable()
      .describe('At 95 %; a bound that cannot be said is null. Null = nothing can be said'),
    coverage: z
      .number()
      .nullable()
      .describe('Share of what it should rest on that is known, 0 to 1; null = nothing that could be missing'),
  })
  .meta({ id: 'Figure' })

const ReviewedFigure = Figure.extend({
  unit: z.enum(kpiUnits).describe('A `share` is from 0 to 1, times are in seconds'),
  rank: z.int().nullable().describe('Among the groups, 1 = the best; groups that cannot be told apart share one'),
  before: Figure.nullable().describe('A year before, where it was asked for'),
}).meta({ id: 'ReviewedFigure' })

const ReviewedGroup = z
  .object({
    id: z.string().nullable().describe('Null = nobody has them, or they are in no estate; of the total, all of them'),
    name: z.string().nullable(),
    elevators: z.int(),
    others: z.int().describe('Other devices'),
    kpis: z.partialRecord(KpiId, ReviewedFigure),
    standardised: z
      .object({
        observed: z.number(),
        expected: z.number().describe('With as many faults as all elevators here of the same age, floors and use'),
        ratio: z.number().nullable().describe('Observed by expected'),
        interval: Figure.shape.interval,
      })
      .nullable()
      .describe('Faults of the equipment, adjusted for the mix of elevators; of companies alone'),
    falseAlarmsByRule: z.array(z.object({ rule: z.string(), figure: Figure })).readonly(),
  })
  .meta({ id: 'ReviewedGroup' })

export const Review = z
  .object({
    from: Instant,
    to: Instant,
    groupBy: z.enum(kpiGroupings),
    asOf: Instant.describe('When what the figures rest on was known'),
    pending: z
      .int()
      .describe('Changes that are not counted yet: they are within a minute, or in some minutes after many'),
    total: ReviewedGroup,
    groups: z.array(ReviewedGroup).readonly(),
    groupsInAll: z.int(),
  })
  .meta({ id: 'Review' })

const question = {
  from: InstantQuery.optional().describe('The beginning of the month eleven months ago in Shanghai, if it is not said'),
  to: InstantQuery.optional().describe('Now, if it is not said'),
  maintainerId: Identifier.optional().describe(
    'While it had them: a contract that changed in May counts for its months',
  ),
  insurerId: Identifier.optional(),
  siteId: Identifier.optional().describe('A place, with all that is in it'),
  deviceId: Identifier.optional(),
  asOf: InstantQuery.optional().describe('As it was known then: later data and corrections are left out'),
}

/** `failure-rate,availability` */
const KpiList = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(KpiId).min(1))

export const ReviewQuery = z.strictObject({
  ...question,
  groupBy: z.enum(kpiGroupings).default('maintainer'),
  kpi: KpiList.optional().describe('Several with commas between; all, if it is not said'),
  compare: z.enum(['year-before']).optional(),
  sort: KpiId.optional().describe('The group that does worst by this one comes first'),
  limit: pageShape.limit,
  skip: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('So many groups are passed over'),
})

const { from: _from, to: _to, ...whichCounts } = question
export const MonthsQuery = z.strictObject({
  ...whichCounts,
  groupBy: z.enum(kpiGroupings).default('maintainer'),
  months: z.coerce.number().int().min(1).max(36).default(12).describe('The running one, and those before it'),
  limit: pageShape.limit,
})

export const FigureMonths = z
  .object({
    items: z
      .array(
        z.object({
          month: z.string(),
          groups: z
            .array(
              z.object({
                id: z.string().nullable().describe('Null = nobody has them, or they are in no estate'),
                value: z.number().nullable().describe('Null = there is nothing to work it out from'),
              }),
            )
            .readonly(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'FigureMonths' })

export const CasesQuery = z.strictObject({ ...question, ...pageShape })

export const KpiParams = z.object({ kpi: KpiId })

const whats = [...measures, ...durations, 'exposureMinutes'] as const

const Case = z
  .object({
    at: Instant,
    deviceId: z.string(),
    maintainerId: z.string().nullable().describe('Who had it then'),
    insurerId: z.string().nullable(),
    what: z.enum(whats).describe('What it counts as'),
    amount: z.number(),
    of: z.object({
      type: z.enum(['order', 'visit', 'maintenance', 'inspection', 'overhaul', 'day', 'contract']),
      id: z.string(),
    }),
  })
  .meta({ id: 'KpiCase' })

export const Cases = pageOf(Case)

const WordsOfKpi = z.object({
  name: z.string(),
  unit: z.string(),
  formula: z.string(),
  excludes: z.string(),
  coverage: z.string().describe('What its coverage is a share of; empty = nothing of it can be missing'),
  interval: z.string(),
})

export const Definitions = z
  .object({
    items: z.array(
      z.object({
        id: KpiId,
        unit: z.enum(kpiUnits),
        better: z.enum(['higher', 'lower']).nullable(),
        words: z.object({ 'zh-CN': WordsOfKpi, en: WordsOfKpi }),
      }),
    ),
  })
  .meta({ id: 'KpiDefinitions' })

export const NewCorrection = z
  .strictObject({
    causeClass: z.enum(causeClasses).nullable().describe('Null with a false alarm or a drill'),
    outcome: z.enum(orderOutcomes),
    reason: Reason,
  })
  .refine(({ causeClass, outcome }) => (causeClass === null) === (outcome === 'false-alarm' || outcome === 'drill'), {
    path: ['causeClass'],
    error: 'is said of what was found, and not of a false alarm or a drill',
  })
  .meta({ id: 'NewCorrection' })

const Correction = z
  .object({
    orderId: z.string(),
    at: Instant,
    causeClass: z.enum(causeClasses).nullable(),
    outcome: z.string(),
    reason: z.string(),
    actor: z.string(),
  })
  .meta({ id: 'Correction' })

export const Corrections = z.object({ items: z.array(Correction).readonly() })

const Month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11')
  .describe('In Shanghai')

const EstateIndex = z
  .object({
    siteId: z.string(),
    name: z.string().nullable(),
    month: Month,
    score: z.number().nullable().describe('0 to 100; null while less than half of the weight is known'),
    weightsVersion: z.int(),
    parts: z
      .array(
        z.object({
          part: z.enum(indexParts),
          score: z.number().nullable().describe('0 to 100; null = nobody knows'),
          weight: z.number(),
          lost: z.number().describe('Points that are missing for this; together they are what the score lacks'),
          numerator: z.number(),
          denominator: z.number(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'EstateIndex' })

export const EstateIndexQuery = z.strictObject({
  month: Month.optional().describe('The running one, if it is not said'),
  siteId: Identifier.optional(),
})
export const EstateHistoryQuery = z.strictObject({ months: z.coerce.number().int().min(1).max(36).default(12) })

const Weight = z.number().min(0).max(1_000)
const Weights = z.record(z.enum(indexParts), Weight)

export const NewIndexWeights = z
  .strictObject({
    version: z.int().min(0).describe('The one that was read: 409 if it changed'),
    weights: Weights.refine((weights) => Object.values(weights).some((weight) => weight > 0), 'one must be above 0'),
    reason: Reason,
  })
  .meta({ id: 'NewIndexWeights' })

const KnownWeights = z
  .array(
    z.object({
      version: z.int().describe('0 = as it ships'),
      weights: z.record(z.string(), z.number()),
      at: Instant,
      actor: z.string(),
      reason: z.string(),
    }),
  )
  .readonly()
  .describe('Newest version first; the first one is in force')

export const IndexWeights = z.object({ weights: KnownWeights }).meta({ id: 'IndexWeights' })
export const EstateIndices = z.object({ items: z.array(EstateIndex).readonly(), weights: KnownWeights })

export const FireSafetyQuery = z.strictObject({
  ...{ from: question.from, to: question.to, siteId: question.siteId },
  ...{ maintainerId: question.maintainerId, insurerId: question.insurerId, limit: pageShape.limit },
  skip: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('So many rooms are passed over'),
})

const Room = z
  .object({
    deviceId: z.string(),
    name: z.string().nullable(),
    siteId: z.string().nullable(),
    risk: z.number().describe('0 to 100: a number that only compares'),
    parts: z.array(z.object({ cause: z.enum(riskCauses), points: z.number(), times: z.int() })).readonly(),
    eBikeCharges: z.int(),
    findings: z.record(z.string(), z.int()),
    ...{ open: z.int(), attended: z.int(), ended: z.int(), selfCorrected: z.int() },
    leakage: z
      .object({ firstLevel: z.number(), level: z.number(), limit: z.number(), days: z.number().nullable() })
      .nullable()
      .describe('mA, as it was foreseen first and last in the period; `days` until the limit'),
  })
  .meta({ id: 'RoomAtRisk' })

export const FireSafety = z
  .object({
    from: Instant,
    to: Instant,
    rooms: z.array(Room).readonly().describe('Rooms in which anything was found, the most at risk first'),
    roomsInAll: z.int(),
    repeatedCharging: z.int().describe('Rooms in which an e-bike was charged more than once'),
    risingLeakage: z.int(),
    ...{ attended: z.int(), ended: z.int(), selfCorrected: z.int() },
    selfCorrectedShare: Figure,
  })
  .meta({ id: 'FireSafety' })
