import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { type Clock, hourMs, secondMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { RangeQuery, ReadingStore } from '../../stores/readings/port.ts'
import { problems } from '../problem.ts'
import { IdentifierParams, Readings, ReadingsQuery } from '../schemas.ts'
import { everyone, forRoles } from '../scope.ts'

const mostBuckets = 2_000
/** A device's clock may be 5 minutes ahead of ours: nothing that is stored is later than this from now. */
const aheadMs = hourMs

export const readingRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  readings: Pick<ReadingStore, 'between' | 'downsampled'>
  kinds: readonly DeviceKind[]
  clock: Clock
}> = async (app, { operations, readings, kinds, clock }) => {
  app.get(
    '/devices/:id/readings',
    {
      config: forRoles('device', everyone),
      schema: {
        tags: ['devices'],
        summary: 'What a device sent, oldest first; without `from` and `to`, from the first reading to the newest',
        description: `Without \`step\`: every stored reading, paged, never thinned out; \`{at, value}\` with \`metric\`,
\`{at, values}\` without. With \`step\`: windows of so many seconds of one \`metric\`, aligned to 1970-01-01T00:00:00Z, empty
ones left out, all on one page; at most 2,000, and without \`from\` the newest 2,000.`,
        params: IdentifierParams,
        querystring: ReadingsQuery,
        response: { 200: Readings, ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => {
      const device = await operations.device(id)
      if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
      checkMetric(kinds, device.kind, query.metric)
      const asked = { deviceId: id, kind: device.kind, ...rangeOf(query, clock()) }
      return query.step === undefined ? stored(readings, asked, query) : downsampled(readings, asked, query)
    },
  )
}

type Query = z.output<typeof ReadingsQuery>

function checkMetric(kinds: readonly DeviceKind[], kindId: string, metric: string | undefined): void {
  const shape = kinds.find((kind) => kind.id === kindId)?.telemetry.shape ?? {}
  if (metric === undefined || Object.hasOwn(shape, metric)) return
  const known = Object.keys(shape).join(', ')
  throw new ExpectedError('invalid', `metric: a device of kind ${kindId} has no "${metric}"; it has ${known}`)
}

/** ms since 1970. With a step and no `from`, as far back as one answer reaches. */
export function rangeOf(query: Query, now: number): { from: number; to: number } {
  const to = Math.min(query.to ?? Number.POSITIVE_INFINITY, now + (query.step === undefined ? aheadMs : 0))
  const reachMs = (query.step ?? 0) * secondMs * (mostBuckets - 1)
  const from = Math.max(0, query.from ?? (query.step === undefined ? 0 : to - reachMs))
  if (query.from !== undefined && query.to !== undefined && query.from > query.to) {
    throw new ExpectedError('invalid', 'from: must not be later than to')
  }
  return { from, to: Math.max(from, to) }
}

async function stored(readings: Pick<ReadingStore, 'between'>, range: RangeQuery, query: Query) {
  const { metric, limit } = query
  const from = Math.max(range.from, cursorTime(query.cursor))
  const found = await readings.between({ ...range, from, limit: limit + 1, ...(metric !== undefined && { metric }) })
  const page = found.slice(0, limit)
  const next = found[limit]
  return {
    items:
      metric === undefined
        ? page.map(({ at, values }) => ({ at, values: { ...values } }))
        : page.flatMap(({ at, values }) => {
            const value = values[metric]
            return value === undefined ? [] : [{ at, value }]
          }),
    nextCursor: next === undefined ? null : String(next.at),
  }
}

/** A cursor is the time of the next reading: what arrives late, before it, does not shift the pages. */
function cursorTime(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (!/^\d{1,15}$/.test(cursor)) throw new ExpectedError('invalid', 'cursor: is not one that this list answered')
  return Number(cursor)
}

async function downsampled(readings: Pick<ReadingStore, 'downsampled'>, range: RangeQuery, query: Query) {
  const { metric, step = 1 } = query
  if (metric === undefined) throw new ExpectedError('invalid', 'metric: is needed with step')
  if (query.cursor !== undefined) throw new ExpectedError('invalid', 'cursor: with step all windows are on one page')
  if (bucketsIn(range, step) > mostBuckets) {
    const fits = `the smallest step that fits this range is ${smallestStep(range)}`
    throw new ExpectedError('invalid', `step: more than ${mostBuckets} windows; ${fits}`)
  }
  return { items: await readings.downsampled({ ...range, metric, stepSeconds: step }), nextCursor: null }
}

/** How many aligned windows touch the range. */
export function bucketsIn({ from, to }: { from: number; to: number }, stepSeconds: number): number {
  const stepMs = stepSeconds * secondMs
  return Math.ceil(to / stepMs) - Math.floor(from / stepMs)
}

export function smallestStep(range: { from: number; to: number }): number {
  let step = Math.max(1, Math.floor((range.to - range.from) / secondMs / mostBuckets))
  while (bucketsIn(range, step) > mostBuckets) step++
  return step
}
