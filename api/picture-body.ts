import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ExpectedError } from '../core/errors.ts'
import { maxPhotoBytes } from '../workorders/evidence/photos.ts'
import { sendProblem } from './problem.ts'

export const pictures = ['image/jpeg', 'image/png', 'image/webp']
const mustBePicture = `The body must be the bytes of a picture, sent as ${pictures.join(', ')}`

/** Routes of this scope take the bytes of a picture, beside JSON; each says with `bodyLimit: maxPhotoBytes` that it does. */
export function acceptPictures(app: FastifyInstance): void {
  app.addContentTypeParser(pictures, { parseAs: 'buffer', bodyLimit: maxPhotoBytes }, (_request, body, done) => {
    done(null, body)
  })
  app.addHook('onRequest', async (request, reply) =>
    request.routeOptions.bodyLimit === maxPhotoBytes ? refuseTooLarge(request, reply, maxPhotoBytes) : undefined,
  )
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error.statusCode === 415 && request.routeOptions.bodyLimit === maxPhotoBytes) {
      return sendProblem(reply, 'unsupported-media-type', mustBePicture)
    }
    throw error // to the handler of all routes
  })
}

/** As much is still read of a picture that is refused, for a phone to be able to read why. */
const mostReadBytes = 64 * 1024 * 1024

/** Refused before it is read, by its length: the connection stays open, so that whoever goes on sending gets the answer. */
export function refuseTooLarge({ headers }: FastifyRequest, reply: FastifyReply, mostBytes: number) {
  const bytes = Number(headers['content-length'] ?? 0)
  if (bytes <= mostBytes || bytes > mostReadBytes) return undefined
  return sendProblem(reply, 'too-large', `A picture has ${mostBytes / 1024 / 1024} MiB at most, and this one has more`)
}

/** @throws {ExpectedError} `invalid` */
export function pictureIn(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  throw new ExpectedError('invalid', mustBePicture)
}
