import { addClockSample, localNow } from './clock.ts'
import type { Page, Problem } from './wire.ts'

const answerWithinMs = 15_000

/** The API said no, in its own words. Decide by `code`; `detail` is English, for who looks into it. */
export class ApiProblem extends Error {
  readonly code: Problem['code']
  readonly status: number
  /** How long to wait before trying again, as the answer says it. */
  readonly retryAfterSeconds: number | null
  readonly fields: NonNullable<Problem['errors']>

  constructor(
    problem: Pick<Problem, 'code' | 'status' | 'detail' | 'errors'>,
    retryAfterSeconds: number | null = null,
  ) {
    super(problem.detail)
    this.code = problem.code
    this.status = problem.status
    this.retryAfterSeconds = retryAfterSeconds
    this.fields = problem.errors ?? []
  }
}

/** There was no answer: no link, or none in time. Whether the service did it is not known; ask again with the same key. */
export class NoAnswer extends Error {}

/** What is answered otherwise another time: the service was away or busy, or the link too slow. Sent again under its key, it is done once. */
export function isForLater({ code }: Pick<ApiProblem, 'code'>): boolean {
  return ['unavailable', 'internal', 'too-many-requests', 'request-timeout'].includes(code)
}

export interface Asked {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: object
  /** Sent as it is, with its own type, instead of a body. */
  readonly file?: Blob
  /** Names this action: sent twice, it is done once. */
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
  readonly withinMs?: number
}

/** Called when the session is over, whichever request learned it. */
let onSignedOut = () => {}
export function whenSignedOut(call: () => void): void {
  onSignedOut = call
}

/**
 * One request to `/api/v1` with the cookie of the session; the parsed body, undefined where there is none.
 * @throws {ApiProblem} it was answered, and refused
 * @throws {NoAnswer} it was not answered
 */
export async function request<Answer>(method: string, path: string, asked: Asked = {}): Promise<Answer> {
  const response = await send(method, `/api/v1${path}${queryText(asked.query)}`, asked)
  const text = await response.text().catch((cause: unknown) => {
    throw new NoAnswer('The answer broke off', { cause })
  })
  if (!response.ok) throw refusal(response, text, path)
  return (text === '' ? undefined : JSON.parse(text)) as Answer
}

export const get = <Answer>(path: string, query?: Asked['query'], signal?: AbortSignal) =>
  request<Answer>('GET', path, { ...(query && { query }), ...(signal && { signal }) })

export const post = <Answer>(path: string, body?: object, idempotencyKey?: string) =>
  request<Answer>('POST', path, { ...(body && { body }), ...(idempotencyKey && { idempotencyKey }) })

/** Every item of a list, page by page. */
export async function list<Item>(path: string, query: Asked['query'] = {}): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null | undefined
  do {
    const page: Page<Item> = await get(path, { limit: 1000, ...query, cursor: cursor ?? undefined })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}

/** A name for one action of one person, to be kept until it is answered. `randomUUID` is missing where there is no TLS. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Also for what is not under `/api/v1`. Each answer tells the server's time. */
export async function send(method: string, url: string, asked: Asked = {}): Promise<Response> {
  const { body, file, idempotencyKey, withinMs = answerWithinMs } = asked
  const { signal, release } = within(withinMs, asked.signal)
  const sentAt = localNow()
  try {
    const response = await fetch(url, {
      method,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(file && { 'content-type': file.type }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      ...(body && { body: JSON.stringify(body) }),
      ...(file && { body: file }),
      signal,
    })
    addClockSample({ sentAt, receivedAt: localNow(), date: response.headers.get('date') })
    return response
  } catch (cause) {
    throw new NoAnswer('No answer', { cause })
  } finally {
    release()
  }
}

/** Aborts after so long, or with the other one. `AbortSignal.any` is too new for the browsers in some phones' apps. */
export function within(ms: number, other?: AbortSignal): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, ms)
  if (other?.aborted) abort()
  other?.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      other?.removeEventListener('abort', abort)
    },
  }
}

function refusal(response: Response, text: string, path: string): ApiProblem {
  const problem = problemIn(text, response.status)
  if (problem.code === 'unauthenticated' && path !== '/sign-in') onSignedOut()
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiProblem(problem, Number.isFinite(retryAfter) ? retryAfter : null)
}

/** A proxy before the service may answer something else than a problem: then the service has refused nothing, whatever the status. */
function problemIn(text: string, status: number): Pick<Problem, 'code' | 'status' | 'detail' | 'errors'> {
  try {
    const said = JSON.parse(text) as Partial<Problem>
    if (typeof said.code === 'string' && typeof said.detail === 'string') {
      return { code: said.code, status, detail: said.detail, ...(said.errors && { errors: said.errors }) }
    }
  } catch {
    // not ours
  }
  return { code: 'unavailable', status, detail: `HTTP ${status}` }
}

function queryText(query: Asked['query'] = {}): string {
  const said = Object.entries(query).filter(([, value]) => value !== undefined)
  return said.length === 0 ? '' : `?${new URLSearchParams(said.map(([name, value]) => [name, String(value)]))}`
}
