import type { Command } from 'commander'
import { suppressionTypes } from '../core/suppression.ts'
import { fieldsOf, line, listWord, named, type Typed } from './list-show.ts'
import { identifier, print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface ShelfRow {
  id: string
  type: string
  scope: { type: string; id: string }
  finding: string | null
  reason: string
  startsAt: string
  endsAt: string | null
  endedAt: string | null
}

export function shelfCommands(program: Command): void {
  const shelf = program
    .command('shelf')
    .description(
      'Shelves, maintenance mode and planned work: what is found meanwhile sends nobody, but for dangers to life',
    )
    .addHelpText('after', '\nExample:\n  liftwatt shelf list --active')

  listWord<ShelfRow>(shelf, {
    path: '/suppressions',
    description: 'What is or was shelved, in maintenance or planned, newest first',
    filters: [
      ['--active', 'only what is in force now'],
      ['--type <type>', suppressionTypes.join(', ')],
    ],
    example: 'liftwatt shelf list --active --type maintenance',
    none: 'Nothing is shelved, in maintenance or planned.',
    cells: cellsOf,
  })

  shelf
    .command('add <scope>')
    .description('Shelve what is found at <scope>, such as device:lift-3 or building:garden-7')
    .requiredOption('--reason <text>', 'why nobody is to be sent')
    .option('--type <type>', suppressionTypes.join(', '), 'shelf')
    .option('--finding <finding>', 'only this one, such as elevator/door-close-drift')
    .option('--from <time>', 'of planned work, ISO 8601; everything else begins now')
    .option('--until <time>', 'maintenance alone may be without; a shelf ends within 30 days')
    .option('--key <key>', 'any word: the same again with it is done once (Idempotency-Key)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt shelf add device:lift-3 --type maintenance --reason "rope is changed" --until 2026-11-24T18:00:00+08:00',
    )
    .action(async (scope: string, { json, key, ...said }: Typed & { key?: string }) => {
      const body = { ...named(said, { from: 'startsAt', until: 'endsAt' }), scope: scopeIn(scope) }
      const made = await connectService(process.env).request<ShelfRow>('POST', '/suppressions', body, key)
      print(json === true, made, fieldsOf(made))
    })

  shelf
    .command('end <id>')
    .description('End it before its time; what still holds there gets its order')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt shelf end <id>\n<id> is the first column of "liftwatt shelf list".')
    .action(async (id: string, { json }: Typed) => {
      const path = `/suppressions/${identifier('<id>', id)}/end`
      const ended = await connectService(process.env).request<ShelfRow>('POST', path)
      print(json === true, ended, [line(cellsOf(ended))])
    })
}

function cellsOf({ id, type, scope, finding, reason, startsAt, endsAt, endedAt }: ShelfRow): string[] {
  const end = endedAt === null ? `until ${endsAt ?? 'somebody ends it'}` : `ended ${endedAt}`
  return [id, type, `${scope.type}:${scope.id}`, finding ?? 'everything', startsAt, end, reason]
}

/** @throws {UsageError} */
function scopeIn(text: string): { type: string; id: string } {
  const [type, id, ...more] = text.split(':')
  if (!type || !id || more.length > 0)
    throw new UsageError(`<scope> is a kind and an id, such as device:lift-3, not "${text}"`)
  return { type, id }
}
