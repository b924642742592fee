import type { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { readSettings, type Settings } from '../core/settings.ts'
import type { RunningService } from '../main.ts'

type Environment = Readonly<Record<string, string | undefined>>

export function startCommand(program: Command): void {
  program
    .command('start')
    .description('Run the service; settings come from the environment (see: liftwatt config)')
    .addHelpText(
      'after',
      '\nExample:\n  LIFTWATT_DATA=/var/lib/liftwatt liftwatt start\nThere is no --json: it runs until it is stopped, and its log is JSON already.',
    )
    .action(() => runService(process.env))
}

/** Runs the service until SIGTERM or SIGINT. */
async function runService(environment: Environment): Promise<void> {
  const settings = readSettings(environment)
  const signal = stopSignal()
  const service = await startUnlessStopped(settings, signal)
  console.log(`Liftwatt is running.\n${addresses(service).join('\n')}`)
  if (service.operatorTokenIsNew) {
    console.log(
      `Operator token (shown once, kept in ${settings.LIFTWATT_DATA}/operator-token):\n${service.operatorToken}`,
    )
  }
  await sayFirstLink(service)
  await untilStopped(service, signal)
}

/** A database that fails at this moment (its disk is full, say) ends no service that runs. */
async function sayFirstLink(service: RunningService): Promise<void> {
  try {
    const firstLink = await service.firstOperatorLink()
    if (firstLink !== null) console.log(`First operator: set a password here, once:\n${firstLink}`)
  } catch (cause) {
    console.error(`The first operator's link could not be made; the next start makes one: ${reasonOf(cause)}`)
  }
}

/** Ends the process when the signal comes before the service runs: what was started by then is stopped again. */
export async function startUnlessStopped(settings: Settings, signal: Promise<object>): Promise<RunningService> {
  const whileStarting = new AbortController()
  signal.then(() => whileStarting.abort())
  try {
    const { startService } = await import('../main.ts') // the whole service: the help does without it
    return await startService(settings, whileStarting.signal)
  } catch (cause) {
    if (!whileStarting.signal.aborted) throw cause
    console.log('Liftwatt was stopped before it was running.')
    process.exit(0)
  }
}

/** One address a line. */
export function addresses(service: RunningService): string[] {
  return [
    `First page  ${service.httpUrl}/`,
    `API         ${service.httpUrl}/docs`,
    `MQTT        mqtt://127.0.0.1:${service.mqttPort}`,
    ...(service.mqttsPort === null ? [] : [`MQTT (TLS)  mqtts://127.0.0.1:${service.mqttsPort}`]),
  ]
}

/**
 * Stops cleanly on a signal; a second one does not wait any longer. Exit code 1 when a part has failed.
 * @param signal from `stopSignal`, asked for before the start: a signal that comes during it must not leave PostgreSQL behind
 */
export async function untilStopped(
  service: RunningService,
  signal: Promise<object>,
  beforeStop?: () => Promise<void>,
): Promise<void> {
  const reason = await Promise.race([signal, service.failed.then((failure) => ({ failure }))])
  await beforeStop?.().catch((cause: unknown) => console.error(reasonOf(cause)))
  await service.stop()
  if ('failure' in reason) {
    console.error(reason.failure)
    process.exit(1)
  }
  process.exit(0)
}

/** Ctrl-C comes twice under npm, from the terminal and from npm, which passes it on: that is one wish, not impatience. */
const sameWishMs = 2_000

/** Resolves at the first SIGTERM or SIGINT; at another one later the process ends at once. */
export function stopSignal(): Promise<object> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        const now = performance.now()
        if (firstAt !== undefined && now - firstAt > sameWishMs) process.exit(1)
        firstAt ??= now
        resolve({ signal })
      })
    }
  })
}
