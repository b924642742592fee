import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError, reasonOf, StoreUnavailable } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { Problem, problemCodes } from './schemas.ts'

export type ProblemCode = (typeof problemCodes)[number]

/** The only place that turns codes into statuses. */
const statusOf: Readonly<Record<ProblemCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'cross-site': 403,
  'not-found': 404,
  'request-timeout': 408,
  'already-exists': 409,
  'order-state': 409,
  'already-done': 409,
  'key-reused': 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  'too-many-requests': 429,
  'headers-too-large': 431,
  'evidence-damaged': 500,
  internal: 500,
  unavailable: 503,
}

const contentType = 'application/problem+json'
const retryAfterSeconds = 5

type Extra = Pick<z.output<typeof Problem>, 'errors' | 'checks'>

export function sendProblem(reply: FastifyReply, code: ProblemCode, detail: string, extra: Extra = {}): FastifyReply {
  const isForNow = code === 'unavailable' || code === 'too-many-requests'
  if (isForNow && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfterSeconds)
  if (code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  return reply
    .code(statusOf[code])
    .type(contentType)
    .serializer(JSON.stringify)
    .send({ ...problem(code, detail), requestId: reply.request.id, ...extra })
}

function problem(code: ProblemCode, detail: string) {
  const status = statusOf[code]
  return { type: 'about:blank' as const, title: STATUS_CODES[status] ?? 'Error', status, detail, code }
}

export const described: Readonly<Record<number, string>> = {
  400: 'What was sent is wrong; `errors` names each field',
  401: 'Nobody signed in, no token, or not a right one',
  403: 'It is not for them, or it comes from a page of somebody else',
  404: 'There is no such thing',
  409: 'It is not in the state for this, it was done already, or its Idempotency-Key stands for something else',
  413: 'The body is too large',
  415: 'The body is of a type that this does not take',
  429: 'Too often; `Retry-After` says when again',
  500: 'Something went wrong here; the log knows more under this request id',
  503: 'A store cannot be reached now; try again',
}

/** Whose they are: of what only reads, two cannot come. */
const ofChanges: readonly ProblemCode[] = ['cross-site', 'key-reused']

/** How the document shows what a route answers with this status: each code that it may have, and how it looks. */
export function describedProblem(status: number, { reads }: { readonly reads: boolean }) {
  const codes = problemCodes.filter((code) => statusOf[code] === status && !(reads && ofChanges.includes(code)))
  const description = described[status] ?? ''
  const examples = codes.map((code) => [code, { value: { ...problem(code, description), requestId: exampleId } }])
  const schema = { allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }] }
  return { description, content: { [contentType]: { schema, examples: Object.fromEntries(examples) } } }
}
const exampleId = 'd3b0f1b2-6d7f-4f0e-8a3c-1f2e3d4c5b6a'

/** The problems that a route may answer, for its `response`; those that any route may answer come by themselves. */
export function problems(...statuses: readonly (keyof typeof described)[]) {
  return Object.fromEntries(
    [400, 401, ...statuses, 429, 503].map((status) => [
      status,
      { description: described[status] ?? '', content: { [contentType]: { schema: Problem } } },
    ]),
  ) as unknown as Record<400 | 401 | 403 | 404 | 409 | 429 | 500 | 503, typeof Problem>
}

/** Whatever is thrown ends here; of what nobody expected, only the log learns more than that it happened. */
export function createErrorHandler(log: Log) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof ExpectedError) return expected(error, request, reply, log)
    if (hasZodFastifySchemaValidationErrors(error)) return invalid(error, request, reply)
    // longer than any id is
    if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') return notFound(request, reply)

    const status = error.statusCode ?? 500
    if (status === 413) return sendProblem(reply, 'too-large', 'The body is larger than this service takes')
    if (status === 415) return sendProblem(reply, 'unsupported-media-type', 'The body must be application/json')
    if (status >= 400 && status < 500) return sendProblem(reply, 'invalid', `The request is wrong: ${plain(error)}`)

    log.error({ err: error, requestId: request.id, method: request.method, route: request.routeOptions.url }, 'failed')
    return sendProblem(reply, 'internal', 'Something went wrong here; the log knows more under this request id')
  }
}

/** Fastify's own words, and ours for what it does not tell apart or would repeat. */
function plain(error: FastifyError): string {
  if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY') {
    return 'the body is not valid JSON, or has a key that reaches for a prototype (__proto__, constructor.prototype)'
  }
  if (error.code === 'FST_ERR_BAD_URL') return 'its address is not a valid URL'
  return error.code === undefined || error instanceof SyntaxError ? 'the body is not valid JSON' : error.message
}

function expected(error: ExpectedError, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  if (error.code === 'unavailable') {
    log.warn({ requestId: request.id, route: request.routeOptions.url, reason: reasonOf(error) }, 'a store is down')
    const away = 'A store that this needs cannot be reached at the moment; try again'
    return sendProblem(reply, 'unavailable', error instanceof StoreUnavailable ? away : error.message)
  }
  const faults =
    'faults' in error ? z.array(z.object({ path: z.string(), message: z.string() })).safeParse(error.faults) : undefined
  return sendProblem(reply, error.code, error.message, faults?.success ? { errors: faults.data } : {})
}

interface Issue {
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

function invalid(
  error: FastifyError & { validation: readonly Issue[] },
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  if (error.validationContext === 'params') return notFound(request, reply)
  const errors = error.validation.flatMap(({ instancePath, message = 'is wrong', params }) => {
    const path = instancePath.slice(1).replaceAll('/', '.')
    const unknown = Array.isArray(params.keys) ? params.keys.map(String) : []
    if (unknown.length === 0) return [{ path, message }]
    return unknown.map((key) => ({ path: path === '' ? key : `${path}.${key}`, message: 'is not known here' }))
  })
  return sendWrong(reply, error.validationContext ?? 'request', errors)
}

/** The same of a body that a route reads by itself. @param error told `inPlainWords` */
export function sendWrongBody(reply: FastifyReply, error: z.ZodError): FastifyReply {
  const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  return sendWrong(reply, 'body', errors)
}

function sendWrong(reply: FastifyReply, what: string, errors: { path: string; message: string }[]): FastifyReply {
  const shown = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
  return sendProblem(reply, 'invalid', `The ${what} is wrong: ${shown}`, { errors })
}

export function notFound(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 'not-found', 'There is nothing at this address')
}

/** What is not even HTTP, too slow or has too long headers: there is no request to answer, only a socket. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const code: ProblemCode =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers-too-large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request-timeout'
        : 'invalid'
  const { title, status, ...rest } = problem(code, 'The request could not be read')
  const body = JSON.stringify({ title, status, ...rest })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
