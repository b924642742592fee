import type { Command } from 'commander'
import { z } from 'zod'
import { orderActions } from '../workorders/transitions.ts'
import { print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface OrderRow {
  id: string
  type: string
  state: string
  severity: string
  finding: string
  deviceId: string | null
  siteId: string | null
  teamId: string | null
  technicianId: string | null
  assignedBecause: string
  summary: string
  detectedAt: string
  arriveBy: string | null
  arrivedAt: string | null
}

interface OrderDetail extends OrderRow {
  events: { at: string; type: string; actor: string; data: Record<string, unknown> }[]
}

export function orderCommands(program: Command): void {
  const order = program
    .command('order')
    .description('Work orders')
    .addHelpText('after', '\nExample:\n  liftwatt order list --state open')

  order
    .command('list')
    .description('Orders, newest first')
    .option('--state <state>', 'raised, acknowledged, accepted, arrived, restored, closed, cancelled, or open')
    .option('--type <type>', 'emergency, planned, inspection or manual')
    .option('--severity <severity>', 'warning, urgent or critical')
    .option('--team <id>', 'of this team')
    .option('--site <id>', 'in this site, with all that is in it')
    .option('--finding <finding>', 'such as elevator/entrapment')
    .option('--device <id>', 'of this device')
    .option('--from <time>', 'detected then or later, ISO 8601')
    .option('--to <time>', 'detected before')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt order list --state open --severity critical')
    .action(async ({ json, ...options }: Options) => {
      const query = new URLSearchParams(named(options))
      const orders = await connectService(process.env).list<OrderRow>(`/work-orders?${query}`)
      print(json === true, orders, orders.length > 0 ? orders.map(lineOf) : ['No such order.'])
    })

  order
    .command('show <id>')
    .description('One order, with what happened to it')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt order show <id>\n<id> is the first column of "liftwatt order list".')
    .action(async (id: string, options: { json?: boolean }) => {
      const path = pathOf(id)
      const shown = await connectService(process.env).request<OrderDetail>('GET', path)
      print(options.json === true, shown, detailOf(shown))
    })

  order
    .command('act <id> <action>')
    .description(`Do something to an order: ${orderActions.join(', ')}`)
    .option('--note <text>')
    .option('--reason <text>', 'why; cancel and merge need it, reassign and follow-up may have it')
    .option('--technician <id>', 'who did it')
    .option('--team <id>', 'the crew that accepts, or that gets it (reassign)')
    .option('--cause <class>', 'close needs it, unless it was a false alarm or a drill: equipment, people or external')
    .option(
      '--outcome <outcome>',
      'close needs it: repaired, serviced, self-corrected, enforcement, drill or false-alarm',
    )
    .option('--verified <answer>', 'of acknowledge: true, false or drill')
    .option('--into <id>', 'of merge: the order that goes on')
    .option('--by <who>', 'of dealt-with: who says so')
    .option('--severity <severity>', 'of follow-up: warning, urgent or critical; else as before')
    .option('--summary <text>', 'of follow-up: what is wrong now; else as before')
    .option('--key <key>', 'any word: the same action again with it is done once (Idempotency-Key)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  liftwatt order act <id> accept --technician li --key li-0210\n  liftwatt order act <id> close --outcome false-alarm --note "a pram in the door"\n  liftwatt order act <id> follow-up --severity critical --summary "it is stuck again"',
    )
    .action(async (id: string, action: string, { json, verified, key, ...options }: ActOptions) => {
      if (!orderActions.some((known) => known === action)) {
        throw new UsageError(`There is no action ${action}; there are ${orderActions.join(', ')}`)
      }
      const path = `${pathOf(id)}/${action}`
      const body = { ...named(options), ...(verified !== undefined && { verified: verifiedOf(verified) }) }
      const after = await connectService(process.env).request<OrderRow>('POST', path, body, key)
      print(json === true, after, [lineOf(after)])
    })
}

interface Options {
  readonly json?: boolean
  readonly [option: string]: string | boolean | undefined
}

type ActOptions = Options & { readonly verified?: string; readonly key?: string }

/** Options that the API calls otherwise. */
const apiNames: Readonly<Record<string, string>> = {
  team: 'teamId',
  site: 'siteId',
  device: 'deviceId',
  technician: 'technicianId',
  cause: 'causeClass',
  into: 'intoId',
}

function named(options: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [apiNames[name] ?? name, String(value)]))
}

function verifiedOf(answer: string): boolean | 'drill' {
  if (answer === 'drill') return answer
  if (answer === 'true' || answer === 'false') return answer === 'true'
  throw new UsageError(`--verified is true, false or drill, not ${answer}`)
}

/** @throws {UsageError} it is no order's id */
function pathOf(id: string): string {
  if (!z.uuid().safeParse(id).success)
    throw new UsageError(`<id> is an order's, as "order list" shows it; this is "${id}"`)
  return `/work-orders/${id}`
}

function lineOf(order: OrderRow): string {
  const where = order.deviceId ?? order.siteId ?? '-'
  const clock = order.arriveBy === null ? '-' : order.arrivedAt === null ? `by ${order.arriveBy}` : 'on site'
  const words = [
    order.id,
    order.state,
    order.severity,
    order.type,
    order.finding,
    where,
    order.teamId ?? 'nobody',
    clock,
  ]
  return words.join('\t')
}

/** Exported for its test. */
export function detailOf(order: OrderDetail): string[] {
  return [
    lineOf(order),
    order.summary,
    assignmentOf(order),
    ...order.events.map(({ at, type, actor, data }) => `${at}\t${type}\t${actor}\t${JSON.stringify(data)}`),
  ]
}

function assignmentOf({ teamId, technicianId, assignedBecause }: OrderRow): string {
  // with nobody, the reason itself begins so
  if (teamId === null) return `Nobody is assigned: ${assignedBecause.replace(/^nobody is assigned: /, '')}`
  return `${teamId}${technicianId === null ? '' : ` (${technicianId})`}: ${assignedBecause}`
}
