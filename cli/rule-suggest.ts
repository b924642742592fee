import type { Command } from 'commander'
import { type BacktestRow, follow, timeOf } from './backtest.ts'
import { print, UsageError } from './output.ts'
import { pathOf, type ScopeOptions, scopeOf } from './rule-words.ts'
import { connectService, type ServiceClient } from './service.ts'

interface RuleRow {
  readonly defaults: Readonly<Record<string, unknown>>
  readonly changes: readonly {
    readonly scope: { readonly type: string; readonly id: string }
    readonly settings: Readonly<Record<string, unknown>>
  }[]
  readonly inForce?: { readonly settings: Readonly<Record<string, unknown>> } | null
}

interface SuggestOptions extends ScopeOptions {
  readonly from: string
  readonly to: string
  readonly values?: string
  readonly mostShare: string
  readonly warmUpDays: string
  readonly json?: boolean
}

/** What the rule would have done with one value. */
export interface Rung {
  readonly value: number
  /** As it is now. */
  readonly inForce: boolean
  readonly ordersPerDay: number
  readonly devicesWithOrders: number
  readonly devices: number
  readonly readings: number
  /** Why the service does not take this value; the figures are 0 then. */
  readonly refused?: string
}

/** Of the value in force. Unverified default. */
const ladder = [0.5, 0.7, 0.85, 1, 1.2, 1.5, 2]

export function suggestCommand(rule: Command): void {
  rule
    .command('suggest <finding> <setting>')
    .description('What other values of a setting would have raised on stored readings, and which fits this fleet')
    .option('--kind', 'on all devices of its kind')
    .option('--site <id>', 'on all in a site')
    .option('--device <id>', 'on one device')
    .requiredOption('--from <time>', 'ISO 8601, such as 2026-10-01T00:00:00Z')
    .requiredOption('--to <time>', 'exclusive')
    .option('--values <numbers>', 'to try, with commas in between; half to twice the present one otherwise')
    .option('--most-share <share>', 'of the devices that may have had an order in that time', '0.02')
    .option('--warm-up-days <n>', 'how long before it learns', '7')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nOne back-test for each value, one after the other. Nothing is changed.\n\nExample:\n  liftwatt rule suggest electricity-meter/terminal-over-temperature warningCelsius --kind --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z',
    )
    .action(async (finding: string, setting: string, options: SuggestOptions) => {
      const mostShare = Number(options.mostShare)
      if (!(mostShare > 0 && mostShare <= 1)) throw new UsageError('--most-share is above 0 and at most 1')
      if (!(Number(options.warmUpDays) >= 0)) throw new UsageError('--warm-up-days is a number of days')
      const rungs = await climb(connectService(process.env), finding, setting, options)
      const suggested = suggestedOf(rungs, mostShare)
      print(options.json === true, { finding, setting, rungs, suggested: suggested?.value ?? null }, [
        ...rungs.map((rung) => rungLine(setting, rung)),
        verdictOf(setting, rungs, suggested, mostShare),
      ])
    })
}

function verdictOf(setting: string, rungs: readonly Rung[], suggested: Rung | undefined, mostShare: number): string {
  if (rungs.every(({ readings }) => readings === 0)) return 'Nothing is suggested: no reading of that time is stored.'
  const devices = Math.max(...rungs.map((rung) => rung.devices))
  const few = `${mostDevices(devices, mostShare)} of ${devices} devices or fewer`
  if (suggested === undefined) return `None of these leaves ${few} with an order.`
  return `Suggested: ${setting} = ${suggested.value}, the most watchful of these that leaves ${few} with an order.`
}

/** One back-test for each value. @throws {UsageError} the service takes none of them */
export async function climb(
  service: Pick<ServiceClient, 'request'>,
  finding: string,
  setting: string,
  options: Omit<SuggestOptions, 'mostShare'>,
): Promise<Rung[]> {
  const scope = scopeOf(finding, options)
  const query = options.device === undefined ? '' : `?deviceId=${encodeURIComponent(options.device)}`
  const rule = await service.request<RuleRow>('GET', `/rules/${pathOf(finding)}${query}`)
  const here = rule.changes.find((change) => change.scope.type === scope.type && change.scope.id === scope.id)
  const ofKind = rule.changes.find((change) => change.scope.type === 'kind')
  const now = { ...rule.defaults, ...ofKind?.settings, ...here?.settings, ...rule.inForce?.settings }[setting]
  if (typeof now !== 'number') {
    const numbers = Object.keys(rule.defaults).filter((name) => typeof rule.defaults[name] === 'number')
    throw new UsageError(`${finding} has no number ${setting}; it has ${numbers.join(', ')}`)
  }

  const rungs: Rung[] = []
  for (const value of valuesOf(options.values, now)) {
    const body = {
      ...{ scope, settings: { ...here?.settings, [setting]: value }, warmUpDays: Number(options.warmUpDays) },
      ...{ from: timeOf(options.from, '--from'), to: timeOf(options.to, '--to') },
    }
    rungs.push({ value, inForce: value === now, ...(await tried(service, finding, body)) })
  }
  const [first] = rungs
  // what is said of every value alike is about the time or the place
  if (first?.refused !== undefined && rungs.every(({ refused }) => refused === first.refused)) {
    throw new UsageError(first.refused)
  }
  return rungs
}

/** One at least: a small fleet too has the one device that really is ill, and no value should be blind to it. Of a single device, none. */
function mostDevices(devices: number, mostShare: number): number {
  return Math.max(devices > 1 ? 1 : 0, Math.floor(mostShare * devices))
}

/**
 * The most watchful value that leaves few enough devices with an order; of equal ones the nearest to the present one. None while every
 * value leaves too many, and none of what was tried on no reading.
 */
export function suggestedOf(rungs: readonly Rung[], mostShare: number): Rung | undefined {
  const now = rungs.find(({ inForce }) => inForce)?.value ?? 0
  return rungs
    .filter(
      ({ refused, readings, devices, devicesWithOrders }) =>
        refused === undefined && readings > 0 && devicesWithOrders <= mostDevices(devices, mostShare),
    )
    .sort(
      (one, other) =>
        other.devicesWithOrders - one.devicesWithOrders || Math.abs(one.value - now) - Math.abs(other.value - now),
    )[0]
}

/** A whole number stays one. @throws {UsageError} */
export function valuesOf(text: string | undefined, now: number): number[] {
  if (text === undefined) {
    const digits = Number.isInteger(now) && now >= 10 ? 0 : 3
    return [...new Set(ladder.map((times) => Number((times * now).toFixed(digits))))]
  }
  const words = text.split(',').map((word) => word.trim())
  const values = words.map(Number)
  // an empty word is the number 0
  if (words.includes('') || values.some((value) => !Number.isFinite(value)))
    throw new UsageError(`--values are numbers, not ${text}`)
  return values
}

async function tried(
  service: Pick<ServiceClient, 'request'>,
  finding: string,
  body: object,
): Promise<Omit<Rung, 'value' | 'inForce'>> {
  const nothing = { ordersPerDay: 0, devicesWithOrders: 0, devices: 0, readings: 0 }
  let started: BacktestRow
  try {
    started = await service.request<BacktestRow>('POST', `/rules/${pathOf(finding)}/backtest`, body)
  } catch (cause) {
    if (cause instanceof UsageError) return { ...nothing, refused: cause.message }
    throw cause
  }
  const { result } = await follow(service, started, true)
  if (result === null) return nothing
  const { ordersPerDay, devicesWithOrders } = result.proposed
  return { ordersPerDay, devicesWithOrders, devices: result.devices, readings: result.readings }
}

function rungLine(
  setting: string,
  { value, inForce, ordersPerDay, devicesWithOrders, devices, refused }: Rung,
): string {
  const name = `${setting} = ${value}${inForce ? ' (now)' : ''}`
  if (refused !== undefined) return `${name}: refused, ${refused}`
  const part = devices === 0 ? '' : ` (${share(devicesWithOrders / devices)})`
  return `${name}: ${ordersPerDay} orders a day, on ${devicesWithOrders} of ${devices} devices${part}`
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`
}
