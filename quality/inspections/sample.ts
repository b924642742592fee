import { createHash } from 'node:crypto'

/*
 * Which elevators are looked at in a month, so that nobody can choose them and everybody can check it.
 *
 * Every elevator has a rank: the SHA-256 of the bytes of `seed`, a line feed, `month`, a line feed and its id (UTF-8, nothing after the
 * last one), in hex. Those with the lowest ranks are drawn. There are no strata: each elevator is as likely as any other. Where a public value
 * is mixed in, it stands with a line feed between the seed and the month's line feed.
 */

/** "2026-12" */
export const monthPattern = /^\d{4}-(?:0[1-9]|1[0-2])$/
/** One line without a control character: it stands alone in what is hashed. */
export const seedPattern = /^[\x21-\x7e]{1,200}$/

/** It stands in a command line as it is. */
export const publicValuePattern = /^[A-Za-z0-9.,:+=/_-]{1,200}$/

/** Seed and public value, as they are ranked with. */
export function mixed(seed: string, publicValue: string | null): string {
  return publicValue === null ? seed : `${seed}\n${publicValue}`
}

export interface Drawn {
  readonly id: string
  readonly rank: string
}

/**
 * Hex. Anybody can do it: `printf '%s\n%s\n%s' "$SEED" 2026-12 elv-42 | sha256sum`
 * @param seed with the public value, if one is mixed in
 */
export function rankOf(seed: string, month: string, id: string): string {
  return sha256Of(`${seed}\n${month}\n${id}`)
}

/**
 * The sample of a month, lowest rank first. Pure.
 * @param population ids, each of which counts once, in any order
 * @param count how many to draw; all of them when there are fewer
 */
export function drawSample(seed: string, month: string, population: readonly string[], count: number): Drawn[] {
  const ranked = [...new Set(population)].map((id) => ({ id, rank: rankOf(seed, month, id) }))
  return lowest(ranked, count)
}

/** Of some and of others, the lowest of all are among the lowest of each: a large population is drawn from a slice at a time. */
export function lowest(drawn: readonly Drawn[], count: number): Drawn[] {
  return drawn.toSorted((one, other) => (one.rank < other.rank ? -1 : 1)).slice(0, Math.max(0, count))
}

/**
 * How many make up a share of a population, rounded up: of a few elevators one is looked at all the same.
 * @param share from 0 to 1; its first four decimals count
 */
export function countOfShare(share: number, population: number): number {
  return Math.ceil((Math.round(share * 10_000) * population) / 10_000)
}

/** What is published of a seed before its month. Hex: `printf %s "$SEED" | sha256sum` */
export function commitmentOf(seed: string): string {
  return sha256Of(seed)
}

/** Of the elevators that may be drawn, each once, sorted by their bytes, each followed by a line feed. Hex: `LC_ALL=C sort -u ids.txt | sha256sum` */
export function populationHash(population: readonly string[]): string {
  return sha256Of(
    [...new Set(population)]
      .sort()
      .map((id) => `${id}\n`)
      .join(''),
  )
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
