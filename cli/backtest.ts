import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { interrupted } from './options.ts'
import { print, UsageError } from './output.ts'
import { pathOf, scopeOf, settingsOf } from './rule-words.ts'
import { connectService, type ServiceClient } from './service.ts'

interface Totals {
  emergencyOrders: number
  plannedOrders: number
  ordersPerDay: number
  devicesWithOrders: number
}

interface Episode {
  deviceId: string | null
  severity: string
  detectedAt: string
  order: string | null
  summary: string
}

export interface BacktestRow {
  id: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: { devicesDone: number; devices: number; readings: number } | null
  error: string | null
  startedAt: string
  endedAt: string | null
  result: {
    devices: number
    readings: number
    late: number | null
    current: Totals
    proposed: Totals
    same: number
    cameCount: number
    goneCount: number
    movedCount: number
    came: Episode[]
    gone: Episode[]
    moved: { current: Episode; proposed: Episode }[]
    happened: { incidents: number; orders: number; falseAlarmsGone: number; confirmedGone: number }
  } | null
}

interface BacktestOptions {
  kind?: boolean
  site?: string
  device?: string
  off?: boolean
  from: string
  to: string
  warmUpDays: string
  json?: boolean
}

const lookEveryMs = 500
const listed = 20

export function backtestCommand(program: Command): void {
  program
    .command('backtest <finding> [settings...]')
    .description(
      'Which orders changed settings would have raised on stored readings, against those that the present ones raise',
    )
    .option('--kind', 'on all devices of its kind')
    .option('--site <id>', 'on all in a site')
    .option('--device <id>', 'on one device')
    .option('--off', 'if it were switched off there')
    .requiredOption('--from <time>', 'ISO 8601, such as 2026-10-01T00:00:00Z')
    .requiredOption('--to <time>', 'exclusive')
    .option('--warm-up-days <n>', 'how long before it learns', '7')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt backtest electricity-meter/terminal-over-temperature warningCelsius=55 --kind --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z',
    )
    .action(async (finding: string, pairs: string[], options: BacktestOptions) => {
      const service = connectService(process.env)
      const body = {
        scope: scopeOf(finding, options),
        ...(options.off === true && { enabled: false }),
        settings: settingsOf(pairs),
        from: timeOf(options.from, '--from'),
        to: timeOf(options.to, '--to'),
        warmUpDays: Number(options.warmUpDays),
      }
      const started = await service.request<BacktestRow>('POST', `/rules/${pathOf(finding)}/backtest`, body)
      const done = await follow(service, started, options.json !== true)
      print(options.json === true, done, linesOf(done))
    })
}

/** Until it is over; Ctrl-C cancels it. @throws {Error} it was not done */
export async function follow(
  service: Pick<ServiceClient, 'request'>,
  started: BacktestRow,
  tell: boolean,
): Promise<BacktestRow> {
  const signal = interrupted()
  let backtest = started
  while (backtest.state === 'waiting' || backtest.state === 'running') {
    await delay(lookEveryMs)
    backtest = signal.aborted
      ? await service.request<BacktestRow>('POST', `/backtests/${started.id}/cancel`, {})
      : await service.request<BacktestRow>('GET', `/backtests/${started.id}`)
    const { progress } = backtest
    if (tell && progress !== null && process.stderr.isTTY) {
      process.stderr.write(`\r${progress.devicesDone} of ${progress.devices} devices, ${progress.readings} readings`)
    }
  }
  if (tell && process.stderr.isTTY) process.stderr.write('\n')
  const { state, error } = backtest
  if (state !== 'done') throw new Error(`The back-test was ${state}${error === null ? '' : `: ${error}`}`)
  return backtest
}

/** @throws {UsageError} */
export function timeOf(text: string, option: string): string {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new UsageError(`${option} is a time like 2026-10-01T00:00:00Z, not ${text}`)
  return new Date(at).toISOString()
}

function linesOf({ result, startedAt, endedAt }: BacktestRow): string[] {
  if (result === null) return []
  const { devices, readings, current, proposed, same, happened } = result
  const seconds = (Date.parse(endedAt ?? startedAt) - Date.parse(startedAt)) / 1_000
  return [
    `${readings} readings of ${devices} devices in ${seconds.toFixed(1)} s`,
    `now:      ${totalsLine(current)}`,
    `proposed: ${totalsLine(proposed)}`,
    `${same} alike, ${result.cameCount} more, ${result.goneCount} no longer, ${result.movedCount} moved`,
    `really: ${happened.incidents} incidents, ${happened.orders} orders; no longer found: ${happened.falseAlarmsGone} that were false alarms, ${happened.confirmedGone} that were real`,
    ...some(result.came, (episode) => `+ ${episodeLine(episode)}`),
    ...some(result.gone, (episode) => `- ${episodeLine(episode)}`),
    ...some(
      result.moved,
      (both) => `~ ${episodeLine(both.current)} → ${both.proposed.severity} ${both.proposed.detectedAt}`,
    ),
  ]
}

function totalsLine({ emergencyOrders, plannedOrders, ordersPerDay, devicesWithOrders }: Totals): string {
  return `${emergencyOrders} emergency and ${plannedOrders} planned orders, ${ordersPerDay} a day, on ${devicesWithOrders} devices`
}

function episodeLine({ deviceId, severity, detectedAt, order, summary }: Episode): string {
  return `${deviceId ?? ''} ${detectedAt} ${severity} (${order ?? 'no order'}): ${summary}`
}

function some<T>(list: readonly T[], line: (item: T) => string): string[] {
  const more = list.length > listed ? [`  and ${list.length - listed} more; all with --json`] : []
  return [...list.slice(0, listed).map(line), ...more]
}
