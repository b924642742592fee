import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { answerExample, type JsonSchemas } from './answer-examples.ts'
import { bodyExamples } from './examples.ts'
import { describedProblem } from './problem.ts'
import { IdempotencyKey } from './schemas.ts'

const description = `Gateways, devices, readings, incidents and work orders.

Times are ISO 8601 in UTC with milliseconds; those not yet reached are null. Lists answer \`{items, nextCursor}\`: call again
with \`?cursor=\` until it is null. Errors are problem+json (RFC 9457); decide by \`code\`. Every POST takes an
\`Idempotency-Key\`: the same again with the same key, within a day, is not done again and is answered as it was.`

type Document = ReturnType<typeof jsonSchemaTransformObject>

/** Collects the schemas of every route that is registered after it. */
export async function describeApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Liftwatt', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      tags: [
        'gateways',
        'devices',
        'sites',
        'incidents',
        'suppressions',
        'work orders',
        'hand-over',
        'evidence',
        'people',
        'accounts',
        'response plans',
        'planned maintenance',
        'contracts',
        'overhauls',
        'inspections',
        'channels',
        'quarantine',
        'audit',
        'privacy',
        'service',
      ].map((name) => ({ name })),
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: "The operator's token, or an account's" },
          session: { type: 'apiKey', in: 'cookie', name: 'liftwatt', description: 'From our own pages' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: createJsonSchemaTransform({}),
    transformObject: (document) => tidied(jsonSchemaTransformObject(document)),
  })
}

/** The page for people: every byte of it comes from here, and nothing is asked of any other host. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true }
    })
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      uiConfig: { tryItOutEnabled: true, displayRequestDuration: true },
      staticCSP: {
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:'],
        'connect-src': "'self'",
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
      },
    })
  })
}

interface Answer {
  content?: Record<string, { schema: object; example?: unknown }>
}

interface Operation {
  security?: unknown[]
  parameters?: { in: string; name: string; schema: object; description?: string }[]
  responses: Record<string, Answer>
  requestBody?: { required?: boolean; content: Record<string, { schema: { anyOf?: unknown[] }; example?: object }> }
}

/** A body that may be null may be left out; each schema stands there twice, for both directions, and one is not used. */
function tidied(document: Document): Document {
  const { paths = {}, components = {} } = document as { paths?: object; components?: { schemas?: JsonSchemas } }
  const schemas = components.schemas ?? {}
  for (const [url, path] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(path as Record<string, Operation>)) {
      const route = `${method.toUpperCase()} ${url.replace('/api/v1', '')}`
      tidyBody(route, operation)
      if (method === 'post' && isForAccounts(operation)) addIdempotencyKey(operation)
      addAnswers(route, operation, schemas)
      addProblems(method, operation)
    }
  }
  return { ...document, components: { ...components, schemas: usedSchemas(paths, schemas) } } as Document
}

function tidyBody(route: string, { requestBody }: Operation): void {
  const body = requestBody?.content['application/json']
  if (requestBody === undefined || body === undefined) return
  if (JSON.stringify(body.schema.anyOf?.at(-1)) === '{"type":"null"}') requestBody.required = false
  const example = bodyExamples[route]
  if (example !== undefined) body.example = example
}

/** Whether it asks who it is that calls. */
const isForAccounts = ({ security }: Operation) => security?.length !== 0

/** What `idempotency.ts` takes and answers for every route that asks who it is. */
function addIdempotencyKey(post: Operation): void {
  const { description = '', $schema: _, ...schema } = z.toJSONSchema(IdempotencyKey)
  const others = post.parameters?.filter(({ name }) => name !== 'idempotency-key') ?? []
  post.parameters = [...others, { in: 'header', name: 'Idempotency-Key', description, schema }]
  post.responses['409'] ??= {}
}

function addAnswers(route: string, { responses }: Operation, schemas: JsonSchemas): void {
  for (const [status, answer] of Object.entries(responses)) {
    if (!status.startsWith('2')) continue
    if (status === '204') delete answer.content
    for (const [type, content] of Object.entries(answer.content ?? {})) {
      const example = answerExample(route, type, content.schema, schemas)
      if (example !== undefined) content.example = example
    }
  }
}

/** Those that the route names, and those that come before any route of its sort is asked. */
function addProblems(method: string, operation: Operation): void {
  const { responses, requestBody } = operation
  const named = Object.keys(responses).filter((status) => !status.startsWith('2'))
  const unnamed = [...(isForAccounts(operation) ? [403] : []), ...(requestBody === undefined ? [] : [413, 415]), 500]
  for (const status of new Set([...named.map(Number), ...unnamed])) {
    responses[status] = describedProblem(status, { reads: method === 'get' })
  }
}

function usedSchemas(paths: object, schemas: JsonSchemas): object {
  const all = new Map(Object.entries(schemas))
  const used = new Map<string, unknown>()
  const visit = (part: unknown) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue
      used.set(name, all.get(name))
      visit(all.get(name))
    }
  }
  visit(paths)
  return Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1)))
}
