import type { Command } from 'commander'
import { orderActions } from '../workorders/life/transitions.ts'
import { line, listWord, named, type Typed } from './list-show.ts'
import { orderFileCommands } from './order-files.ts'
import { apiNames, filters, pathOf } from './order-words.ts'
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
  technicianName: string | null
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

  listWord<OrderRow>(order, {
    path: '/work-orders',
    description: 'Orders, newest first',
    filters,
    apiNames,
    example: 'liftwatt order list --state open --severity critical',
    none: 'No such order.',
    cells: cellsOf,
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
    .command('open <summary>')
    .description('Open an order by hand: somebody called, or plans work')
    .requiredOption('--severity <severity>', 'warning, urgent or critical; the last two: on site within 30 minutes')
    .option('--device <id>', 'what it is about')
    .option('--site <id>', 'or where it is')
    .option('--people-inside <answer>', 'whether somebody is in the car, as the caller says: yes, no or unknown')
    .option('--finding <finding>', 'such as camera/entrapment, instead of --people-inside')
    .option('--type <type>', 'manual, inspection or planned')
    .option('--due <time>', 'of what is planned, ISO 8601')
    .option('--caller <name>', 'who called')
    .option('--phone <number>', 'how they can be reached')
    .option('--words <text>', 'as they said it')
    .option('--key <key>', 'any word: the same again with it opens one order (Idempotency-Key)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Example:
  liftwatt order open "the lift stands between floors" --device lift-3 --severity critical --people-inside yes --phone 13900000000
Somebody trapped to whom a crew is on its way already has an order: the call joins it, and it is that order which is shown.`,
    )
    .action(async (summary: string, { json, key, caller, phone, words, ...said }: OpenOptions) => {
      const who = { name: caller, phone, words }
      const isCall = Object.values(who).some((word) => word !== undefined)
      const body = { summary, ...named(said, apiNames), ...(isCall && { reportedBy: who }) }
      const opened = await connectService(process.env).request<OrderRow>('POST', '/work-orders', body, key)
      print(json === true, opened, [lineOf(opened)])
    })

  orderFileCommands(order)

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
      const body = { ...named(options, apiNames), ...(verified !== undefined && { verified: verifiedOf(verified) }) }
      const after = await connectService(process.env).request<OrderRow>('POST', path, body, key)
      print(json === true, after, [lineOf(after)])
    })
}

type ActOptions = Typed & { readonly verified?: string; readonly key?: string }

type OpenOptions = Typed & {
  readonly key?: string
  readonly caller?: string
  readonly phone?: string
  readonly words?: string
}

function verifiedOf(answer: string): boolean | 'drill' {
  if (answer === 'drill') return answer
  if (answer === 'true' || answer === 'false') return answer === 'true'
  throw new UsageError(`--verified is true, false or drill, not ${answer}`)
}

function lineOf(order: OrderRow): string {
  return line(cellsOf(order))
}

function cellsOf({ arriveBy, arrivedAt, ...order }: OrderRow): (string | null)[] {
  const clock = arriveBy === null ? null : arrivedAt === null ? `by ${arriveBy}` : 'on site'
  const { id, state, severity, type, finding, deviceId, siteId, teamId } = order
  return [id, state, severity, type, finding, deviceId ?? siteId, teamId ?? 'nobody', clock]
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

function assignmentOf({ teamId, technicianName, assignedBecause }: OrderRow): string {
  // with nobody, the reason itself begins so
  if (teamId === null) return `Nobody is assigned: ${assignedBecause.replace(/^nobody is assigned: /, '')}`
  return `${teamId}${technicianName === null ? '' : ` (${technicianName})`}: ${assignedBecause}`
}
