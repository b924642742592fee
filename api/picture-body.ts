import type { FastifyInstance } from 'fastify'
import { ExpectedError } from '../core/errors.ts'
import { maxPhotoBytes } from '../workorders/photos.ts'

export const pictures = ['image/jpeg', 'image/png', 'image/webp']

/** Routes of this scope take the bytes of a picture, beside JSON; each says with `bodyLimit: maxPhotoBytes` that it does. */
export function acceptPictures(app: FastifyInstance): void {
  app.addContentTypeParser(pictures, { parseAs: 'buffer', bodyLimit: maxPhotoBytes }, (_request, body, done) => {
    done(null, body)
  })
}

/** @throws {ExpectedError} `invalid` */
export function pictureIn(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  throw new ExpectedError('invalid', `The body must be the bytes of a picture, sent as ${pictures.join(', ')}`)
}
