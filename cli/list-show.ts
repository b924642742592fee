import type { Command } from 'commander'
import { identifier, print } from './output.ts'
import { connectService } from './service.ts'

/** What was typed behind a word. */
export interface Typed {
  readonly json?: boolean
  readonly [option: string]: string | boolean | undefined
}

type Cell = string | number | null
export type Filter = readonly [flags: string, description: string]

/** The word `list` of a kind of thing: every page of it, a line each. */
export function listWord<Row>(
  parent: Command,
  list: {
    readonly path: string
    readonly description: string
    readonly filters: readonly Filter[]
    /** Options that the API calls otherwise. */
    readonly apiNames?: Readonly<Record<string, string>>
    readonly example: string
    /** What is said where there is none. */
    readonly none: string
    readonly cells: (row: Row) => readonly Cell[]
  },
): void {
  const { path, description, filters, apiNames, example, none, cells } = list
  const word = parent.command('list').description(description)
  for (const filter of filters) word.option(...filter)
  word
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action(async ({ json, ...options }: Typed) => {
      const query = new URLSearchParams(named(options, apiNames))
      const rows = await connectService(process.env).list<Row>(`${path}?${query}`)
      print(json === true, rows, rows.length > 0 ? rows.map((row) => line(cells(row))) : [none])
    })
}

/** The word `show` of a kind of thing: a line for each of its fields. */
export function showWord(
  parent: Command,
  show: {
    readonly description: string
    /** As the API has it, under `/api/v1`. */
    readonly path: (id: string) => string
    readonly id?: string
    readonly example: string
  },
): void {
  const { description, path, id: argument = '<id>', example } = show
  parent
    .command(`show ${argument}`)
    .description(description)
    .option('--json', 'as JSON')
    .addHelpText('after', `\nExample:\n  ${example}`)
    .action(async (id: string, { json }: Typed) => {
      const shown = path(identifier(argument, id))
      const thing = await connectService(process.env).request<object>('GET', shown)
      print(json === true, thing, fieldsOf(thing))
    })
}

/** Options by the names of the API. */
export function named(
  options: Readonly<Record<string, unknown>>,
  apiNames: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [apiNames[name] ?? name, String(value)]))
}

/** What nobody knows is a dash. */
export function line(cells: readonly Cell[]): string {
  return cells.map((cell) => cell ?? '-').join('\t')
}

export function fieldsOf(thing: object): string[] {
  return Object.entries(thing).map(([name, value]) =>
    line([name, typeof value === 'object' && value !== null ? JSON.stringify(value) : value]),
  )
}
