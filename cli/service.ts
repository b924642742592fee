import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from '../core/errors.ts'
import { readSettings, type Settings } from '../core/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The running service, asked over HTTP: same environment, same rules, same audit as anyone else. */
export interface ServiceClient {
  readonly url: string
  readonly settings: Settings
  /** @throws {Error} one sentence: what the service answered, or that there is none */
  request<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>
  /**
   * Whatever the service answers to something that is not JSON.
   * @throws {Error} one sentence, when there is none
   */
  send(method: 'POST', path: string, content: { type: string; body: string }): Promise<Response>
  /** Every item of a list, page by page. */
  list<T>(path: string): Promise<T[]>
}

/** @param url where the service listens, when the environment does not say it */
export function connectService(environment: Environment, url?: string): ServiceClient {
  const settings = readSettings(environment)
  const host = settings.HTTP_HOST === '0.0.0.0' ? '127.0.0.1' : settings.HTTP_HOST
  const base = url ?? `http://${host.includes(':') ? `[${host}]` : host}:${settings.HTTP_PORT}`

  async function send(method: string, path: string, content?: { type: string; body: string }): Promise<Response> {
    const headers = {
      authorization: `Bearer ${tokenOf(settings)}`,
      ...(content && { 'content-type': content.type }),
    }
    try {
      return await fetch(`${base}/api/v1${path}`, { method, headers, ...(content && { body: content.body }) })
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause ? reasonOf(cause.cause) : reasonOf(cause)
      throw new Error(
        `No Liftwatt answers at ${base} (${reason}); start it with "npm start", or set HTTP_PORT to its port`,
      )
    }
  }

  async function request<T>(method: string, path: string, body?: object): Promise<T> {
    const content = body && { type: 'application/json', body: JSON.stringify(body) }
    const response = await send(method, path, content)
    const text = await response.text()
    if (!response.ok) throw new Error(problemText(response.status, text))
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  return {
    url: base,
    settings,
    request,
    send,
    async list<T>(path: string) {
      const items: T[] = []
      let cursor: string | null = null
      do {
        const page: { items: T[]; nextCursor: string | null } = await request(
          'GET',
          `${path}${path.includes('?') ? '&' : '?'}limit=1000${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
        )
        items.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null)
      return items
    },
  }
}

function tokenOf(settings: Settings): string {
  if (settings.LIFTWATT_OPERATOR_TOKEN !== undefined) return settings.LIFTWATT_OPERATOR_TOKEN
  const file = join(settings.LIFTWATT_DATA, 'operator-token')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new Error(
      `The operator token cannot be read from ${file} (${reasonOf(cause)}); set LIFTWATT_OPERATOR_TOKEN or LIFTWATT_DATA`,
    )
  }
}

function problemText(status: number, text: string): string {
  try {
    const problem = JSON.parse(text) as {
      title?: string
      detail?: string
      errors?: { path: string; message: string }[]
    }
    const errors = (problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`)
    if (errors.length > 1) return errors.join('\n')
    return problem.detail ?? errors[0] ?? problem.title ?? `status ${status}`
  } catch {
    return `The service answered with status ${status}`
  }
}
