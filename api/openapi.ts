import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'

const description = `Gateways, devices, readings, incidents and work orders.

Times are ISO 8601 in UTC with milliseconds; those not yet reached are null. Lists answer \`{items, nextCursor}\`: call again
with \`?cursor=\` until it is null. Errors are problem+json (RFC 9457); decide by \`code\`. A repeated action is 409, unless it
carries the \`Idempotency-Key\` of the first: then nothing is done, and the answer is the order as it is now.`

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
        'channels',
        'quarantine',
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

interface Operation {
  requestBody?: { required?: boolean; content: Record<string, { schema: { anyOf?: unknown[] } }> }
}

/** A body that may be null may be left out; each schema stands there twice, for both directions, and one is not used. */
function tidied(document: Document): Document {
  const { paths = {}, components = {} } = document as { paths?: object; components?: { schemas?: object } }
  for (const path of Object.values(paths)) {
    for (const { requestBody } of Object.values(path as Record<string, Operation>)) {
      const schema = requestBody?.content['application/json']?.schema
      if (requestBody && JSON.stringify(schema?.anyOf?.at(-1)) === '{"type":"null"}') requestBody.required = false
    }
  }
  return {
    ...document,
    components: { ...components, schemas: usedSchemas(paths, components.schemas ?? {}) },
  } as Document
}

function usedSchemas(paths: object, schemas: object): object {
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
