import type { Command } from 'commander'
import { line, listWord } from './list-show.ts'
import { wholeNumber } from './options.ts'
import { print, UsageError } from './output.ts'
import { connectService } from './service.ts'
import { yuan } from './yuan.ts'

interface OverhaulRow {
  id: string
  deviceId: string
  type: string
  part: string | null
  state: string
  estimatedFen: number
  settledFen: number | null
  proposedAt: string
  doneAt: string | null
  leadSeconds: number | null
}

export function overhaulCommands(program: Command): void {
  const overhaul = program
    .command('overhaul')
    .description('Parts and overhauls: proposed, decided, done')
    .addHelpText('after', '\nExample:\n  liftwatt overhaul list --state proposed')

  listWord<OverhaulRow>(overhaul, {
    path: '/overhauls',
    description: 'Proposals, newest first',
    filters: [
      ['--state <state>', 'proposed, approved, refused or done'],
      ['--device <id>', 'of this device'],
      ['--team <id>', 'whoever maintained the device then'],
    ],
    apiNames: { device: 'deviceId', team: 'teamId' },
    example: 'liftwatt overhaul list --device lift-3',
    none: 'No such proposal.',
    cells: cellsOf,
  })

  overhaul
    .command('decide <id> <decision>')
    .description('Approve or refuse a proposal')
    .requiredOption('--reason <text>', 'why')
    .option('--settled <fen>', 'what is paid, in fen (0.01 CNY); the estimate, if it is not said')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt overhaul decide <id> approved --reason "the curve shows it" --settled 80000',
    )
    .action(async (id: string, decision: string, options: { reason: string; settled?: string; json?: boolean }) => {
      if (decision !== 'approved' && decision !== 'refused') {
        throw new UsageError(`<decision> is approved or refused, not ${decision}`)
      }
      const { reason, settled } = options
      const body = { decision, reason, ...(settled !== undefined && { settledFen: wholeNumber('--settled', settled) }) }
      const path = `/overhauls/${encodeURIComponent(id)}/decide`
      const after = await connectService(process.env).request<OverhaulRow>('POST', path, body)
      print(options.json === true, after, [line(cellsOf(after))])
    })
}

const hourSeconds = 3_600

function cellsOf({
  id,
  state,
  deviceId,
  type,
  part,
  estimatedFen,
  settledFen,
  proposedAt,
  leadSeconds,
}: OverhaulRow): (string | null)[] {
  const lead = leadSeconds === null ? null : `${(leadSeconds / hourSeconds).toFixed(1)} h`
  return [id, state, deviceId, part ?? type, yuan(estimatedFen), yuan(settledFen), proposedAt, lead]
}
