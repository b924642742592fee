import type { Command } from 'commander'
import { identifier, print, UsageError } from './output.ts'
import { connectService } from './service.ts'
import { yuan } from './yuan.ts'

interface ContractRow {
  id: string
  type: string
  teamId: string
  number: string
  holder: string | null
  premiumFen: number | null
  validFrom: string
  validUntil: string | null
}

interface PortfolioRow {
  deviceId: string
  kind: string
  name: string | null
  periods: { role: string; validFrom: string; validUntil: string | null; contractNumber: string | null }[]
}

export function contractCommands(program: Command): void {
  const contract = program
    .command('contract')
    .description('Policies of insurers and contracts of maintenance, and who answers for which devices')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt contract list --type policy\nContracts come from a file: "liftwatt import contracts.csv".',
    )

  contract
    .command('list')
    .description('Contracts, newest first')
    .option('--type <type>', 'policy or maintenance')
    .option('--team <id>', 'of this insurer or maintainer')
    .option('--device <id>', 'that cover this device, at whatever time')
    .option('--at <time>', 'in force then, such as 2026-05-01')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt contract list --device lift-3 --at 2026-05-01')
    .action(async (options: { type?: string; team?: string; device?: string; at?: string; json?: boolean }) => {
      const { type, team: teamId, device: deviceId, at } = options
      const query = queryOf({ type, teamId, deviceId, at })
      const contracts = await connectService(process.env).list<ContractRow>(`/contracts?${query}`)
      const lines = contracts.map(({ id, type: of, teamId: team, number, holder, premiumFen, ...period }) =>
        [id, of, team, number, periodOf(period), yuan(premiumFen), holder ?? '-'].join('\t'),
      )
      print(options.json === true, contracts, lines.length > 0 ? lines : ['No such contract.'])
    })

  contract
    .command('portfolio <team>')
    .description('Devices that a team insures or maintains, now or over a period')
    .option('--at <time>', 'at this time instead of now')
    .option('--from <time>', 'or at some moment from here on')
    .option('--to <time>', '… and before this')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt contract portfolio picc --from 2026-05-01 --to 2026-06-01')
    .action(async (team: string, options: { at?: string; from?: string; to?: string; json?: boolean }) => {
      const { at, from, to } = options
      if ((from === undefined) !== (to === undefined)) throw new UsageError('--from and --to go together')
      const path = `/teams/${identifier('<team>', team)}/portfolio?${queryOf({ at, from, to })}`
      const devices = await connectService(process.env).list<PortfolioRow>(path)
      const lines = devices.flatMap(({ deviceId, kind, name, periods }) =>
        periods.map(({ role, contractNumber, ...period }) =>
          [deviceId, kind, name ?? '-', role, periodOf(period), contractNumber ?? 'without a contract'].join('\t'),
        ),
      )
      print(options.json === true, devices, lines.length > 0 ? lines : [`${team} answers for no device then.`])
    })
}

function queryOf(filter: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value)
  return query
}

function periodOf({ validFrom, validUntil }: { validFrom: string; validUntil: string | null }): string {
  return `${validFrom} – ${validUntil ?? 'open'}`
}
