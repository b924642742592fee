import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { createBacktests } from '../analytics/backtests.ts'
import { createHealthWatch } from '../analytics/health.ts'
import { createRules } from '../analytics/rules.ts'
import { type ApiOptions, createApi } from '../api/api.ts'
import { silentLog } from '../core/log.ts'
import { readSettings } from '../core/settings.ts'
import { kinds, metricCatalogue } from '../devices/index.ts'
import { createMappingTrial } from '../ingest/mapping-trial.ts'
import { renderReport } from '../quality/reports/render.ts'
import { createLiveness } from '../registry/liveness.ts'
import { createRegistry } from '../registry/registry.ts'
import { createResponse } from '../response.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import type { Connection } from '../stores/operations/postgres-cluster.ts'
import { memoryReadings } from '../stores/readings/memory.ts'
import { startTestDatabase } from './operations-database.ts'

export const operatorToken = 'an-operator-token-of-more-than-32-characters'
/** What a browser says of a request that one of our own pages makes. */
export const ofOurPages = { 'sec-fetch-site': 'same-origin' }
export const goodPassword = 'three trees and a river'

/** The whole API on a real database, with a clock that a test sets. */
export interface TestApi {
  readonly app: FastifyInstance
  readonly operations: OperationsStore
  readonly connection: Connection
  readonly time: { now: number }
  /** As the operator's token, unless headers say otherwise. */
  send(
    method: NonNullable<InjectOptions['method']>,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>
  /** Adds an account and sets its password by its link. */
  addAccount(id: string, memberships: readonly object[]): Promise<void>
  /** The cookie of a new session. */
  signIn(id: string, password?: string): Promise<string>
  stop(): Promise<void>
}

export async function startTestApi(
  more: Pick<ApiOptions, 'provider' | 'publicUrl' | 'sessionLimits' | 'trustedProxies'> = {},
): Promise<TestApi> {
  const database = await startTestDatabase()
  const { operations } = database
  const directory = await mkdtemp(join(tmpdir(), 'liftwatt-test-api-'))
  const readings = memoryReadings({ catalogue: metricCatalogue })
  const noneHeard = async () => new Map()
  const time = { now: Date.UTC(2026, 10, 24, 8) }
  const clock = () => time.now
  const response = await createResponse({
    ...{ operations, readings, directory, clock, log: silentLog },
    settings: readSettings({}),
    publish: async () => {},
    lastHeard: async () => undefined,
    renderReport: (report) => renderReport(report),
    metrics: { onSent: () => {}, onFired: () => {} },
  })
  const app = await createApi({
    ...{ operations, readings, kinds, clock, operatorToken, version: '1.2.3', response, log: silentLog },
    registry: createRegistry({ operations, kinds, clock, onChange: () => {} }),
    rules: createRules({ operations, kinds, clock }),
    healthWatch: createHealthWatch({ operations, statusOf: noneHeard, heardAtOf: noneHeard, clock }),
    liveness: createLiveness({ operations, clock, isConnected: () => false, heard: async () => new Map() }),
    tryMapping: createMappingTrial({ operations, kinds, maxAgeDays: 400 }),
    refusedMessages: () => [],
    door: { port: 1883, tlsPort: null },
    backtests: createBacktests({ operations, kinds, run: () => Promise.reject(new Error('not here')), clock }),
    rulesOff: () => [],
    health: () => ({ checks: [] }),
    metrics: async () => '',
    ...more,
  })
  const api: TestApi = {
    ...{ app, operations, connection: database.connection, time },
    send(method, path, payload, headers = { authorization: `Bearer ${operatorToken}` }) {
      return app.inject({ method, url: `/api/v1${path}`, headers, ...(payload && { payload }) })
    },
    async addAccount(id, memberships) {
      const added = await api.send('POST', '/accounts', { id, name: `Name of ${id}`, memberships })
      if (added.statusCode !== 201) throw new Error(added.body)
      const { url } = (await api.send('POST', `/accounts/${id}/invitation`)).json()
      const joined = await app.inject({
        ...{ method: 'POST', url: new URL(url).pathname, payload: `password=${goodPassword}&again=${goodPassword}` },
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
      if (joined.statusCode !== 200) throw new Error(joined.body)
    },
    async signIn(id, password = goodPassword) {
      const answer = await api.send('POST', '/sign-in', { id, password }, {})
      if (answer.statusCode !== 200) throw new Error(answer.body)
      return String(answer.headers['set-cookie']).split(';')[0] ?? ''
    },
    async stop() {
      await app.close()
      await response.stop()
      await database.remove()
      await rm(directory, { recursive: true, force: true })
    },
  }
  return api
}

/** Method and path of every route that the router knows. */
export function allRoutes(of: FastifyInstance): { method: string; path: string }[] {
  const parents: string[] = []
  return of
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods = ''] = /^([│ ]*[├└]── )(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
      if (indent === '') return []
      const depth = indent.length / 4 - 1
      parents.length = depth
      parents[depth] = part
      const path = parents.join('')
      return methods === '' ? [] : methods.split(', ').map((method) => ({ method, path }))
    })
}
