import type { FastifyInstance } from 'fastify'

/** Of a file of past records. */
export const mostCsvBytes = 8 * 1024 * 1024

/** Routes of this scope take a CSV file as it is, beside JSON; each says with `bodyLimit: mostCsvBytes` that it does. */
export function acceptCsv(app: FastifyInstance): void {
  app.addContentTypeParser('text/csv', { parseAs: 'string', bodyLimit: mostCsvBytes }, (_request, text, done) => {
    done(null, text)
  })
}
