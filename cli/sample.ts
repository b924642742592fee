import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { isIdentifier } from '../core/identifier.ts'
import { monthOf } from '../core/kpi.ts'
import {
  commitmentOf,
  countOfShare,
  drawSample,
  mixed,
  monthPattern,
  populationHash,
  publicValuePattern,
  seedPattern,
} from '../quality/inspections/sample.ts'
import { wholeNumber } from './options.ts'
import { print, UsageError } from './output.ts'

interface SampleOptions {
  seed: string
  month: string
  publicValue?: string
  count?: string
  share?: string
  commitment?: string
  population?: string
  json?: boolean
}

export function sampleCommand(program: Command): void {
  program
    .command('sample [ids]')
    .description("Draw a month's sample of elevators again, without a service: lowest ranks first")
    .requiredOption('--seed <seed>', 'as it was revealed: visible ASCII characters')
    .option('--public-value <value>', 'that was mixed in, if one was')
    .option('--month <month>', 'such as 2026-12', monthOf(Date.now()))
    .option('--count <n>', 'how many are drawn; all are ranked, if neither this nor --share is said')
    .option('--share <share>', 'which share of them is drawn, from 0 to 1, rounded up')
    .option('--commitment <sha256>', 'what was published of the seed before the month: exit code 1 when it is another')
    .option('--population <sha256>', 'what was published of the elevators: exit code 1 when they are others')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
One id a line; without a file, or with "-", from standard input. How it is drawn: docs/inspections.md

Example:
  liftwatt sample --seed spring-in-hangzhou --month 2026-12 --share 0.05 elevators.txt`,
    )
    .action((file: string | undefined, options: SampleOptions) => sample(file, options))
}

/** @throws {UsageError}; {Error} when seed or elevators are not those that were committed to */
function sample(file: string | undefined, options: SampleOptions): void {
  const { seed, month, publicValue = null, commitment, population: published } = options
  if (!seedPattern.test(seed)) throw new UsageError('--seed is 1 to 200 visible ASCII characters without a space')
  if (publicValue !== null && !publicValuePattern.test(publicValue))
    throw new UsageError('--public-value is 1 to 200 letters, digits and . , : + = / _ - without a space')
  if (!monthPattern.test(month)) throw new UsageError(`--month is a month such as 2026-12, not "${month}"`)
  const population = idsIn(readIds(file))
  const hashes = { seedSha256: commitmentOf(seed), populationSha256: populationHash(population) }
  mustMatch('seed', hashes.seedSha256, commitment)
  mustMatch('list of elevators', hashes.populationSha256, published)

  const count = countOf(options, population.length)
  const drawn = drawSample(mixed(seed, publicValue), month, population, count)
  const cutOff = drawn.at(-1)?.rank ?? null
  print(options.json === true, { seed, publicValue, month, ...hashes, population: population.length, cutOff, drawn }, [
    ...drawn.map(({ id, rank }) => `${rank}  ${id}`),
    `${drawn.length} of ${population.length} elevators drawn for ${month}`,
    `SHA-256 of the seed       ${hashes.seedSha256}`,
    `SHA-256 of the elevators  ${hashes.populationSha256}`,
  ])
}

function countOf({ count, share }: SampleOptions, population: number): number {
  if (count !== undefined && share !== undefined) throw new UsageError('Either --count or --share, not both')
  if (count !== undefined) return wholeNumber('--count', count)
  if (share === undefined) return population
  const value = Number(share)
  if (!(value >= 0 && value <= 1)) throw new UsageError(`--share is a number from 0 to 1, not "${share}"`)
  return countOfShare(value, population)
}

function readIds(file = '-'): string {
  if (file === '-' && process.stdin.isTTY)
    throw new UsageError('Name a file with one id a line, or send them to standard input')
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${reasonOf(cause)}`)
  }
}

/** Each once. @throws {UsageError} naming the first line that is no id */
function idsIn(text: string): string[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
  const wrong = lines.findIndex((line) => line !== '' && !isIdentifier(line))
  if (wrong >= 0) throw new UsageError(`line ${wrong + 1} is no id of an elevator: "${lines[wrong]?.slice(0, 100)}"`)
  return [...new Set(lines.filter((line) => line !== ''))]
}

function mustMatch(what: string, found: string, published: string | undefined): void {
  if (published === undefined || published.trim().toLowerCase() === found) return
  throw new Error(`The ${what} is not the one that was committed to: its SHA-256 is ${found}`)
}
