import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import type { Inspection as InspectionRow } from '../../core/inspection.ts'
import { inspectionsCsv } from '../../quality/inspections/export.ts'
import { type Inspections, sheetFor } from '../../quality/inspections/inspections.ts'
import { enterPublicValue } from '../../quality/inspections/month.ts'
import { quarterOf } from '../../quality/inspections/periods.ts'
import type { InspectionPlans } from '../../quality/inspections/plans.ts'
import { headOf, sampledElevators, shownTo } from '../../quality/inspections/samples.ts'
import type { Sheets } from '../../quality/inspections/sheets.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { maxPhotoBytes } from '../../workorders/evidence/photos.ts'
import { mustBeTaken } from '../../workorders/past/past-records.ts'
import { acceptCsv, mostCsvBytes } from '../csv-body.ts'
import { type EvidenceMeans, sendEvidence } from '../evidence-file.ts'
import { pageRequest } from '../page-request.ts'
import { acceptPictures, pictureIn, pictures } from '../picture-body.ts'
import { problems } from '../problem.ts'
import {
  IdentifierParams,
  Inspection,
  InspectionDetail,
  InspectionPhoto,
  InspectionPhotoParams,
  InspectionPhotoQuery,
  InspectionPlan,
  InspectionPlanDocument,
  InspectionPlansQuery,
  InspectionsExportQuery,
  InspectionsImported,
  InspectionsQuery,
  inspectionBodies,
  NewInspection,
  PastRecordsQuery,
  PublicValueDocument,
  pageOf,
  RiskList,
  RiskListsQuery,
  Sample,
  SampledElevator,
  SampledQuery,
  SamplesQuery,
  ScoreSheet,
  ScoreSheetDocument,
  SheetQuery,
  SheetsQuery,
  UuidParams,
} from '../schemas.ts'
import { everyone, forRoles } from '../scope.ts'
import { given } from './work-orders.ts'

const tags = ['inspections']
/** Who plans and does them. */
const inspectors = ['operator', 'insurer'] as const
/** Who sees what became of them. */
const concerned = [...inspectors, 'maintainer'] as const

interface Options extends EvidenceMeans {
  readonly operations: Operations
  readonly inspections: Inspections
  readonly sheets: Sheets
  readonly inspectionPlans: InspectionPlans
}

/** What the insurer's inspectors plan and do. A maintainer sees an inspection of its elevators from its start on, and nothing of it before. */
export const inspectionRoutes: FastifyPluginAsyncZod<Options> = async (app, options) => {
  for (const routes of [listsAndFiles, steps, drawn, sheetsAndPlans]) await routes(app, options)
}

const listsAndFiles: FastifyPluginAsyncZod<Options> = async (app, { operations, inspections }) => {
  acceptCsv(app)

  app.get(
    '/quality/inspections',
    {
      config: forRoles(null, concerned),
      schema: {
        tags,
        summary: 'Inspections, what is due last first; for a maintainer those that have started',
        querystring: InspectionsQuery,
        response: { 200: pageOf(Inspection), ...problems() },
      },
    },
    async ({ query, sight }) => operations.inspections({ ...pageRequest(query), sight }),
  )

  app.get(
    '/quality/inspections/export',
    {
      config: forRoles(null, concerned),
      schema: {
        tags,
        summary: 'The same as CSV, with times local and in UTC',
        querystring: InspectionsExportQuery,
        response: {
          200: { description: 'The whole of it, streamed', content: { 'text/csv': { schema: z.unknown() } } },
          ...problems(),
        },
      },
    },
    async ({ query, sight }, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="inspections.csv"')
        .send(Readable.from(inspectionsCsv(operations, { ...given(query), sight }))),
  )

  app.post(
    '/quality/inspections/import',
    {
      bodyLimit: mostCsvBytes,
      schema: {
        tags,
        summary: 'Past inspections as CSV: a preview, or with `apply=true` all of them or none',
        description: `Columns: \`device_id\`, \`ended_at\`, \`passed\` and, if you like, \`kind\`, \`score\`, \`started_at\`, \`inspector\`,
\`insurer_id\`, \`maintainer_id\`, \`note\`. Times are ISO 8601 with an offset, or local. Who insured and maintained the elevator then is
looked up where it is not said.`,
        consumes: ['text/csv'],
        querystring: PastRecordsQuery,
        response: { 200: InspectionsImported, ...problems(413) },
      },
    },
    async ({ query: { apply }, body, actor }) => {
      if (typeof body !== 'string') throw new ExpectedError('invalid', 'The body must be a file of type text/csv')
      return mustBeTaken({ apply }, await inspections.import({ csv: body, apply, actor }))
    },
  )

  app.get(
    '/quality/inspections/:id',
    {
      config: forRoles('inspection', concerned),
      schema: {
        tags,
        summary: 'One inspection, with its sheet, what was found, and what happened to it, oldest first',
        params: UuidParams,
        response: { 200: InspectionDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const inspection = await mustBe(operations, id)
      const sheet = inspection.sheetId === null ? null : await sheetFor(operations, inspection)
      return { ...inspection, sheet, events: await operations.recordEventsOf(id) }
    },
  )

  app.post(
    '/quality/inspections',
    {
      config: forRoles(null, inspectors),
      schema: {
        tags,
        summary: 'Plans an inspection by hand; whose it is follows from who insures the elevator',
        body: NewInspection,
        response: { 201: Inspection, ...problems() },
      },
    },
    async (request, reply) => {
      const { body, actor, sight } = request
      await request.mustSee('device', body.deviceId, 'deviceId')
      const inspection = await inspections.plan(body, { actor, sight })
      return reply.code(201).header('location', `/api/v1/quality/inspections/${inspection.id}`).send(inspection)
    },
  )
}

const steps: FastifyPluginAsyncZod<Options> = async (app, { operations, inspections, ...means }) => {
  acceptPictures(app)

  app.post(
    '/quality/inspections/:id/start',
    {
      config: forRoles('inspection', inspectors),
      schema: {
        tags,
        summary: 'The inspector is there: from now on the maintainer sees it, and its sheet stays as it is',
        params: UuidParams,
        body: inspectionBodies.start.nullable(),
        response: { 200: Inspection, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }) => inspections.start(id, body?.inspector ?? actor, actor),
  )

  app.post(
    '/quality/inspections/:id/score',
    {
      config: forRoles('inspection', inspectors),
      schema: {
        tags,
        summary: 'How items of the sheet are; what was said last of an item holds',
        params: UuidParams,
        body: inspectionBodies.score,
        response: { 200: Inspection, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }) => inspections.score(id, body.findings, actor),
  )

  app.post(
    '/quality/inspections/:id/photos',
    {
      config: forRoles('inspection', inspectors),
      bodyLimit: maxPhotoBytes,
      schema: {
        tags,
        summary: 'A picture as evidence: the raw bytes of a JPEG, PNG or WebP of at most 10 MiB; kept unchanged',
        consumes: pictures,
        params: UuidParams,
        querystring: InspectionPhotoQuery,
        response: { 200: InspectionPhoto, ...problems(404, 409, 413) },
      },
    },
    async ({ params: { id }, query: { item = null, name }, body, actor }) => {
      return inspections.addPhoto(id, pictureIn(body), { item, name: name ?? item ?? 'Picture' }, actor)
    },
  )

  app.get(
    '/quality/inspections/:id/photos/:photo',
    {
      config: forRoles('inspection', concerned),
      schema: {
        tags,
        summary: 'One picture, as it was taken',
        params: InspectionPhotoParams,
        response: {
          200: { description: 'The bytes', content: { 'application/octet-stream': { schema: z.any() } } },
          ...problems(404, 500),
        },
      },
    },
    async ({ params: { id, photo } }, reply) => {
      const { photos } = await mustBe(operations, id)
      const isOfThis = photos.some(({ sha256 }) => sha256 === photo)
      return sendEvidence(reply, isOfThis ? await operations.evidenceFile(photo) : undefined, { operations, ...means })
    },
  )

  app.post(
    '/quality/inspections/:id/finish',
    {
      config: forRoles('inspection', inspectors),
      schema: {
        tags,
        summary: 'Every item is looked at: the score, an order for each defect that must be mended, and the re-check',
        params: UuidParams,
        body: inspectionBodies.finish.nullable(),
        response: { 200: Inspection, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }) => inspections.finish(id, body ?? { remedies: [] }, actor),
  )

  app.post(
    '/quality/inspections/:id/not-possible',
    {
      config: forRoles('inspection', inspectors),
      schema: {
        tags,
        summary: 'It cannot be done, and why',
        params: UuidParams,
        body: inspectionBodies['not-possible'],
        response: { 200: Inspection, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }) => inspections.giveUp(id, body.reason, actor),
  )
}

const drawn: FastifyPluginAsyncZod<Options> = async (app, { operations, clock }) => {
  app.get(
    '/quality/samples',
    {
      config: forRoles(null, concerned),
      schema: {
        tags,
        summary: 'What was committed to before each month and, when it is over, the seed; the newest month first',
        querystring: SamplesQuery,
        response: { 200: pageOf(Sample), ...problems() },
      },
    },
    async ({ query, sight }) => {
      const { items, nextCursor } = await operations.samples({ ...pageRequest(query), sight })
      return { items: items.map((sample) => shownTo(sight, sample)), nextCursor }
    },
  )

  app.get(
    '/quality/samples/:id',
    {
      config: forRoles('sample', concerned),
      schema: { tags, summary: 'One sample', params: UuidParams, response: { 200: Sample, ...problems(404) } },
    },
    async ({ params: { id }, sight }) => {
      const sample = await operations.sample(id)
      if (sample === undefined) throw new ExpectedError('not-found', `There is no sample ${id}`)
      return shownTo(sight, headOf(sample))
    },
  )

  app.put(
    '/quality/samples/:id/public-value',
    {
      config: forRoles('sample', inspectors),
      schema: {
        tags,
        summary: 'Enters the public value that is mixed into the draw; until it is drawn, another one takes its place',
        params: UuidParams,
        body: PublicValueDocument,
        response: { 200: Sample, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body: { publicValue }, actor, sight }) =>
      shownTo(sight, headOf(await enterPublicValue(operations, id, publicValue, { at: clock(), actor, sight }))),
  )

  app.get(
    '/quality/samples/:id/elevators',
    {
      config: forRoles('sample', concerned),
      schema: {
        tags,
        summary: 'Who could be drawn and, when the month is over, with which rank, and who was; by id',
        params: UuidParams,
        querystring: SampledQuery,
        response: { 200: pageOf(SampledElevator), ...problems(404) },
      },
    },
    async ({ params: { id }, query, sight }) => sampledElevators(operations, id, sight, pageRequest(query)),
  )

  app.get(
    '/quality/risk-lists',
    {
      config: forRoles(null, inspectors),
      schema: {
        tags,
        summary:
          'The 30 riskiest elevators of a portfolio in a quarter, as they were when the list was made; by insurer',
        querystring: RiskListsQuery,
        response: { 200: pageOf(RiskList), ...problems() },
      },
    },
    async ({ query: { quarter = quarterOf(clock()), ...query }, sight }) =>
      operations.riskLists({ ...pageRequest(query), quarter, sight }),
  )
}

const sheetsAndPlans: FastifyPluginAsyncZod<Options> = async (app, { operations, sheets, inspectionPlans }) => {
  app.get(
    '/quality/templates',
    {
      config: forRoles(null, everyone),
      schema: {
        tags,
        summary: 'Score sheets in force, by id: what is looked at, and what a defect costs',
        querystring: SheetsQuery,
        response: { 200: pageOf(ScoreSheet), ...problems() },
      },
    },
    async ({ query }) => sheets.list(pageRequest(query)),
  )

  app.get(
    '/quality/templates/:id',
    {
      config: forRoles(null, everyone),
      schema: {
        tags,
        summary: 'One score sheet, as it is or as an earlier version was',
        params: IdentifierParams,
        querystring: SheetQuery,
        response: { 200: ScoreSheet, ...problems(404) },
      },
    },
    async ({ params: { id }, query: { version } }) => sheets.get(id, version),
  )

  app.get(
    '/quality/templates/:id/versions',
    {
      config: forRoles(null, everyone),
      schema: {
        tags,
        summary: 'All versions of a score sheet, newest first',
        params: IdentifierParams,
        querystring: SheetsQuery,
        response: { 200: pageOf(ScoreSheet), ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => sheets.versions(id, pageRequest(query)),
  )

  app.put(
    '/quality/templates/:id',
    {
      schema: {
        tags,
        summary: 'Makes a score sheet or a new version of one; inspections that have started keep theirs',
        params: IdentifierParams,
        body: ScoreSheetDocument,
        response: { 200: ScoreSheet, ...problems(409) },
      },
    },
    async ({ params: { id }, body: { version, ...content }, actor }) => sheets.put(id, content, version, actor),
  )

  app.get(
    '/quality/inspection-plans',
    {
      config: forRoles(null, inspectors),
      schema: {
        tags,
        summary: 'What is planned by itself for each insurer',
        querystring: InspectionPlansQuery,
        response: { 200: pageOf(InspectionPlan), ...problems() },
      },
    },
    async ({ query, sight }) => operations.inspectionPlans({ ...pageRequest(query), sight }),
  )

  app.put(
    '/quality/inspection-plans/:id',
    {
      config: forRoles('team', inspectors),
      schema: {
        tags,
        summary:
          'What is to be planned by itself for an insurer, by its team: the quarter, the sample, the unannounced',
        params: IdentifierParams,
        body: InspectionPlanDocument,
        response: { 200: InspectionPlan, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body: { version, ...content }, actor, sight }) =>
      inspectionPlans.put(id, content, version, { actor, sight }),
  )
}

async function mustBe(operations: Operations, id: string): Promise<InspectionRow> {
  const inspection = await operations.inspection(id)
  if (inspection === undefined) throw new ExpectedError('not-found', `There is no inspection ${id}`)
  return inspection
}
