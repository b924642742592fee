import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

/* What is read again and again and changes seldom. */

/** A browser may keep a copy of these, about which it asks each time. */
const catalogue = new Set([
  ...['/openapi.json', '/api/v1/rules', '/api/v1/rules/:kind/:name', '/api/v1/runbooks/:kind/:name'],
  ...['/api/v1/plans', '/api/v1/plans/:id'],
])
/** These name people and their numbers: nothing of them stays in a browser that somebody else uses next. */
const personal = new Set(['/api/v1/sites', '/api/v1/sites/:id', '/api/v1/teams'])

/**
 * An `ETag` of what such a route answers, and 304 without a body to whoever has it already (RFC 9110, 13.1.2). It is of the answer as
 * this caller sees it, and saves what goes over the wire, not the look-up.
 */
export function revalidate(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const url = request.routeOptions.url ?? ''
    const isCatalogue = catalogue.has(url)
    if (request.method !== 'GET' || (!isCatalogue && !personal.has(url))) return payload
    if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
    const tag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`
    reply.header('etag', tag)
    if (isCatalogue) reply.header('cache-control', 'private, no-cache')
    if (!isKnown(request.headers['if-none-match'], tag)) return payload
    reply.code(304).removeHeader('content-length').removeHeader('content-type')
    return ''
  })
}

/** Weak comparison, as `If-None-Match` wants it. */
function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((one) => one.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(tag)
}
