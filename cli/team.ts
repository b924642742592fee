import type { Command } from 'commander'
import { localDate, localTime, shanghai } from '../core/local-time.ts'
import { print } from './output.ts'
import { connectService } from './service.ts'

interface TeamRow {
  id: string
  type: string
  name: string
  areas: string[]
  skills: string[]
  phone: string | null
}

interface OnDutyRow {
  teamId: string
  type: string
  name: string
  rostered: boolean
  until: string | null
  members: { id: string; name: string; phone: string | null }[]
}

export function teamCommands(program: Command): void {
  const team = program.command('team').description('Duty room, crews, maintainers, supervisors, and who is on duty')

  team
    .command('list')
    .description('All teams')
    .option('--type <type>', 'of this type only: duty-room, crew, maintainer, supervisor, district, …')
    .option('--json', 'as JSON')
    .action(async (options: { type?: string; json?: boolean }) => {
      const filter = options.type === undefined ? '' : `?type=${encodeURIComponent(options.type)}`
      const teams = await connectService(process.env).list<TeamRow>(`/teams${filter}`)
      const lines = teams.map(({ id, type, name, areas, skills, phone }) =>
        [id, type, name, areas.join(',') || 'everywhere', skills.join(',') || 'all kinds', phone ?? '-'].join('\t'),
      )
      print(options.json === true, teams, lines.length > 0 ? lines : ['No team yet: orders go to nobody.'])
    })

  team
    .command('on-duty')
    .description('Who is on duty, of every team')
    .option('--at <time>', 'at this time instead of now, such as 2026-11-24T20:00:00+08:00')
    .option('--json', 'as JSON')
    .action(async (options: { at?: string; json?: boolean }) => {
      const query = options.at === undefined ? '' : `?at=${encodeURIComponent(options.at)}`
      const { items } = await connectService(process.env).request<{ items: OnDutyRow[] }>('GET', `/on-duty${query}`)
      const lines = items.map((row) => [row.teamId, row.type, row.name, untilWords(row), peopleWords(row)].join('\t'))
      print(options.json === true, items, lines.length > 0 ? lines : ['No team yet: nobody is on duty.'])
    })
}

function untilWords({ rostered, until, members }: OnDutyRow): string {
  if (!rostered) return 'no roster: always'
  if (until === null) return members.length === 0 ? 'nobody' : 'around the clock'
  const at = Date.parse(until)
  return `until ${localDate(at, shanghai)} ${localTime(at, shanghai)}`
}

function peopleWords({ members }: OnDutyRow): string {
  if (members.length === 0) return 'NOBODY'
  return members.map(({ name, phone }) => (phone === null ? name : `${name} ${phone}`)).join(', ')
}
