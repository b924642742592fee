import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import type { Backtests } from '../analytics/backtests.ts'
import type { HealthWatch } from '../analytics/health.ts'
import type { Rules } from '../analytics/rules.ts'
import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { MappingSample, TryMapping } from '../core/mapping.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { Inspections } from '../quality/inspections/inspections.ts'
import type { InspectionPlans } from '../quality/inspections/plans.ts'
import type { Sheets } from '../quality/inspections/sheets.ts'
import type { Overhauls } from '../quality/overhauls/overhauls.ts'
import type { Reports } from '../quality/reports/reports.ts'
import type { ReportSchedules } from '../quality/reports/schedules.ts'
import type { ReportShares } from '../quality/reports/shares.ts'
import { createAccounts } from '../registry/accounts.ts'
import { createApiTokens } from '../registry/api-tokens.ts'
import type { Contracts } from '../registry/contracts.ts'
import { createDenialAudit } from '../registry/denials.ts'
import type { Erasures } from '../registry/erase.ts'
import type { Liveness } from '../registry/liveness.ts'
import { createPasswords } from '../registry/passwords.ts'
import type { People } from '../registry/people.ts'
import type { Registry } from '../registry/registry.ts'
import { createSignIn, type SessionLimits } from '../registry/sign-in.ts'
import type { EvidenceStore } from '../stores/evidence/port.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import type { ReadingStore } from '../stores/readings/port.ts'
import type { Photos } from '../workorders/evidence/photos.ts'
import type { WorkOrders } from '../workorders/life/act.ts'
import type { Maintenance } from '../workorders/maintenance/maintenance.ts'
import type { Objections } from '../workorders/maintenance/objections.ts'
import type { Channels } from '../workorders/notices/channels.ts'
import type { OrderLinks } from '../workorders/notices/order-link.ts'
import type { Plans } from '../workorders/plans/plans.ts'
import { requireToken } from './auth.ts'
import { createPhoneRecord } from './by-phone.ts'
import { compressLarge } from './compress.ts'
import { builtConsole, serveConsole } from './console.ts'
import { revalidate } from './etag.ts'
import type { HealthReport } from './health.ts'
import { serveHome } from './home.ts'
import { keepFirstAnswers } from './idempotency.ts'
import { acceptJsonOnly } from './json-body.ts'
import { createLiftCodes, liftKeyOf } from './lift-codes.ts'
import type { LiveStream } from './live-stream.ts'
import { describeApi, serveDocs } from './openapi.ts'
import { answerClientError, createErrorHandler, notFound } from './problem.ts'
import { limitRates, ratesFor } from './rate-limits.ts'
import { accountRoutes } from './routes/accounts.ts'
import { auditRoutes } from './routes/audit.ts'
import { backtestRoutes } from './routes/backtests.ts'
import { channelRoutes } from './routes/channels.ts'
import { contractRoutes } from './routes/contracts.ts'
import { deviceRoutes, type RulesOff } from './routes/devices.ts'
import { dutyLogRoutes } from './routes/duty-log.ts'
import { erasureRoutes } from './routes/erasures.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { gatewayRoutes } from './routes/gateways.ts'
import { handoverRoutes } from './routes/handover.ts'
import { healthRoutes } from './routes/health.ts'
import { importRoutes } from './routes/import.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { inspectionRoutes } from './routes/inspections.ts'
import { joinRoutes } from './routes/join.ts'
import { loadRoutes } from './routes/loads.ts'
import { maintenanceRoutes } from './routes/maintenance.ts'
import { mappingRoutes } from './routes/mappings.ts'
import { meRoutes } from './routes/me.ts'
import { memberRoutes } from './routes/members.ts'
import { noticeRoutes } from './routes/notices.ts'
import { objectionRoutes } from './routes/objections.ts'
import { beginUrl, oidcRoutes, type ProviderOptions } from './routes/oidc.ts'
import { orderLinkRoutes } from './routes/order-link.ts'
import { overhaulRoutes } from './routes/overhauls.ts'
import { planRoutes } from './routes/plans.ts'
import { labelRoutes, publicLiftRoutes } from './routes/public-lift.ts'
import { qualityRoutes } from './routes/quality.ts'
import { quarantineRoutes } from './routes/quarantine.ts'
import { readingRoutes } from './routes/readings.ts'
import { reportLinkRoutes } from './routes/report-links.ts'
import { reportRoutes } from './routes/reports.ts'
import { rosterRoutes } from './routes/rosters.ts'
import { ruleRoutes } from './routes/rules.ts'
import { runbookRoutes } from './routes/runbooks.ts'
import { aboutRoutes, serviceRoutes } from './routes/service.ts'
import { siteRoutes } from './routes/sites.ts'
import { streamRoutes } from './routes/stream.ts'
import { suppressionRoutes } from './routes/suppressions.ts'
import { teamRoutes } from './routes/teams.ts'
import { workOrderRoutes } from './routes/work-orders.ts'
import { limitSight } from './scope.ts'
import { validatorCompiler } from './validate.ts'
import { createWrongTries } from './wrong-tries.ts'

export interface ApiOptions {
  readonly operations: Omit<OperationsStore, 'close'>
  readonly readings: Pick<ReadingStore, 'between' | 'last' | 'downsampled'>
  /** What people do about incidents and orders. */
  readonly response: {
    readonly workOrders: WorkOrders
    readonly people: People
    readonly plans: Plans
    readonly channels: Channels
    readonly maintenance: Maintenance
    readonly objections: Objections
    readonly contracts: Contracts
    readonly overhauls: Overhauls
    readonly erasures: Erasures
    readonly photos: Photos
    readonly inspections: Inspections
    readonly reports: Reports
    readonly reportShares: ReportShares
    readonly reportSchedules: ReportSchedules
    readonly sheets: Sheets
    readonly inspectionPlans: InspectionPlans
    readonly files: EvidenceStore
    readonly links: OrderLinks
    readonly stream: LiveStream
  }
  readonly registry: Registry
  readonly rules: Rules
  readonly backtests: Backtests
  readonly healthWatch: HealthWatch
  readonly liveness: Pick<Liveness, 'of' | 'each'>
  readonly tryMapping: TryMapping
  /** What a gateway published last where it may not, newest first. */
  readonly refusedMessages: (gatewayId: string) => readonly MappingSample[]
  /** Where gateways connect: the ports that this process listens at. */
  readonly door: { readonly port: number; readonly tlsPort: number | null }
  readonly kinds: readonly DeviceKind[]
  readonly rulesOff: RulesOff
  /** What the process says of its own parts; whether the database answers is asked here. */
  readonly health: () => HealthReport
  /** Prometheus text. */
  readonly metrics: () => Promise<string>
  /** At least 32 characters. */
  readonly operatorToken: string
  /** Address at which people reach this service, when it is another than the one that is asked for. */
  readonly publicUrl?: string | undefined
  /** Addresses and networks of reverse proxies whose `X-Forwarded-…` headers are believed; of nobody else's. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Of one account in the long run; the other limits follow it. */
  readonly requestsPerSecond?: number | undefined
  /** Where people may sign in too. */
  readonly provider?: ProviderOptions | undefined
  readonly sessionLimits?: SessionLimits | undefined
  readonly clock: Clock
  readonly log: Log
  readonly version: string
}

const bodyLimitBytes = 1024 * 1024
const headerLimitBytes = 16 * 1024
const headersWithinMs = 10_000
const requestWithinMs = 30_000

/** Signed links carry a name and a team's id: Fastify's own limit of 100 would break those of long ones. */
export const routerOptions = { querystringParser: withoutEmptyValues, maxParamLength: 400 }

/** The API, ready and not yet listening: `listen` it, or `inject` requests. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { operations, clock, log, version, trustedProxies = [], requestsPerSecond } = options
  const passwords = createPasswords()
  const identity = {
    accounts: createAccounts({ operations, passwords, clock }),
    signIn: createSignIn({ operations, passwords, clock, log, limits: options.sessionLimits }),
    apiTokens: createApiTokens({ operations, clock }),
    wrongTries: createWrongTries(clock),
  }
  const onError = createErrorHandler(log)
  const app = Fastify({
    logger: false,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestWithinMs,
    http: { headersTimeout: headersWithinMs, maxHeaderSize: headerLimitBytes },
    forceCloseConnections: true,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    routerOptions,
    frameworkErrors: onError,
    clientErrorHandler: answerClientError,
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  acceptJsonOnly(app)
  revalidate(app)
  addHeaders(app)
  const denials = createDenialAudit({ operations, clock, log })
  app.addHook('onClose', () => denials.stop())
  limitRates(app, clock, ratesFor(requestsPerSecond))
  requireToken(app, { ...options, ...identity, denials })
  limitSight(app, { operations, denials })
  keepFirstAnswers(app, { operations, clock, log, secret: options.operatorToken })
  compressLarge(app)
  app.setErrorHandler(onError)
  app.setNotFoundHandler(notFound)
  app.addHook('onResponse', async (request, reply) => {
    const { id: requestId, method } = request
    const { statusCode: status, elapsedTime: ms } = reply
    log.debug({ requestId, method, route: request.routeOptions.url, status, ms: Math.round(ms) }, 'answered')
  })

  await describeApi(app, version)
  const prefix = '/api/v1'
  const codes = createLiftCodes(liftKeyOf(options.response.links))
  const recordPhone = createPhoneRecord({ operations, codes, clock })
  const given = { ...options, ...identity, ...options.response, evidence: options.response.files, recordPhone, prefix }
  await app.register(gatewayRoutes, given)
  await app.register(mappingRoutes, given)
  await app.register(deviceRoutes, given)
  await app.register(siteRoutes, given)
  await app.register(healthRoutes, given)
  await app.register(importRoutes, given)
  await app.register(readingRoutes, given)
  await app.register(loadRoutes, given)
  await app.register(incidentRoutes, given)
  await app.register(suppressionRoutes, given)
  await app.register(workOrderRoutes, given)
  await app.register(handoverRoutes, given)
  await app.register(dutyLogRoutes, given)
  await app.register(evidenceRoutes, given)
  await app.register(teamRoutes, given)
  await app.register(memberRoutes, given)
  await app.register(rosterRoutes, given)
  await app.register(accountRoutes, given)
  const { provider } = options
  await app.register(meRoutes, { ...given, providerUrl: provider && beginUrl(provider.publicUrl) })
  await app.register(planRoutes, given)
  await app.register(ruleRoutes, given)
  await app.register(backtestRoutes, given)
  await app.register(maintenanceRoutes, given)
  await app.register(objectionRoutes, given)
  await app.register(contractRoutes, given)
  await app.register(overhaulRoutes, given)
  await app.register(erasureRoutes, given)
  await app.register(inspectionRoutes, given)
  await app.register(reportRoutes, given)
  await app.register(qualityRoutes, given)
  await app.register(channelRoutes, given)
  await app.register(noticeRoutes, given)
  await app.register(streamRoutes, given)
  await app.register(quarantineRoutes, given)
  await app.register(auditRoutes, given)
  await app.register(runbookRoutes, given)
  await app.register(aboutRoutes, given)
  await app.register(labelRoutes, given)
  const consoleDirectory = builtConsole()
  await app.register(orderLinkRoutes, { ...given, hasConsole: consoleDirectory !== undefined, prefix: '' })
  await app.register(publicLiftRoutes, { ...given, prefix: '' })
  await app.register(joinRoutes, { ...given, prefix: '' })
  await app.register(reportLinkRoutes, { ...given, prefix: '' })
  if (provider !== undefined) await app.register(oidcRoutes, { ...identity, provider, clock, log })
  await app.register(serviceRoutes, options)
  await serveHome(app, options)
  await serveConsole(app, consoleDirectory)
  await serveDocs(app)
  await app.ready()
  return app
}

/** Headers of every answer, whichever way it comes about; pages for people have a policy of their own. */
function addHeaders(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-request-id': request.id })
    if (!reply.hasHeader('content-security-policy')) {
      reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
    }
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}

/** `?cursor=` says as little as no cursor. What stands twice becomes a list, which no schema takes. */
function withoutEmptyValues(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  for (const [name, value] of new URLSearchParams(text)) {
    if (value === '') continue
    const before = query[name]
    query[name] = before === undefined ? value : [before, value].flat()
  }
  return query
}
