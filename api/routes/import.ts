import type { FastifyError } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Registry } from '../../registry/registry.ts'
import { problems, sendProblem } from '../problem.ts'
import { ImportQuery, ImportResult } from '../schemas.ts'

const mebibyte = 1024 * 1024

/** The one route that takes something else than JSON: a CSV file as it is. */
export const importRoutes: FastifyPluginAsyncZod<{ registry: Registry }> = async (app, { registry }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('text/csv', { parseAs: 'buffer', bodyLimit: mebibyte }, (_request, content, done) =>
    done(null, content),
  )
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    if (error.statusCode === 413) return sendProblem(reply, 'too-large', 'A file has 1 MiB at most: split it')
    if (error.statusCode === 415) {
      return sendProblem(reply, 'unsupported-media-type', 'The body must be a CSV file, Content-Type: text/csv')
    }
    throw error // to the handler of all routes
  })
  app.addHook('preParsing', async (request, reply) => {
    if (request.headers['content-encoding'] === undefined) return
    return sendProblem(reply, 'unsupported-media-type', 'Send the file as it is, without a Content-Encoding') as never
  })

  app.post(
    '/import',
    {
      schema: {
        tags: ['sites'],
        summary: 'Sites, devices, contacts or contracts from a CSV file of at most 1 MiB and 20,000 lines',
        description: `Without \`apply=true\` it only says what each line would do. With it, all lines are taken in one transaction, or
none: then \`errors\` names every fault by its line. Columns: docs/sites.md. A column that the file has not is not
touched; an empty cell takes the value away.`,
        consumes: ['text/csv'],
        querystring: ImportQuery,
        body: z
          .instanceof(Uint8Array, { error: 'must be a CSV file, Content-Type: text/csv' })
          .meta({ type: 'string', format: 'binary' }),
        response: { 200: ImportResult, ...problems() },
      },
    },
    async ({ body, query: { kind = null, apply }, actor }) =>
      apply === 'true' ? registry.applyImport(kind, body, actor) : registry.previewImport(kind, body),
  )
}
