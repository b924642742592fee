import type { Command } from 'commander'
import { csvFile } from './input.ts'
import { print } from './output.ts'
import { connectService } from './service.ts'

interface ImportOptions {
  kind?: string
  apply?: boolean
  charset: string
  json?: boolean
}

interface ImportResult {
  kind: string
  applied: boolean
  counts: { create: number; change: number; unchanged: number; error: number }
  lines: {
    line: number
    id: string
    action: 'create' | 'change' | 'unchanged' | 'error'
    changes: { field: string; from: unknown; to: unknown }[]
    faults: { path: string; message: string }[]
  }[]
}

const linesShown = 50

/** Below `parent`: of the program, and of its words `device` and `site`. */
export function importCommand(parent: Command): void {
  parent
    .command('import <file>')
    .description('Sites, devices, contacts or contracts from a CSV file: shows what it would do; --apply does it')
    .option('--kind <kind>', 'sites, devices, contacts or contracts, when the columns do not say it')
    .option('--apply', 'do it: all lines or, when one has a fault, none')
    .option('--charset <name>', 'how the file is written, such as gb18030 of a Chinese Excel', 'utf-8')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt import sites.csv\n  liftwatt import sites.csv --apply')
    .action(async (file: string, { kind, apply = false, charset, json = false }: ImportOptions) => {
      const csv = csvFile(file, charset)
      const query = new URLSearchParams({ apply: String(apply), ...(kind !== undefined && { kind }) })
      const content = { type: 'text/csv', body: csv }
      const result = await connectService(process.env).send<ImportResult>('POST', `/import?${query}`, content)
      print(json, result, linesOf(result))
      if (result.counts.error > 0) process.exitCode = 2
    })
}

function linesOf({ kind, applied, counts, lines }: ImportResult): string[] {
  const { create, change, unchanged, error } = counts
  const telling = lines.filter(({ action }) => action !== 'unchanged')
  // faults first: they are what a person must do something about
  const ordered = [...telling].sort((one, other) => Number(other.action === 'error') - Number(one.action === 'error'))
  const shown = ordered.slice(0, linesShown).map(({ line, id, action, changes, faults }) => {
    const what = [
      ...changes.map(({ field, from, to }) => `${field} ${JSON.stringify(from)} → ${JSON.stringify(to)}`),
      ...faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)),
    ]
    return `line ${line}\t${action}\t${id}\t${what.join('; ')}`.trimEnd()
  })
  return [
    ...shown,
    ...(ordered.length > linesShown ? [`… and ${ordered.length - linesShown} more lines (--json shows all)`] : []),
    `${kind}: ${create} to create, ${change} to change, ${unchanged} unchanged, ${error} with faults`,
    applied
      ? 'Done.'
      : error > 0
        ? 'Nothing was written: mend the faults first.'
        : 'Nothing was written; --apply does it.',
  ]
}
