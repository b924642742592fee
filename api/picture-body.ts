import type { FastifyError, FastifyInstance } from 'fastify'
import { ExpectedError } from '../core/errors.ts'
import { maxPhotoBytes } from '../workorders/photos.ts'
import { sendProblem } from './problem.ts'

export const pictures = ['image/jpeg', 'image/png', 'image/webp']
const mustBePicture = `The body must be the bytes of a picture, sent as ${pictures.join(', ')}`

/** Routes of this scope take the bytes of a picture, beside JSON; each says with `bodyLimit: maxPhotoBytes` that it does. */
export function acceptPictures(app: FastifyInstance): void {
  app.addContentTypeParser(pictures, { parseAs: 'buffer', bodyLimit: maxPhotoBytes }, (_request, body, done) => {
    done(null, body)
  })
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error.statusCode === 415 && request.routeOptions.bodyLimit === maxPhotoBytes) {
      return sendProblem(reply, 'unsupported-media-type', mustBePicture)
    }
    throw error // to the handler of all routes
  })
}

/** @throws {ExpectedError} `invalid` */
export function pictureIn(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  throw new ExpectedError('invalid', mustBePicture)
}
