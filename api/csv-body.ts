import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ExpectedError } from '../core/errors.ts'

/** Of a file of past records. */
export const mostCsvBytes = 8 * 1024 * 1024

/**
 * Routes of this scope take a CSV file as it is, beside JSON; each says with `bodyLimit: mostCsvBytes` that it does. What is no text in its
 * encoding (UTF-8, unless its `charset` says another) is refused: half of it would be kept as `�` for good.
 */
export function acceptCsv(app: FastifyInstance): void {
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer', bodyLimit: mostCsvBytes },
    async (request: FastifyRequest, bytes: Buffer) => {
      const [, charset = 'utf-8'] = /charset="?([\w-]+)/i.exec(request.headers['content-type'] ?? '') ?? []
      return textOf(bytes, charset)
    },
  )
}

/** @throws {ExpectedError} `invalid` */
function textOf(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    const isUsual = /^utf-?8$/i.test(charset)
    throw new ExpectedError(
      'invalid',
      isUsual ? 'The file is not UTF-8: save it as "CSV UTF-8"' : `The file is no text in ${charset}`,
    )
  }
}
