import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'

/** Of every command that runs a labelled set: both are required. */
export interface BenchSetOptions {
  /** Folder of the set, with a `set.json`. */
  readonly data: string
  /** Folder that the outputs go to; made when missing. */
  readonly out: string
}

const description = z.looseObject({ kind: z.string(), name: z.string() })
export type BenchSet = z.infer<typeof description> & { readonly folder: string }

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** @throws {Error} the folder has no readable `set.json`, or it is a set of another kind */
export function openSet(folder: string, kind: string): BenchSet {
  const path = join(folder, 'set.json')
  if (!existsSync(path)) throw new Error(`--data: there is no set.json in ${resolve(folder)}`)
  const set = description.parse(JSON.parse(readFileSync(path, 'utf8')))
  if (set.kind !== kind) throw new Error(`--data: ${path} is a set of kind "${set.kind}", not "${kind}"`)
  return { ...set, folder }
}

/** Paths of the CSV files below `<folder>/data`, sorted. */
export function dataFiles({ folder }: BenchSet): string[] {
  return readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.csv'))
    .sort()
}

/** @throws {Error} the file is missing, empty or has rows of different lengths */
export function readTable(path: string, separator = ','): Table {
  const parsed: string[][] = parse(readFileSync(path), { delimiter: separator, bom: true, trim: true })
  const [header, ...rows] = parsed
  if (header === undefined) throw new Error(`${path} is empty`)
  return { header, rows }
}

/** @throws {Error} the column is not there */
export function columnOf({ header }: Table, name: string, path: string): number {
  const index = header.indexOf(name)
  if (index < 0) throw new Error(`${path}: there is no column "${name}", only ${header.join(', ')}`)
  return index
}

/** Writes one output; `path` is relative to `out`. */
export function writeTable(out: string, path: string, table: Table): void {
  const file = join(out, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, [table.header, ...table.rows].map((row) => `${row.join(',')}\n`).join(''))
}

/**
 * What the sets' own scorer says of `out`: `score.mjs` beside the set's folder. Null where there is none; a set without labels
 * is the caller's to recognise.
 *
 * @throws {Error} it refuses the outputs
 */
export function scoreOutputs({ folder }: BenchSet, out: string, more: readonly string[] = []): string | null {
  const scorer = join(folder, '..', 'score.mjs')
  if (!existsSync(scorer)) return null
  const { status, stdout, stderr } = spawnSync(process.execPath, [scorer, folder, out, ...more], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${scorer} refuses ${out}: ${stderr || stdout}`)
  return stdout
}
