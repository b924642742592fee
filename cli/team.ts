import type { Command } from 'commander'
import { localDate, localTime, shanghai } from '../core/local-time.ts'
import { listWord } from './list-show.ts'
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
  phone: string | null
  rostered: boolean
  until: string | null
  members: { id: string; name: string; phone: string | null }[]
}

export function teamCommands(program: Command): void {
  const team = program
    .command('team')
    .description('Duty room, crews, maintainers, supervisors, and who is on duty')
    .addHelpText('after', '\nExample:\n  liftwatt team on-duty')

  listWord<TeamRow>(team, {
    path: '/teams',
    description: 'All teams',
    filters: [['--type <type>', 'of this type only: duty-room, crew, maintainer, supervisor, district, …']],
    example: 'liftwatt team list --type crew',
    none: 'No team yet: orders go to nobody.',
    cells: ({ id, type, name, areas, skills, phone }) => [
      id,
      type,
      name,
      areas.join(',') || 'everywhere',
      skills.join(',') || 'all kinds',
      phone,
    ],
  })

  team
    .command('on-duty')
    .description('Who is on duty, of every team')
    .option('--at <time>', 'at this time instead of now, such as 2026-11-24T20:00:00+08:00')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt team on-duty --at 2026-11-24T20:00:00+08:00')
    .action(async (options: { at?: string; json?: boolean }) => {
      const query = options.at === undefined ? '' : `?at=${encodeURIComponent(options.at)}`
      const service = connectService(process.env)
      const { items } = await service.request<{ items: OnDutyRow[] }>('GET', `/on-duty${query}`)
      const members = items.some(isEmpty) ? await service.list<{ teamId: string }>('/members') : []
      const staffed = new Set(members.map(({ teamId }) => teamId))
      const lines = items.map((row) => {
        const hasNone = isEmpty(row) && !staffed.has(row.teamId)
        const when = hasNone ? 'no members, whatever its roster says' : untilWords(row)
        return [row.teamId, row.type, row.name, when, peopleWords(row)].join('\t')
      })
      print(options.json === true, items, lines.length > 0 ? lines : ['No team yet: nobody is on duty.'])
    })
}

function isEmpty({ members }: OnDutyRow): boolean {
  return members.length === 0
}

function untilWords({ rostered, until, members }: OnDutyRow): string {
  if (!rostered) return 'no roster: always'
  if (until === null) return members.length === 0 ? 'nobody' : 'around the clock'
  const at = Date.parse(until)
  return `until ${localDate(at, shanghai)} ${localTime(at, shanghai)}`
}

function peopleWords({ members, phone }: OnDutyRow): string {
  if (members.length === 0) return phone === null ? 'NOBODY' : `NOBODY by name; the team has ${phone}`
  return members.map(({ name, phone }) => (phone === null ? name : `${name} ${phone}`)).join(', ')
}
