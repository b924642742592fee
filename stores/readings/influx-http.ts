import { HttpError, InfluxDB } from '@influxdata/influxdb-client'
import type { MetricValue } from '../../core/reading.ts'

export interface InfluxConnection {
  readonly url: string
  /** InfluxDB 2 and 3, and 1.8 with `user:password`. */
  readonly token?: string
  readonly username?: string
  readonly password?: string
  readonly database: string
}

/** One table of an answer: a measurement, or with GROUP BY a part of it by its tags. Times are ms since 1970. */
export interface InfluxSeries {
  readonly name: string
  readonly tags?: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly values: readonly (readonly (MetricValue | null)[])[]
}

export interface InfluxHttp {
  /** Lines of line protocol with times in ms, one request. @throws {HttpError} the server's answer, or a network error */
  write(lines: readonly string[]): Promise<void>
  /** InfluxQL statements, one request; the tables of each in turn. @throws {HttpError} likewise */
  query(statements: readonly string[]): Promise<InfluxSeries[][]>
}

const patienceMs = 30_000

/** `/write` and `/query` with InfluxQL: what 1.x has and 2.x and 3.x still understand. */
export function influxHttp(connection: InfluxConnection): InfluxHttp {
  const { database, token } = connection
  const url = connection.url.replace(/\/+$/, '')
  const headers = authorization(connection)
  const client = new InfluxDB({
    url,
    timeout: patienceMs,
    headers: token === undefined ? headers : {},
    ...(token && { token }),
  })

  return {
    async write(lines) {
      // A writer of its own per batch: on a shared one, `flush` can resolve while another caller's lines are still in flight.
      // One record below batchSize: a batch that the client sends by itself fails silently for `close`.
      const writer = client.getWriteApi('', '', 'ms', {
        batchSize: 2,
        maxBatchBytes: Number.MAX_SAFE_INTEGER,
        flushInterval: 0,
        gzipThreshold: Number.MAX_SAFE_INTEGER,
        maxRetries: 0,
        // Else the client logs to the console.
        writeFailed: (error) => Promise.reject(error),
      })
      writer.path = `/write?db=${encodeURIComponent(database)}&precision=ms`
      writer.writeRecord(lines.join('\n'))
      await writer.close()
    },

    async query(statements) {
      const response = await fetch(`${url}/query`, {
        method: 'POST',
        headers,
        body: new URLSearchParams({ db: database, epoch: 'ms', q: statements.join(';') }),
        signal: AbortSignal.timeout(patienceMs),
      })
      const text = await response.text()
      if (!response.ok) throw httpError(response, text)
      const { results } = JSON.parse(text) as { results: { series?: InfluxSeries[]; error?: string }[] }
      const failed = results.find(({ error }) => error !== undefined)
      if (failed) throw httpError(response, JSON.stringify(failed))
      return results.map(({ series }) => series ?? [])
    },
  }
}

function authorization({ token, username, password }: InfluxConnection): Record<string, string> {
  if (token !== undefined) return { authorization: `Token ${token}` }
  if (username === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
}

function httpError(response: Response, text: string): HttpError {
  const { status, statusText, headers } = response
  return new HttpError(status, statusText, text, headers.get('retry-after'), headers.get('content-type'))
}
