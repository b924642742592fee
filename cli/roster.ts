import type { Command } from 'commander'
import { documentFile } from './input.ts'
import { fieldsOf, named, showWord, type Typed } from './list-show.ts'
import { identifier, print } from './output.ts'
import { connectService } from './service.ts'

export function rosterCommands(program: Command): void {
  const roster = program
    .command('roster')
    .description('When the members of a team are on duty')
    .addHelpText('after', '\nExample:\n  liftwatt roster show crew-a')

  showWord(roster, {
    id: '<team>',
    description: 'The roster of a team: shifts, swaps, holidays',
    path: pathOf,
    example: 'liftwatt roster show crew-a --json > crew-a.json',
  })

  roster
    .command('set <team> <file>')
    .description('Write the whole roster, as "roster show --json" prints it; - is standard input')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Example:
  liftwatt roster set crew-a crew-a.json
It is refused when somebody changed the roster since the "version" that stands in the file: 0 where there was none.`,
    )
    .action(async (team: string, file: string, { json }: Typed) => {
      const path = pathOf(identifier('<team>', team))
      const document = documentFile(file, 'teamId', 'timeZone')
      const written = await connectService(process.env).request<object>('PUT', path, document)
      print(json === true, written, fieldsOf(written))
    })

  roster
    .command('swap <team>')
    .description('Somebody else, or nobody, in the place of a member for a time')
    .requiredOption('--member <id>', 'who is not there')
    .requiredOption('--from <time>', 'ISO 8601, such as 2026-11-24T20:00:00+08:00')
    .requiredOption('--until <time>')
    .option('--instead <id>', 'who is there; nobody, if it is not said')
    .option('--reason <text>')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt roster swap crew-a --member li --instead wang --from 2026-11-24T20:00:00+08:00 --until 2026-11-25T08:00:00+08:00',
    )
    .action(async (team: string, { json, ...said }: Typed) => {
      const path = `${pathOf(identifier('<team>', team))}/swaps`
      const body = named(said, { member: 'memberId', instead: 'insteadId' })
      const written = await connectService(process.env).request<object>('POST', path, body)
      print(json === true, written, fieldsOf(written))
    })
}

function pathOf(team: string): string {
  return `/teams/${team}/roster`
}
