import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { schedule } from 'node-cron'
import { type Logger, pino } from 'pino'
import { createAdmission } from './admission.ts'
import { createBacktests } from './analytics/backtests.ts'
import { rulesOff } from './analytics/facts.ts'
import { createHealthWatch } from './analytics/health.ts'
import { createRules, nameOutOfRange } from './analytics/rules.ts'
import { createApi } from './api/api.ts'
import { currentHealth, whatIsWrong } from './api/health.ts'
import { operatorToken } from './api/operator-token.ts'
import { backtestInThread } from './backtest-thread.ts'
import { createAuthenticator } from './broker/authenticate.ts'
import { type Broker, startBroker } from './broker/broker.ts'
import { guardLimits } from './broker/limits.ts'
import { createMappingsInForce } from './broker/mappings.ts'
import { tlsOf } from './broker/tls.ts'
import { dayMs, hourMs, minuteMs, secondMs } from './core/clock.ts'
import { isErrno, namingError, reasonOf } from './core/errors.ts'
import { loggerOptions } from './core/logging.ts'
import type { Settings } from './core/settings.ts'
import { behindRecords, startSteadyClock } from './core/steady-clock.ts'
import { kinds } from './devices/index.ts'
import { checkHealth } from './health.ts'
import { createMappingTrial } from './ingest/mapping-trial.ts'
import { createMetrics } from './metrics.ts'
import { createParts, type Parts } from './parts.ts'
import { createQualityJob } from './quality/job.ts'
import { firstOperatorLink } from './registry/accounts.ts'
import { createLiveness } from './registry/liveness.ts'
import { createRefusalLog } from './registry/refusals.ts'
import { createRefusedMessages } from './registry/refused-messages.ts'
import { createRegistry, type Registry } from './registry/registry.ts'
import { renderInThread } from './report-thread.ts'
import { createResponse } from './response.ts'
import { loadDataThread, startDataThread } from './run-data-thread.ts'
import { closeToOthers, takeDataDirectory } from './stores/data-directory.ts'
import { type LevelJournalWriter, openLevelJournal } from './stores/journal/leveldb.ts'
import { everythingRead, isSpaceScarce } from './stores/journal/space.ts'
import { startEmbeddedPostgres } from './stores/operations/embedded-postgres.ts'
import { openPostgresOperations, type PostgresOptions } from './stores/operations/postgres.ts'
import { createToJournal } from './to-journal.ts'
import { version } from './version.ts'
import { countsAsDone, dueItems } from './workorders/maintenance/due-dates.ts'
import { tellMoved } from './workorders/notices/tell-moved.ts'
import { nameRefusedPlans } from './workorders/plans/plans.ts'

const tickEveryMs = 5 * secondMs
const credentialsEveryMs = 10 * secondMs
const spaceEveryMs = minuteMs
const databaseConnections = 10
/** Entries, of which a start and every 5 s write one. */
const clockLooksBack = 200
/** Of the 10 s within which a stop ends: for the part that is just being started. Unverified default. */
const abortPatienceMs = 4 * secondMs
const quarantineKept = { days: 30, bytes: 1024 ** 3 }

export interface RunningService {
  readonly httpUrl: string
  readonly mqttPort: number
  readonly mqttsPort: number | null
  readonly operatorToken: string
  /** True when the token was made by this very start: it is shown once. */
  readonly operatorTokenIsNew: boolean
  /** Invites the first operator: where they set a password, once; null when there is somebody. */
  readonly firstOperatorLink: () => Promise<string | null>
  readonly registry: Registry
  /** Takes nothing new, finishes what was acknowledged, stops PostgreSQL last. */
  stop(): Promise<void>
  /** Resolves with a reason when a part of it has ended that cannot be restarted in place. */
  readonly failed: Promise<string>
}

/**
 * The whole service in one process: edge and API here, journal reader, history and detectors in `worker.ts`.
 * @param whileStarting its `abort` ends the start, wherever it is
 * @throws {Error} one sentence for a person, or why it was aborted; what was started by then is stopped again
 */
export async function startService(
  settings: Settings,
  whileStarting: AbortSignal = new AbortController().signal,
): Promise<RunningService> {
  const log = pino(loggerOptions(settings.LOG_LEVEL))
  const parts = createParts(log, whileStarting)
  const starting = startParts(settings, log, parts, whileStarting)
  const aborted = new Promise<void>((resolveAborted) => whileStarting.addEventListener('abort', () => resolveAborted()))
  try {
    // the part that is just being started is waited for, so that it can be stopped too; not for one that hangs
    await Promise.race([starting, aborted.then(() => delay(abortPatienceMs, undefined, { ref: false }))])
    whileStarting.throwIfAborted()
    return await starting
  } catch (cause) {
    await parts.stopAll()
    whileStarting.throwIfAborted()
    throw isDiskTrouble(cause) ? namingError('LIFTWATT_DATA', cause) : cause
  }
}

async function startParts(
  settings: Settings,
  log: Logger,
  undo: Parts,
  whileStarting: AbortSignal,
): Promise<RunningService> {
  const steady = startSteadyClock()
  const clock = steady.now
  const directory = resolve(settings.LIFTWATT_DATA)
  const tls = tlsOf(settings)
  undo.push(await naming('LIFTWATT_DATA', () => takeDataDirectory(directory)))
  const dataThread = loadDataThread()
  undo.push(() => dataThread.terminate())

  const database = await openDatabase(settings, directory, log, undo, whileStarting)
  closeToOthers(directory)
  const whereDatabase = settings.DATABASE_URL === undefined ? `LIFTWATT_DATA ${directory}` : 'DATABASE_URL'
  const operations = await naming(whereDatabase, () =>
    openPostgresOperations({ connection: database, connections: databaseConnections, log }),
  )
  undo.push(() => operations.close())

  const journal = await openLevelJournal({ directory: join(directory, 'journal'), role: 'writer', log })
  undo.push(() => journal.close())
  const wroteUntil = await wroteLastAt(journal)
  const clockProblem = () => steady.problem() ?? behindRecords(wroteUntil, clock())
  const behind = clockProblem()
  if (behind !== null) log.error({ reason: behind }, 'the clock is not right')
  await mark(journal, 'start', clock())

  // Gateways are let in while it still starts (it opens the history, which may have to recover): the journal keeps what they send
  const data = startDataThread(
    dataThread,
    { settings, directory, database, clockEpoch: steady.epoch },
    { head: () => journal.head, clock, log },
  )
  undo.push(() => data.stop())

  const authenticator = createAuthenticator(clock)
  const mappings = createMappingsInForce()
  let broker: Broker | undefined
  let loading = Promise.resolve()
  /** One load after the other: an older answer must not replace a newer one. */
  const loadCredentials = () => {
    const load = async () => {
      authenticator.replace(await operations.validCredentials(clock()))
      broker?.dropRevoked()
      mappings.replace(await operations.mappingsInForce())
    }
    const loaded = loading.then(load)
    loading = loaded.catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, 'credentials were not reloaded'))
    return loaded
  }
  await loadCredentials()

  const registry = createRegistry({
    operations,
    kinds,
    clock,
    onChange(changed) {
      data.say({ type: 'registry-changed' })
      if (changed === 'device') return
      return loadCredentials().catch(() => {}) // it is in the log, and comes again with the next load
    },
    onMoved: tellMoved,
  })
  const refusals = createRefusalLog({ operations, clock, log })
  const refusedMessages = createRefusedMessages()
  undo.push(() => refusals.stop())

  const liveness = createLiveness({
    operations,
    clock,
    isConnected: (gatewayId) => broker?.isConnected(gatewayId) === true,
    heard: data.gateways,
  })

  const metrics = createMetrics()
  broker = await naming(doorSetting('MQTT', settings), () =>
    startBroker({
      host: settings.MQTT_HOST,
      port: settings.MQTT_PORT,
      ...(tls && { tls }),
      journal,
      authenticator,
      mappingOf: mappings.of,
      storageProblem: () => (journal.lastError === null ? null : reasonOf(journal.lastError)),
      guard: guardLimits,
      rate: {
        messagesPerSecond: settings.GATEWAY_MAX_MESSAGES_PER_SECOND,
        bytesPerSecond: settings.GATEWAY_MAX_BYTES_PER_SECOND,
      },
      clock,
      log,
      onRefusal(refusal) {
        metrics.refused(refusal.reason)
        refusals.note(refusal)
        liveness.refused(refusal)
        const { gatewayId, message } = refusal
        if (gatewayId !== null && message !== undefined) {
          refusedMessages.note(gatewayId, { ...message, receivedAt: clock() })
        }
      },
      onAccepted({ gatewayId, receivedAt, messages, bytes }) {
        metrics.accepted(messages, bytes)
        liveness.accepted(gatewayId, receivedAt)
        data.wake()
      },
    }),
  )
  const door = broker
  const mustWait = createAdmission()
  data.onStatus(({ consumers }) => door.holdBack(mustWait(journal.head, consumers, clock())))
  undo.push(() => door.stop())

  const timers = [
    setInterval(() => mark(journal, 'tick', clock()).then(data.wake, () => undefined), tickEveryMs), // the journal says itself what is wrong
    setInterval(() => loadCredentials().catch(() => {}), credentialsEveryMs), // one that expired; `loadCredentials` is also called on each change
    setInterval(
      () =>
        makeRoom(journal, directory).catch((cause: unknown) =>
          log.warn({ reason: reasonOf(cause) }, 'the disk is nearly full, and the journal could not be shortened'),
        ),
      spaceEveryMs,
    ),
  ]
  undo.push(() => {
    for (const timer of timers) clearInterval(timer)
  })
  const toJournal = createToJournal({ operations, journal, onAppended: data.wake, clock, log })
  undo.push(() => toJournal.stop())
  const passed = await data.ready // what the API is asked and told from here on, the data thread answers and knows
  await journal.passed(passed)
  data.wake() // to what came meanwhile

  const healthWatch = createHealthWatch({ operations, statusOf: data.deviceStatus, heardAtOf: data.heardAt, clock })
  const backtests = createBacktests({ operations, kinds, run: backtestInThread(data.serveReadings), clock })
  undo.push(() => backtests.stop())

  const quality = createQualityJob({
    ...{ operations, readings: data.readings, clock, log },
    rules: { dueItems, countsAsDone },
  })
  const response = await createResponse({
    operations,
    readings: data.readings,
    figuresCounted: quality.caughtUp,
    settings,
    directory,
    publish: door.send,
    lastHeard: healthWatch.lastHeard,
    renderReport: renderInThread,
    clock,
    log,
    metrics: { onSent: metrics.sent, onFired: metrics.fired },
  })
  undo.push(() => response.stop())
  data.onOrdersChanged(response.wake)

  const health = () =>
    checkHealth({
      journal: { head: journal.head, problem: journal.lastError },
      data: data.seen(),
      dataFailed: data.failure(),
      directory,
      now: clock(),
      more: [
        response.audit.check(),
        clockCheck(clockProblem()),
        ...(response.heartbeat === undefined ? [] : [response.heartbeat.check()]),
      ],
    })
  const rules = createRules({ operations, kinds, clock })
  await nameOutOfRange(rules, log)
  await nameRefusedPlans(
    operations,
    kinds.map(({ id }) => id),
    log,
  )
  const token = operatorToken({ directory, given: settings.LIFTWATT_OPERATOR_TOKEN })
  const api = await createApi({
    operations,
    readings: data.readings,
    response,
    registry,
    rules,
    backtests,
    healthWatch,
    liveness,
    tryMapping: createMappingTrial({ operations, kinds, maxAgeDays: settings.READINGS_MAX_AGE_DAYS }),
    refusedMessages: refusedMessages.of,
    door: { port: door.port, tlsPort: door.tlsPort },
    kinds,
    rulesOff: (device) => rulesOff(kinds, device),
    health,
    metrics: async () =>
      metrics.text({
        journal,
        data: data.seen()?.status,
        broker: door.status(),
        overdueUnescalated: response.audit.overdueUnescalated(),
        heartbeatFailing: response.heartbeat?.isFailing() ?? false,
        deadNotices: await operations.noticeCounts().then(
          ({ dead }) => dead,
          () => Number.NaN,
        ),
      }),
    operatorToken: token.token,
    publicUrl: settings.PUBLIC_URL,
    trustedProxies: settings.TRUSTED_PROXIES,
    requestsPerSecond: settings.API_MAX_REQUESTS_PER_SECOND,
    provider: providerOf(settings),
    sessionLimits: {
      idleMs: settings.SESSION_IDLE_HOURS * hourMs,
      longestMs: settings.SESSION_MAX_HOURS * hourMs,
    },
    clock,
    log,
    version,
  })
  const httpUrl = await naming(doorSetting('HTTP', settings), () => listenHttp(api, settings))
  undo.push(() => api.close())
  toJournal.start()
  response.start(async () => whatIsWrong(await currentHealth(health, operations)))

  const daily = schedule(
    '50 23 * * *',
    () =>
      healthWatch
        .recordDay()
        .catch((cause: unknown) => log.warn({ reason: reasonOf(cause) }, "the day's health was not written down")),
    { timezone: 'Asia/Shanghai' },
  )
  undo.push(() => daily.destroy())
  quality.start()
  undo.push(() => quality.stop())
  const sweep = schedule('7 * * * *', () =>
    sweepOld(settings, journal, operations, clock()).catch((cause: unknown) =>
      log.warn({ reason: reasonOf(cause) }, 'what is out of date was not removed'),
    ),
  )
  undo.push(() => sweep.destroy())
  token.keep()
  return {
    httpUrl,
    mqttPort: door.port,
    mqttsPort: door.tlsPort,
    operatorToken: token.token,
    operatorTokenIsNew: token.isNew,
    firstOperatorLink: () => firstOperatorLink({ operations, clock }, settings.PUBLIC_URL ?? httpUrl),
    registry,
    failed: data.failed,
    stop: undo.stopAll,
  }
}

async function openDatabase(
  settings: Settings,
  directory: string,
  log: Logger,
  undo: Parts,
  whileStarting: AbortSignal,
): Promise<PostgresOptions['connection']> {
  if (settings.DATABASE_URL !== undefined) return settings.DATABASE_URL
  const starting = startEmbeddedPostgres({ directory: join(directory, 'postgres'), log, whileStarting })
  // known before it runs: of all parts this one would outlive the process
  undo.push(() =>
    starting.then(
      (postgres) => postgres.stop(),
      () => undefined,
    ),
  )
  return { ...(await starting).connection }
}

/** @throws {Error} the system's own reason, with the setting to look at */
async function naming<T>(setting: string | ((cause: unknown) => string), work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw namingError(typeof setting === 'string' ? setting : setting(cause), cause)
  }
}

/** Why a door does not open: its host is no address of this machine, or else its port cannot be had. */
function doorSetting(door: 'HTTP' | 'MQTT', { MQTTS_PORT }: Settings): (cause: unknown) => string {
  return (cause) => {
    if (notAnAddressHere.some((code) => isErrno(cause, code))) return `${door}_HOST`
    const port = cause instanceof Error && 'port' in cause ? cause.port : undefined
    return door === 'MQTT' && port !== undefined && port === MQTTS_PORT ? 'MQTTS_PORT' : `${door}_PORT`
  }
}

const notAnAddressHere = ['ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']

/** Bare, as the system says it of a small file of ours: "ENOSPC: no space left on device, write" does not say where. */
function isDiskTrouble(cause: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'].some((code) => isErrno(cause, code))
}

/** The settings are all there, or none is. */
function providerOf({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, PUBLIC_URL }: Settings) {
  if (!(OIDC_ISSUER && OIDC_CLIENT_ID && OIDC_CLIENT_SECRET && PUBLIC_URL)) return undefined
  return { issuer: OIDC_ISSUER, clientId: OIDC_CLIENT_ID, clientSecret: OIDC_CLIENT_SECRET, publicUrl: PUBLIC_URL }
}

function mark(journal: LevelJournalWriter, type: 'tick' | 'start', receivedAt: number): Promise<void> {
  return new Promise((resolveMark, reject) => {
    journal.append([{ type, receivedAt }], (error) => (error === null ? resolveMark() : reject(error)))
  })
}

async function listenHttp(api: Awaited<ReturnType<typeof createApi>>, settings: Settings): Promise<string> {
  await api.listen({ host: settings.HTTP_HOST, port: settings.HTTP_PORT })
  const address = api.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : settings.HTTP_PORT
  const host = settings.HTTP_HOST === '0.0.0.0' || settings.HTTP_HOST === '::' ? '127.0.0.1' : settings.HTTP_HOST
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function sweepOld(
  settings: Settings,
  journal: LevelJournalWriter,
  operations: Awaited<ReturnType<typeof openPostgresOperations>>,
  now: number,
): Promise<void> {
  await journal.trim({ receivedBefore: now - settings.JOURNAL_MAX_DAYS * dayMs, maxBytes: settings.JOURNAL_MAX_BYTES })
  await operations.trimQuarantine({ receivedBefore: now - quarantineKept.days * dayMs, maxBytes: quarantineKept.bytes })
}

/** On a disk that is nearly full the journal keeps only what is still to be read; a writer in trouble does it as it recovers. */
async function makeRoom(journal: LevelJournalWriter, directory: string): Promise<void> {
  if (journal.lastError !== null || !(await isSpaceScarce(join(directory, 'journal')))) return
  await journal.trim(everythingRead)
}

/** The latest time in the newest stretch of the journal, whose very end may be of starts with a wrong clock; undefined = it is empty. */
async function wroteLastAt(journal: LevelJournalWriter): Promise<number | undefined> {
  const { entries } = await journal.read(Math.max(0, journal.head - clockLooksBack), Number.MAX_SAFE_INTEGER)
  return entries.length === 0 ? undefined : Math.max(...entries.map(({ receivedAt }) => receivedAt))
}

function clockCheck(problem: string | null) {
  return { name: 'clock', ok: problem === null, text: problem ?? 'as the machine says' }
}
