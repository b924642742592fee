import type { Command } from 'commander'
import { identifier, print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface PreviewRow {
  place: string
  texts: string[]
  isOwn: boolean
}

interface Receipt {
  id: string
  at: string
  actor: string
  person: Record<string, string>
  reason: string
  rows: Record<string, number>
  events: unknown[]
  files: unknown[]
  answers: number
  kept: string[]
}

interface EraseOptions {
  role?: string
  name?: string
  also: string[]
  keep: string[]
  reason?: string
  apply?: boolean
  json?: boolean
}

const gather = (text: string, others: readonly string[]) => [...others, text]

export function eraseCommands(program: Command): void {
  const erase = program
    .command('erase')
    .description('Forget a person: names, phones and what was said of them; measurements and chains stay')
    .addHelpText('after', '\nExample:\n  liftwatt erase contact site room-301 --role tenant --name 陈丽')

  withOptions(erase.command('contact <of> <id>').description('Somebody to call about a site or a device'))
    .requiredOption('--role <role>', 'tenant, property, owner, car-phone or emergency')
    .requiredOption('--name <name>', 'as it stands, or stood, there')
    .addHelpText(
      'after',
      '\nExamples:\n  liftwatt erase contact site room-301 --role tenant --name 陈丽\n  liftwatt erase contact site room-301 --role tenant --name 陈丽 --apply --reason "asked for it on 24 Nov"',
    )
    .action((of: string, id: string, options: EraseOptions) => {
      if (of !== 'site' && of !== 'device') throw new UsageError(`<of> is site or device, not ${of}`)
      const { role, name } = options
      return eraseOne({ type: 'contact', of, ofId: identifier('<id>', id), role, name }, options)
    })

  for (const type of ['member', 'account'] as const) {
    withOptions(erase.command(`${type} <id>`).description(`A ${type} that was removed; the id stays`))
      .addHelpText('after', `\nExample:\n  liftwatt erase ${type} li --apply --reason "left in May"`)
      .action((id: string, options: EraseOptions) => eraseOne({ type, id: identifier('<id>', id) }, options))
  }

  erase
    .command('list')
    .description('What was erased, newest first')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt erase list')
    .action(async (options: { json?: boolean }) => {
      const receipts = await connectService(process.env).list<Receipt>('/erasures')
      print(options.json === true, receipts, receipts.length > 0 ? receipts.flatMap(linesOf) : ['Nobody was erased.'])
    })
}

function withOptions(command: Command): Command {
  return command
    .option('--also <text>', 'another name, number or address of theirs; may be repeated', gather, [])
    .option(
      '--keep <place>',
      'a place, as the preview names it, where somebody else is meant; may be repeated',
      gather,
      [],
    )
    .option('--reason <text>', 'why, for the receipt')
    .option('--apply', 'do it, for good; else it only says what would go')
    .option('--json', 'as JSON')
}

async function eraseOne(
  person: object,
  { also, keep, reason, apply = false, json = false }: EraseOptions,
): Promise<void> {
  const service = connectService(process.env)
  if (!apply) {
    const { places } = await service.request<{ places: PreviewRow[] }>('POST', '/erasures/preview', {
      person,
      also,
      keep,
    })
    const lines = places.map(
      ({ place, texts, isOwn }) => `${place}${isOwn ? ' (their own: always goes)' : ''}\t${texts.join(' | ')}`,
    )
    print(json, places, [
      ...lines,
      `${places.length} places; nothing was written: --apply --reason "…" does it, for good.`,
    ])
    return
  }
  if (reason === undefined) throw new UsageError('--reason is needed with --apply')
  const receipt = await service.request<Receipt>('POST', '/erasures', { person, also, keep, reason })
  print(json, receipt, linesOf(receipt))
}

function linesOf({ id, at, actor, person, reason, rows, events, files, answers, kept }: Receipt): string[] {
  const tables = Object.entries(rows).map(([table, count]) => `${table} ${count}`)
  return [
    `${id}\t${at}\tby ${actor}\t${Object.values(person).join(' ')}\t${reason}`,
    `  rows changed: ${tables.join(', ') || 'none'}; events of chains among them: ${events.length}`,
    `  evidence files replaced: ${files.length}; kept answers deleted: ${answers}; places left as they were: ${kept.length}`,
  ]
}
