import { type Clock, dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import {
  defaultIndexWeights,
  type EstateScore,
  estateScore,
  type IndexPart,
  indexParts,
  type PartInput,
} from '../core/estate-index.ts'
import { monthOf, spanOfMonth } from '../core/kpi.ts'
import { addMonths, shanghai, startOfDate } from '../core/local-time.ts'
import type { Sight } from '../core/sight.ts'
import type { EstateHazards, IndexWeights, KpiQuery, Operations } from '../stores/operations/port.ts'
import type { QualityReview, ReviewedGroup } from './review.ts'

/** An order that is open for longer is a hazard that nobody sees to. Unverified default. */
const neglectedAfterMs = 7 * dayMs
/** An inspection speaks for so long: each elevator is seen once a quarter. */
const inspectionMonths = 3

export interface EstateIndex extends EstateScore {
  readonly siteId: string
  readonly name: string | null
  /** In Asia/Shanghai, YYYY-MM. */
  readonly month: string
  readonly weightsVersion: number
}

export interface AskedIndex extends Pick<KpiQuery, 'sight' | 'siteId' | 'insurerId'> {
  readonly month: string
  /** As it was known then, by the weights that held then; undefined = now. */
  readonly asOf?: number | undefined
}

export interface EstateIndices {
  /** Of the estates in sight, the lowest first; those of which too little is known last. */
  ofMonth(asked: AskedIndex): Promise<EstateIndex[]>
  /** Of one estate, the newest month first: always by the weights in force, so that months can be compared. */
  history(siteId: string, months: number, sight: Sight): Promise<EstateIndex[]>
  /** Newest first; the last one is as it ships. */
  weights(): Promise<IndexWeights[]>
  /** @throws {ExpectedError} `already-done` when somebody was faster: `version` is the one that was read */
  putWeights(
    given: { version: number; weights: Readonly<Record<IndexPart, number>>; reason: string },
    actor: string,
  ): Promise<IndexWeights[]>
}

const shipped: IndexWeights = {
  version: 0,
  weights: defaultIndexWeights,
  at: 0,
  actor: 'liftwatt',
  reason: 'As it ships',
}

/** How safe estates are, 0 to 100, from the figures of a month. */
export function createEstateIndices(options: {
  operations: Operations
  review: Pick<QualityReview, 'kpis'>
  clock: Clock
}): EstateIndices {
  const { operations, review, clock } = options

  async function ofMonth({ month, asOf, ...query }: AskedIndex): Promise<EstateIndex[]> {
    const { from, to } = spanOfMonth(month)
    const ask = { ...query, groupBy: 'estate', limit: mostEstates, ...(asOf !== undefined && { asOf }) } as const
    const known = asOf ?? clock()
    const now = Math.min(to, known)
    const since = startOfDate(addMonths(`${month}-01`, 1 - inspectionMonths), shanghai)
    const ofThis = await review.kpis({ ...ask, from, to, kpis: ['mean-health', 'arrived-in-30-minutes'] })
    const inspected = await review.kpis({ ...ask, from: since, to, kpis: ['inspection-score'] })
    const hazards = await operations.estateHazards(query, { from, to: now }, now - neglectedAfterMs, known)
    const { version, weights } = (await operations.indexWeights()).find(({ at }) => at <= known) ?? shipped
    const groupsOf = new Map(ofThis.groups.map((group) => [group.id, group]))
    const inspectedOf = new Map(inspected.groups.map((group) => [group.id, group]))
    return hazards
      .map((hazard): EstateIndex => {
        const { siteId } = hazard
        const inputs = inputsOf(hazard, groupsOf.get(siteId), inspectedOf.get(siteId))
        const name = groupsOf.get(siteId)?.name ?? inspectedOf.get(siteId)?.name ?? null
        return { siteId, name, month, weightsVersion: version, ...estateScore(inputs, complete(weights)) }
      })
      .sort((a, b) => (a.score ?? Infinity) - (b.score ?? Infinity) || (a.siteId < b.siteId ? -1 : 1))
  }

  return {
    ofMonth,
    async history(siteId, months, sight) {
      const site = await operations.site(siteId)
      if (site?.type !== 'estate')
        throw new ExpectedError('invalid', `${siteId} is no estate: only estates have an index`)
      const running = monthOf(clock())
      const indices: EstateIndex[] = []
      for (let back = 0; back < months; back++) {
        const month = addMonths(`${running}-01`, -back).slice(0, 7)
        const found = await ofMonth({ month, sight, siteId })
        indices.push(...found.filter((index) => index.siteId === siteId))
      }
      return indices
    },
    weights: async () => [...(await operations.indexWeights()), shipped],
    putWeights: (given, actor) =>
      operations.transaction(async (unit) => {
        const [before = shipped] = await unit.indexWeights()
        const at = clock()
        const next = { version: before.version + 1, weights: given.weights, at, actor, reason: given.reason }
        if (given.version !== before.version || !(await unit.insertIndexWeights(next))) {
          throw new ExpectedError(
            'already-done',
            `The weights are those of version ${before.version} by now: read them again`,
          )
        }
        const data = { before: before.weights, after: given.weights, reason: given.reason }
        await unit.insertAudit({ at, actor, action: 'index-weights-changed', subject: 'estate-index', data })
        return [...(await unit.indexWeights()), shipped]
      }),
  }
}

const mostEstates = 100_000

function inputsOf(
  hazard: EstateHazards,
  group: ReviewedGroup | undefined,
  inspected: ReviewedGroup | undefined,
): PartInput[] {
  const { devices, neglected, meters, troubledMeters } = hazard
  const health = group?.kpis['mean-health']
  const arrived = group?.kpis['arrived-in-30-minutes']
  const score = inspected?.kpis['inspection-score']
  const well = (part: IndexPart, numerator: number, denominator: number): PartInput => ({
    ...{ part, numerator, denominator },
    score: denominator === 0 ? null : (100 * numerator) / denominator,
  })
  const mean = (part: IndexPart, figure: typeof health): PartInput => ({
    ...{ part, numerator: figure?.numerator ?? 0, denominator: figure?.denominator ?? 0 },
    score: figure?.value ?? null,
  })
  return [
    mean('health', health),
    well('electricity', meters - troubledMeters, meters),
    well('response', arrived?.numerator ?? 0, arrived?.denominator ?? 0),
    well('hazards', devices - neglected, devices),
    mean('inspection', score),
  ]
}

/** Weights of an older version that did not know a part have none for it. */
function complete(weights: Readonly<Record<string, number>>): Record<IndexPart, number> {
  return Object.fromEntries(indexParts.map((part) => [part, weights[part] ?? 0])) as Record<IndexPart, number>
}
