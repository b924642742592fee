import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { recordChecks } from '../../quality/inspections/record.ts'
import { faultOfOverhaul } from '../../quality/overhauls/overhauls.ts'
import { contractCheck } from '../../registry/contract-record.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { maxPhotoBytes, type Photos } from '../../workorders/evidence/photos.ts'
import { verifyAll, type WrittenSeal } from '../../workorders/evidence/verify.ts'
import { faultOfObjection } from '../../workorders/maintenance/objections.ts'
import { faultOfVisit, visitsToLookAt } from '../../workorders/maintenance/visit-record.ts'
import { sendEvidence } from '../evidence-file.ts'
import { acceptPictures, pictureIn, pictures } from '../picture-body.ts'
import { problems } from '../problem.ts'
import {
  EvidenceItem,
  EvidenceParams,
  PhotoQuery,
  SealHead,
  UuidParams,
  Verification,
  VerifyQuery,
} from '../schemas.ts'
import { crewsAndInspectors, forRoles, watchers } from '../scope.ts'

const tags = ['evidence']
/** What rows are held against, beside those of orders. */
const checks = { ...recordChecks, overhaul: faultOfOverhaul, objection: faultOfObjection, visit: faultOfVisit }
const screens = { visit: visitsToLookAt }

export const evidenceRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  evidence: EvidenceStore
  photos: Photos
  clock: Clock
  log: Log
}> = async (app, { operations, evidence, photos, clock, log }) => {
  acceptPictures(app)

  app.get(
    '/work-orders/:id/evidence',
    {
      config: forRoles('order', watchers),
      schema: {
        tags,
        summary: 'The files behind an order: raw windows before and after detection, pictures; oldest first',
        params: UuidParams,
        response: { 200: z.object({ items: z.array(EvidenceItem), nextCursor: z.null() }), ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const order = await operations.order(id)
      if (order === undefined) throw new ExpectedError('not-found', `There is no work order ${id}`)
      return { items: await operations.evidenceOf(order.incidentId), nextCursor: null }
    },
  )

  app.post(
    '/work-orders/:id/photos',
    {
      config: forRoles('order', crewsAndInspectors),
      bodyLimit: maxPhotoBytes,
      schema: {
        tags,
        summary: 'A picture as evidence: the raw bytes of a JPEG, PNG or WebP of at most 10 MiB; kept unchanged',
        consumes: pictures,
        params: UuidParams,
        querystring: PhotoQuery,
        response: { 200: EvidenceItem, ...problems(404, 413) },
      },
    },
    async ({ params: { id }, query: { name }, body, actor }) => photos.add(id, pictureIn(body), name, actor),
  )

  app.get(
    '/evidence/:sha256',
    {
      config: forRoles('evidence', watchers),
      schema: {
        tags,
        summary: 'One evidence file, as it was frozen',
        params: EvidenceParams,
        response: {
          200: { description: 'The bytes', content: { 'application/octet-stream': { schema: z.any() } } },
          ...problems(404, 500),
        },
      },
    },
    async ({ params: { sha256 } }, reply) => {
      const left = leftOfFile(sha256, await operations.redactedFiles())
      return sendEvidence(reply, await operations.evidenceFile(left), { operations, evidence, clock, log })
    },
  )

  app.get(
    '/verify',
    {
      schema: {
        tags,
        summary: 'Checks every chain of events, every seal and every evidence file, and names what was changed',
        querystring: VerifyQuery,
        response: { 200: Verification, ...problems() },
      },
    },
    async ({ query: { head = [] } }) => {
      const all = { ...checks, contract: contractCheck(clock) }
      return verifyAll(operations, evidence, [head].flat().map(writtenSeal), all, screens)
    },
  )

  app.get(
    '/verify/head',
    {
      schema: {
        tags,
        summary: 'The newest seal: written down elsewhere, it vouches for everything up to it',
        response: { 200: SealHead, ...problems(404) },
      },
    },
    async () => {
      const seal = await operations.lastSeal()
      if (seal === undefined) throw new ExpectedError('not-found', 'Nothing has been sealed yet')
      return seal
    },
  )
}

/** What named people who were forgotten, one after the other, is there without their names. */
function leftOfFile(sha256: string, redacted: ReadonlyMap<string, string>): string {
  const without = redacted.get(sha256)
  return without === undefined || without === sha256 ? sha256 : leftOfFile(without, redacted)
}

/** Of `number:hash`. */
function writtenSeal(text: string): WrittenSeal {
  const [number = '', hash = ''] = text.split(':')
  return { number: Number(number), hash }
}
