import { ExpectedError } from '../../core/errors.ts'
import type { Sample } from '../../core/inspection.ts'
import type { Sight } from '../../core/sight.ts'
import type { Operations, Page, PageRequest, SampleHead } from '../../stores/operations/port.ts'
import { mixed, rankOf } from './sample.ts'

/** What somebody may know of a sample: how large a portfolio is, is known to whoever sees all of it. */
export type ShownSample = Omit<SampleHead, 'count' | 'populationSize'> & {
  readonly count: number | null
  readonly populationSize: number | null
}

export function shownTo(sight: Sight, sample: SampleHead): ShownSample {
  return seesWhole(sight, sample) ? sample : { ...sample, count: null, populationSize: null }
}

export function headOf({ population: _, seed, cutOff, ...rest }: Sample): SampleHead {
  const isRevealed = rest.revealedAt !== null
  const secrets = { seed: isRevealed ? seed : null, cutOff: isRevealed ? cutOff : null }
  return { ...rest, ...secrets }
}

export interface Sampled {
  readonly deviceId: string
  /** Null until the sample is revealed, both. */
  readonly rank: string | null
  readonly drawn: boolean | null
}

/**
 * Who could be drawn and, once the seed is revealed, who was: by id, those of this sight.
 * @throws {ExpectedError} `not-found`
 */
export async function sampledElevators(
  operations: Operations,
  id: string,
  sight: Sight,
  page: PageRequest,
): Promise<Page<Sampled>> {
  const sample = await operations.sample(id)
  if (sample === undefined) throw new ExpectedError('not-found', `There is no sample ${id}`)
  const { items, nextCursor } = seesWhole(sight, sample)
    ? pageIn(sample.population, page)
    : await pageInSight(operations, sample.population, sight, page)
  return { items: items.map((deviceId) => sampledOf(sample, deviceId)), nextCursor }
}

function sampledOf({ seed, publicValue, month, cutOff, revealedAt }: Sample, deviceId: string): Sampled {
  if (revealedAt === null) return { deviceId, rank: null, drawn: null }
  const rank = rankOf(mixed(seed, publicValue), month, deviceId)
  return { deviceId, rank, drawn: cutOff !== null && rank <= cutOff }
}

function pageIn(population: readonly string[], { limit, after = '' }: PageRequest): Page<string> {
  const left = population.filter((id) => id > after)
  const items = left.slice(0, limit)
  return { items, nextCursor: left.length > limit ? (items.at(-1) ?? null) : null }
}

/** A page of what somebody sees may hold few that could be drawn, and go on all the same. */
async function pageInSight(operations: Operations, population: readonly string[], sight: Sight, page: PageRequest) {
  const known = new Set(population)
  const { items, nextCursor } = await operations.devices({ ...page, sight, kind: 'elevator', retired: 'too' })
  return { items: items.map(({ id }) => id).filter((id) => known.has(id)), nextCursor }
}

function seesWhole(sight: Sight, { insurerId }: Pick<Sample, 'insurerId'>): boolean {
  return sight === 'everything' || sight.insurers.includes(insurerId)
}
