import type { Command } from 'commander'
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

  overhaul
    .command('list')
    .description('Proposals, newest first')
    .option('--state <state>', 'proposed, approved, refused or done')
    .option('--device <id>', 'of this device')
    .option('--team <id>', 'whoever maintained the device then')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt overhaul list --device lift-3')
    .action(async (options: { state?: string; device?: string; team?: string; json?: boolean }) => {
      const { state, device: deviceId, team: teamId } = options
      const filter = Object.entries({ state, deviceId, teamId }).filter(([, value]) => value !== undefined)
      const query = new URLSearchParams(filter as [string, string][])
      const found = await connectService(process.env).list<OverhaulRow>(`/overhauls?${query}`)
      print(options.json === true, found, found.length > 0 ? found.map(lineOf) : ['No such proposal.'])
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
      print(options.json === true, after, [lineOf(after)])
    })
}

const hourSeconds = 3_600

function lineOf({
  id,
  state,
  deviceId,
  type,
  part,
  estimatedFen,
  settledFen,
  proposedAt,
  leadSeconds,
}: OverhaulRow): string {
  const lead = leadSeconds === null ? '-' : `${(leadSeconds / hourSeconds).toFixed(1)} h`
  return [id, state, deviceId, part ?? type, yuan(estimatedFen), yuan(settledFen), proposedAt, lead].join('\t')
}
