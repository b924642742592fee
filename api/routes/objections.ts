import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Operations } from '../../stores/operations/port.ts'
import { maxPhotoBytes } from '../../workorders/evidence/photos.ts'
import type { ObjectionRecord, Objections } from '../../workorders/maintenance/objections.ts'
import { pageRequest } from '../page-request.ts'
import { acceptPictures, pictureIn, pictures } from '../picture-body.ts'
import { problems } from '../problem.ts'
import { shownEvents } from '../record-events.ts'
import {
  NewObjection,
  Objection,
  ObjectionDecision,
  ObjectionDetail,
  ObjectionNote,
  ObjectionsQuery,
  PhotoQuery,
  pageOf,
  UuidParams,
  VisitCurve,
  VisitEvidence,
} from '../schemas.ts'
import { forRoles, settlers, visitors, watchers } from '../scope.ts'

const tags = ['planned maintenance']

const told = (objection: ObjectionRecord) => ({ ...objection, events: shownEvents(objection.events) })

/** What a maintainer says against the verdict of a visit, and what the insurer decides. */
export const objectionRoutes: FastifyPluginAsyncZod<{ operations: Operations; objections: Objections }> = async (
  app,
  { operations, objections },
) => {
  acceptPictures(app)

  app.get(
    '/visits/:id/readings',
    {
      config: forRoles('visit', watchers),
      schema: {
        tags,
        summary:
          'The curve behind a verdict, read again: mode, doors and runs from a quarter of an hour before to after',
        params: UuidParams,
        response: { 200: VisitCurve, ...problems(404) },
      },
    },
    async ({ params: { id } }) => objections.curve(id),
  )

  app.post(
    '/visits/:id/objection',
    {
      config: forRoles('ownVisit', visitors),
      schema: {
        tags,
        summary: 'The maintainer objects to a verdict that does not prove the visit; its readings are frozen',
        params: UuidParams,
        body: NewObjection,
        response: { 201: ObjectionDetail, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }, reply) =>
      reply
        .code(201)
        .header('location', `/api/v1/visits/${id}/objection`)
        .send(told(await objections.raise(id, body.reason, actor))),
  )

  app.get(
    '/visits/:id/objection',
    {
      config: forRoles('ownVisit', watchers),
      schema: {
        tags,
        summary: 'The objection to the verdict of a visit, with what happened to it and its evidence',
        params: UuidParams,
        response: { 200: ObjectionDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => told(await objections.of(id)),
  )

  app.post(
    '/visits/:id/objection/note',
    {
      config: forRoles('ownVisit', visitors),
      schema: {
        tags,
        summary: 'Adds a note to an objection that is open',
        params: UuidParams,
        body: ObjectionNote,
        response: { 200: ObjectionDetail, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }) => told(await objections.note(id, body.note, actor)),
  )

  app.post(
    '/visits/:id/objection/photos',
    {
      config: forRoles('ownVisit', visitors),
      bodyLimit: maxPhotoBytes,
      schema: {
        tags,
        summary: 'Adds a picture to an objection that is open: the raw bytes of a JPEG, PNG or WebP of at most 10 MiB',
        consumes: pictures,
        params: UuidParams,
        querystring: PhotoQuery,
        response: { 200: VisitEvidence, ...problems(404, 409, 413) },
      },
    },
    async ({ params: { id }, query: { name }, body, actor }) => objections.addPhoto(id, pictureIn(body), name, actor),
  )

  app.post(
    '/visits/:id/objection/decide',
    {
      config: forRoles('ownVisit', settlers),
      schema: {
        tags,
        summary: 'The insurer accepts or rejects an objection, with a reason; an accepted one counts as done',
        params: UuidParams,
        body: ObjectionDecision,
        response: { 200: ObjectionDetail, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }) => told(await objections.decide(id, body, actor)),
  )

  app.get(
    '/objections',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: 'Objections to verdicts, newest first',
        querystring: ObjectionsQuery,
        response: { 200: pageOf(Objection), ...problems() },
      },
    },
    async ({ query, sight }) => operations.objections({ ...pageRequest(query), sight }),
  )
}
