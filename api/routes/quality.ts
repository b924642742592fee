import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Clock } from '../../core/clock.ts'
import { monthOf } from '../../core/kpi.ts'
import { addMonths, localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import type { Locale } from '../../core/words.ts'
import { createCorrections } from '../../quality/corrections.ts'
import { createEstateIndices } from '../../quality/estate-index.ts'
import { fireSafety } from '../../quality/fire-safety.ts'
import { kpis } from '../../quality/kpis/index.ts'
import { share } from '../../quality/kpis/kpi.ts'
import { kpiWords } from '../../quality/kpis/words.ts'
import { figureByMonth } from '../../quality/months.ts'
import { createReview } from '../../quality/review.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { recordEvent } from '../../workorders/evidence/chain.ts'
import { countsAsDone, dueItems } from '../../workorders/maintenance/due-dates.ts'
import { problems } from '../problem.ts'
import {
  Cases,
  CasesQuery,
  Corrections,
  Definitions,
  EstateHistoryQuery,
  EstateIndexQuery,
  EstateIndices,
  FigureMonths,
  FireSafety,
  FireSafetyQuery,
  IdentifierParams,
  IndexWeights,
  KpiParams,
  MonthsQuery,
  NewCorrection,
  NewIndexWeights,
  Review,
  ReviewQuery,
  UuidParams,
} from '../schemas.ts'
import { forRoles, operators, reviewers, watchers } from '../scope.ts'

const tags = ['quality']
/** Who looks at places and rooms, whoever works there. */
const overseers = ['operator', 'district', 'insurer'] as const

export const qualityRoutes: FastifyPluginAsyncZod<{ operations: Operations; clock: Clock }> = async (
  app,
  { operations, clock },
) => {
  const review = createReview({ operations, rules: { countsAsDone, dueItems }, clock })
  const corrections = createCorrections({ operations, clock, recordEvent })
  const indices = createEstateIndices({ operations, review, clock })

  app.get(
    '/quality/kpis',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary:
          "The insurer's figures of a period, by company, estate or elevator, each with its interval and coverage",
        description:
          'Figures of whole months in Shanghai are rolled up, others are counted from the records. What each figure means: `/quality/definitions`; the records behind it: `/quality/kpis/{kpi}/cases` with the same filters.',
        querystring: ReviewQuery,
        response: { 200: Review, ...problems() },
      },
    },
    async ({ query: { kpi, from, to, ...query }, sight }) =>
      review.kpis({ ...query, ...periodOf(from, to), kpis: kpi, sight }),
  )

  app.get(
    '/quality/kpis/:kpi/cases',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary: 'The orders, visits, inspections and days behind a figure, newest first',
        params: KpiParams,
        querystring: CasesQuery,
        response: { 200: Cases, ...problems(404) },
      },
    },
    async ({ params: { kpi }, query: { from, to, cursor, ...query }, sight }, { raw }) =>
      review.cases(kpi, {
        ...{ ...query, ...periodOf(from, to), after: cursor, sight },
        isGone: () => raw.destroyed,
      }),
  )

  app.get(
    '/quality/kpis/:kpi/months',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary: 'One figure of each group month by month, the oldest first; of many groups, those that do worst',
        params: KpiParams,
        querystring: MonthsQuery,
        response: { 200: FigureMonths, ...problems(404) },
      },
    },
    async ({ params: { kpi }, query, sight }, { raw }) => {
      const asked = { ...query, sight, isGone: () => raw.destroyed }
      return { items: await figureByMonth(review, kpi, asked, clock()) }
    },
  )

  app.get(
    '/quality/definitions',
    {
      config: forRoles(null, reviewers),
      schema: {
        tags,
        summary: 'How each figure is computed, in Chinese and English',
        response: { 200: Definitions, ...problems() },
      },
    },
    async () => definitions,
  )

  app.get(
    '/quality/indices',
    {
      config: forRoles(null, overseers),
      schema: {
        tags,
        summary: 'How safe the estates are in a month, 0 to 100, the lowest first; every missing point has its part',
        querystring: EstateIndexQuery,
        response: { 200: EstateIndices, ...problems() },
      },
    },
    async ({ query: { month = monthOf(clock()), siteId }, sight }) => ({
      items: await indices.ofMonth({ month, siteId, sight }),
      weights: await indices.weights(),
    }),
  )

  app.get(
    '/quality/indices/:id',
    {
      config: forRoles('site', overseers),
      schema: {
        tags,
        summary: 'The index of one estate month by month, newest first, by the weights that are in force',
        params: IdentifierParams,
        querystring: EstateHistoryQuery,
        response: { 200: EstateIndices, ...problems(404) },
      },
    },
    async ({ params: { id }, query: { months }, sight }) => ({
      items: await indices.history(id, months, sight),
      weights: await indices.weights(),
    }),
  )

  app.put(
    '/quality/index-weights',
    {
      schema: {
        tags,
        summary: 'A new version of the weights: it holds for all months from now on',
        body: NewIndexWeights,
        response: { 200: IndexWeights, ...problems(409) },
      },
    },
    async ({ body, actor }) => ({ weights: await indices.putWeights(body, actor) }),
  )

  app.get(
    '/quality/fire-safety',
    {
      config: forRoles(null, overseers),
      schema: {
        tags,
        summary: 'Rental rooms by risk: repeated e-bike charging, leakage that rises, what was done about it',
        querystring: FireSafetyQuery,
        response: { 200: FireSafety, ...problems() },
      },
    },
    async ({ query: { from, to, limit, skip, ...query }, sight }) => {
      const period = periodOf(from, to)
      const { rooms, ...counts } = await fireSafety(operations, { ...query, sight }, period, clock())
      const selfCorrectedShare = share(counts.selfCorrected, counts.ended)
      return {
        ...period,
        ...counts,
        selfCorrectedShare,
        rooms: rooms.slice(skip, skip + limit),
        roomsInAll: rooms.length,
      }
    },
  )

  app.post(
    '/work-orders/:id/corrections',
    {
      config: forRoles('order', operators),
      schema: {
        tags,
        summary: 'Puts the cause or the outcome of a closed order right, for figures; the order stays as it was closed',
        params: UuidParams,
        body: NewCorrection,
        response: { 201: Corrections, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }, reply) =>
      reply.code(201).send({ items: await corrections.correct(id, body, actor) }),
  )

  app.get(
    '/work-orders/:id/corrections',
    {
      config: forRoles('order', watchers),
      schema: {
        tags,
        summary: 'How its cause and outcome were put right, oldest first',
        params: UuidParams,
        response: { 200: Corrections, ...problems(404) },
      },
    },
    async ({ params: { id } }) => ({ items: await corrections.of(id) }),
  )

  /** The last twelve months, the running one among them. */
  function periodOf(from: number | undefined, to: number | undefined): { from: number; to: number } {
    const until = to ?? clock() + 1
    const first = `${addMonths(localDate(until, shanghai), -11).slice(0, 7)}-01`
    return { from: from ?? startOfDate(first, shanghai), to: until }
  }
}

const wordsOf = ({ id, unit }: (typeof kpis)[number], locale: Locale) => ({
  ...kpiWords[locale].kpis[id],
  unit: kpiWords[locale].units[unit],
})

const definitions = {
  items: kpis.map((kpi) => ({
    ...{ id: kpi.id, unit: kpi.unit, better: kpi.better },
    words: { 'zh-CN': wordsOf(kpi, 'zh-CN'), en: wordsOf(kpi, 'en') },
  })),
}
