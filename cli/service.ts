import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from '../core/errors.ts'
import { readSettings, type Settings } from '../core/settings.ts'
import { UsageError } from './output.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The running service, asked over HTTP: same environment, same rules, same audit as anyone else. */
export interface ServiceClient {
  readonly url: string
  readonly settings: Settings
  /**
   * @param key with the same Idempotency-Key the service does it once, however often it is asked
   * @throws {UsageError} what the service says is wrong with what was asked
   * @throws {Error} one sentence: what else the service answered, or that there is none
   */
  request<T>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object, key?: string): Promise<T>
  /** The same with a body that is not JSON. @throws as `request` */
  send<T>(method: 'POST', path: string, content: Content): Promise<T>
  /** The bytes of a file. @throws as `request` */
  download(path: string): Promise<Uint8Array>
  /** Every item of a list, page by page. */
  list<T>(path: string): Promise<T[]>
}

interface Content {
  readonly type: string
  readonly body: string
}

/** @param url where the service listens, when the environment does not say it */
export function connectService(environment: Environment, url?: string): ServiceClient {
  const settings = readSettings(environment)
  const host = settings.HTTP_HOST === '0.0.0.0' ? '127.0.0.1' : settings.HTTP_HOST
  const base = url ?? `http://${host.includes(':') ? `[${host}]` : host}:${settings.HTTP_PORT}`

  async function answered(method: string, path: string, content?: Content, key?: string): Promise<Response> {
    const headers = {
      authorization: `Bearer ${tokenOf(settings)}`,
      ...(content && { 'content-type': content.type }),
      ...(key !== undefined && { 'idempotency-key': key }),
    }
    const response = await answerOf(`${base}/api/v1${path}`, {
      method,
      headers,
      ...(content && { body: content.body }),
    })
    if (!response.ok) throw problemOf(response.status, await response.text())
    return response
  }

  async function send<T>(method: string, path: string, content?: Content, key?: string): Promise<T> {
    const text = await (await answered(method, path, content, key)).text()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  async function answerOf(address: string, request: RequestInit): Promise<Response> {
    try {
      return await fetch(address, request)
    } catch (cause) {
      const reason = cause instanceof Error && cause.cause ? reasonOf(cause.cause) : reasonOf(cause)
      throw new Error(
        `No Liftwatt answers at ${base} (${reason}); start it with "npm start", or set HTTP_PORT to its port`,
      )
    }
  }

  function request<T>(method: string, path: string, body?: object, key?: string): Promise<T> {
    return send<T>(method, path, body && { type: 'application/json', body: JSON.stringify(body) }, key)
  }

  return {
    url: base,
    settings,
    request,
    send,
    download: async (path) => new Uint8Array(await (await answered('GET', path)).arrayBuffer()),
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

/** What a person reads; a request that is wrong in itself was wrong usage, whoever found it. */
function problemOf(status: number, text: string): Error {
  const said = problemText(status, text)
  return status === 400 ? new UsageError(said) : new Error(said)
}

function problemText(status: number, text: string): string {
  try {
    const problem = JSON.parse(text) as {
      title?: string
      detail?: string
      errors?: { path: string; message: string }[]
    }
    const errors = (problem.errors ?? []).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    const { detail } = problem
    const isTold = detail !== undefined && errors.every((error) => detail.includes(error))
    const lines = isTold && errors.length < 2 ? [detail] : [...(isTold ? [] : [detail ?? '']), ...errors]
    return lines.filter((line) => line !== '').join('\n') || (problem.title ?? `status ${status}`)
  } catch {
    return `The service answered with status ${status}`
  }
}
