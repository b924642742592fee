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
        description: `Without \`step\`: every stored reading, paged, never thinned out; \`{at, value}\` with one \`metric\`,
\`{at, values}\` with several (\`metric=a,b\`) or all. With \`step\`: windows of so many seconds, aligned to
1970-01-01T00:00:00Z, empty ones left out, all on one page; at most 2,000, and without \`from\` the newest 2,000. Of one
metric \`{at, mean, min, max, last, count}\`, of several \`{at, metrics: {a: {mean, …}, b: …}}\`.`,
        params: IdentifierParams,
        querystring: ReadingsQuery,
        response: { 200: Readings, ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => {
      const device = await operations.device(id)
      if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
      for (const metric of query.metric ?? []) checkMetric(kinds, device.kind, metric)
      const asked = { deviceId: id, kind: device.kind, ...rangeOf(query, clock()) }
      return query.step === undefined ? stored(readings, asked, query) : downsampled(readings, asked, query)
    },
  )
}

type Query = z.output<typeof ReadingsQuery>

function checkMetric(kinds: readonly DeviceKind[], kindId: string, metric: string): void {
  const shape = kinds.find((kind) => kind.id === kindId)?.telemetry.shape ?? {}
  if (Object.hasOwn(shape, metric)) return
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
  const { metric: metrics = [], limit } = query
  const [only] = metrics.length === 1 ? metrics : []
  const from = Math.max(range.from, cursorTime(query.cursor))
  const found = await readings.between({
    ...range,
    from,
    limit: limit + 1,
    ...(only !== undefined && { metric: only }),
  })
  const page = found.slice(0, limit)
  const next = found[limit]
  const nextCursor = next === undefined ? null : String(next.at)
  if (only !== undefined) {
    const items = page.flatMap(({ at, values: { [only]: value } }) => (value === undefined ? [] : [{ at, value }]))
    return { items, nextCursor }
  }
  const items = page.flatMap(({ at, values }) => {
    const wanted = metrics.length === 0 ? { ...values } : namedIn(values, metrics)
    return Object.keys(wanted).length === 0 ? [] : [{ at, values: wanted }]
  })
  return { items, nextCursor }
}

function namedIn<V>(values: Readonly<Record<string, V | undefined>>, names: readonly string[]): Record<string, V> {
  const named: Record<string, V> = {}
  for (const name of names) {
    const value = values[name]
    if (value !== undefined) named[name] = value
  }
  return named
}

/** A cursor is the time of the next reading: what arrives late, before it, does not shift the pages. */
function cursorTime(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (!/^\d{1,15}$/.test(cursor)) throw new ExpectedError('invalid', 'cursor: is not one that this list answered')
  return Number(cursor)
}

async function downsampled(readings: Pick<ReadingStore, 'downsampled'>, range: RangeQuery, query: Query) {
  const { metric: metrics, step = 1 } = query
  if (metrics === undefined) throw new ExpectedError('invalid', 'metric: is needed with step')
  if (query.cursor !== undefined) throw new ExpectedError('invalid', 'cursor: with step all windows are on one page')
  if (bucketsIn(range, step) > mostBuckets) {
    const fits = `the smallest step that fits this range is ${smallestStep(range)}`
    throw new ExpectedError('invalid', `step: more than ${mostBuckets} windows; ${fits}`)
  }
  const bucketsOf = (metric: string) => readings.downsampled({ ...range, metric, stepSeconds: step })
  const [first = '', ...others] = metrics
  if (others.length === 0) return { items: await bucketsOf(first), nextCursor: null }
  const each = await Promise.all(metrics.map(async (metric) => ({ metric, buckets: await bucketsOf(metric) })))
  return { items: sideBySide(each), nextCursor: null }
}

/** Windows of several metrics, oldest first. */
function sideBySide<Bucket extends { readonly at: number }>(
  each: readonly { metric: string; buckets: readonly Bucket[] }[],
) {
  const windows = new Map<number, Record<string, Omit<Bucket, 'at'>>>()
  for (const { metric, buckets } of each) {
    for (const { at, ...summary } of buckets) {
      const metrics = windows.get(at) ?? {}
      windows.set(at, metrics)
      metrics[metric] = summary
    }
  }
  return [...windows].map(([at, metrics]) => ({ at, metrics })).sort((one, other) => one.at - other.at)
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
