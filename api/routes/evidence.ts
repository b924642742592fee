import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import type { EvidenceStore } from '../../stores/evidence/port.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { sha256 } from '../../workorders/chain.ts'
import { maxPhotoBytes, type Photos } from '../../workorders/photos.ts'
import { verifyAll, type WrittenSeal } from '../../workorders/verify.ts'
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
const pictures = ['image/jpeg', 'image/png', 'image/webp']

export const evidenceRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  evidence: EvidenceStore
  photos: Photos
}> = async (app, { operations, evidence, photos }) => {
  app.addContentTypeParser(pictures, { parseAs: 'buffer', bodyLimit: maxPhotoBytes }, (_request, body, done) => {
    done(null, body)
  })

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
    async ({ params: { id }, query: { name }, body, actor }) => {
      if (!(body instanceof Uint8Array)) {
        throw new ExpectedError('invalid', `The body must be the bytes of a picture, sent as ${pictures.join(', ')}`)
      }
      return photos.add(id, body, name, actor)
    },
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
          ...problems(404),
        },
      },
    },
    async ({ params }, reply) => {
      const file = await operations.evidenceFile(params.sha256)
      const content = file && (await evidence.get(params.sha256))
      if (file === undefined || content === undefined) throw new ExpectedError('not-found', 'There is no such evidence')
      if (sha256(content) !== file.sha256) {
        throw new ExpectedError('unavailable', 'The file is no longer what was frozen; "liftwatt verify" says more')
      }
      const extension = file.mediaType.split('/')[1] ?? 'bin'
      return reply
        .type(file.mediaType)
        .header('content-disposition', `attachment; filename="${file.sha256.slice(0, 16)}.${extension}"`)
        .serializer((bytes: unknown) => bytes as string)
        .send(Buffer.from(content))
    },
  )

  app.get(
    '/verify',
    {
      schema: {
        tags,
        summary: 'Checks every chain of order events, every seal and every evidence file, and names what was changed',
        querystring: VerifyQuery,
        response: { 200: Verification, ...problems() },
      },
    },
    async ({ query: { head = [] } }) => verifyAll(operations, evidence, [head].flat().map(writtenSeal)),
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

/** Of `number:hash`. */
function writtenSeal(text: string): WrittenSeal {
  const [number = '', hash = ''] = text.split(':')
  return { number: Number(number), hash }
}
