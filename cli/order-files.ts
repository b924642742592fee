import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { csvFile } from './input.ts'
import { line, named, type Typed } from './list-show.ts'
import { apiNames, filters, pathOf } from './order-words.ts'
import { print } from './output.ts'
import { connectService, type ServiceClient } from './service.ts'

interface EvidenceRow {
  part: string
  name: string
  sha256: string
  mediaType: string
  bytes: number
  addedAt: string
}

interface ImportOptions {
  readonly apply?: boolean
  readonly charset: string
  readonly json?: boolean
}

interface Taken {
  orders: number
  created: number
  existing: number
  applied: boolean
  errors: { line: number; column: string | null; message: string }[]
  errorsInAll: number
}

/** The words of an order that are about files: pictures and other evidence, and the books of orders. */
export function orderFileCommands(order: Command): void {
  order
    .command('evidence <id>')
    .description('The files behind an order: pictures, raw windows, facts as they were; --out saves them')
    .option('--out <folder>', 'where each is saved, named by its SHA-256')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt order evidence <id> --out evidence')
    .action(async (id: string, { out, json }: { out?: string; json?: boolean }) => {
      const path = `${pathOf(id)}/evidence`
      const service = connectService(process.env)
      const { items } = await service.request<{ items: EvidenceRow[] }>('GET', path)
      const saved: string[] = []
      if (out !== undefined) for (const file of items) saved.push(await save(service, file, out))
      const lines = items.map(({ part, name, mediaType, bytes, addedAt, sha256 }, index) =>
        line([part, name, mediaType, `${bytes} B`, addedAt, saved[index] ?? sha256]),
      )
      print(json === true, items, lines.length > 0 ? lines : ['Nothing yet.'])
    })

  const exporting = order.command('export').description("Orders in the regulators' record, newest first")
  for (const filter of filters) exporting.option(...filter)
  exporting
    .option('--json', 'as JSON; else as CSV')
    .addHelpText('after', '\nExample:\n  liftwatt order export --from 2026-11-01T00:00:00+08:00 > november.csv')
    .action(async ({ json, ...options }: Typed) => {
      const query = new URLSearchParams({ ...named(options, apiNames), format: json === true ? 'json' : 'csv' })
      process.stdout.write(await connectService(process.env).download(`/work-orders/export?${query}`))
    })

  order
    .command('import <file>')
    .description('Past orders from a CSV file in the columns of the export: shows what it would do; --apply does it')
    .option('--apply', 'do it: all lines or, when one has a fault, none')
    .option('--charset <name>', 'how the file is written, such as gb18030 of a Chinese Excel', 'utf-8')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt order import past.csv\n  liftwatt order import past.csv --apply')
    .action(async (file: string, { apply = false, charset, json = false }: ImportOptions) => {
      const content = { type: 'text/csv', body: csvFile(file, charset) }
      const path = `/work-orders/import?apply=${apply}`
      const taken = await connectService(process.env).send<Taken>('POST', path, content)
      print(json, taken, takenLines(taken))
      if (taken.errorsInAll > 0) process.exitCode = 2
    })
}

async function save(service: ServiceClient, { sha256, mediaType }: EvidenceRow, folder: string): Promise<string> {
  const bytes = await service.download(`/evidence/${sha256}`)
  const path = join(folder, `${sha256}.${/^\w+\/(\w+)/.exec(mediaType)?.[1] ?? 'bin'}`)
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, bytes)
  } catch (cause) {
    throw new Error(`${path} cannot be written: ${reasonOf(cause)}`)
  }
  return path
}

function takenLines({ orders, created, existing, applied, errors, errorsInAll }: Taken): string[] {
  const faults = errors.map(({ line: at, column, message }) => `line ${at}\t${column ?? '-'}\t${message}`)
  const more = errorsInAll > errors.length ? [`… and ${errorsInAll - errors.length} more faults`] : []
  return [
    ...faults,
    ...more,
    `${orders} orders: ${created} ${applied ? 'taken' : 'to take'}, ${existing} there already, ${errorsInAll} faults`,
    applied
      ? 'Done.'
      : errorsInAll > 0
        ? 'Nothing can be taken: mend the faults first.'
        : 'Nothing was written; --apply does it.',
  ]
}
