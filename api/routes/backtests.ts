import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Backtests, Backtest as KnownBacktest } from '../../analytics/backtests.ts'
import { Identifier } from '../../core/identifier.ts'
import { severities } from '../../core/severity.ts'
import { problems } from '../problem.ts'
import { Instant, RuleScope, RuleSettings } from '../schemas.ts'

const tags = ['rules']

const BacktestRequest = z
  .strictObject({
    scope: RuleScope.describe('Where the changed settings would hold: these devices are replayed'),
    enabled: z.boolean().nullable().optional(),
    settings: RuleSettings.optional(),
    from: Instant,
    to: Instant.describe('Exclusive'),
    warmUpDays: z.number().min(0).max(60).default(7).describe('How long before `from` the rule learns'),
  })
  .meta({ id: 'BacktestRequest' })

const Episode = z
  .object({
    deviceId: z.string().nullable(),
    severity: z.enum(severities),
    occurredAt: Instant,
    detectedAt: Instant,
    upgradedAt: Instant.nullable(),
    clearedAt: Instant.nullable(),
    order: z.enum(['emergency', 'planned']).nullable(),
    summary: z.string(),
  })
  .meta({ id: 'BacktestEpisode' })

const Totals = z
  .object({
    episodes: z.int(),
    emergencyOrders: z.int(),
    plannedOrders: z.int(),
    ordersPerDay: z.number(),
    devicesWithOrders: z.int(),
  })
  .meta({ id: 'BacktestTotals' })

const shownAtMost = 1_000

const Backtest = z
  .object({
    id: z.string(),
    finding: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
    startedAt: Instant,
    endedAt: Instant.nullable(),
    progress: z.object({ devicesDone: z.int(), devices: z.int(), readings: z.int() }).nullable(),
    error: z.string().nullable(),
    result: z
      .object({
        devices: z.int(),
        readings: z.int(),
        late: z
          .int()
          .nullable()
          .describe(
            'Of them, those that came after newer ones and were left out, as live; null when the store does not know',
          ),
        current: Totals.describe('With the settings in force'),
        proposed: Totals.describe('With the changed ones'),
        same: z.int().describe('Found alike by both'),
        cameCount: z.int(),
        goneCount: z.int(),
        movedCount: z.int(),
        came: z
          .array(Episode)
          .describe(`Only the changed settings find it; the first ${shownAtMost}, as of the lists below`),
        gone: z.array(Episode).describe('Only the settings in force find it'),
        moved: z
          .array(z.object({ current: Episode, proposed: Episode }))
          .describe('At another time or of another severity'),
        happened: z
          .object({
            incidents: z.int(),
            orders: z.int(),
            outcomes: z.record(z.string(), z.int()).readonly(),
            falseAlarmsGone: z.int(),
            confirmedGone: z.int(),
          })
          .describe('What really came of this finding on these devices in the period'),
      })
      .nullable(),
  })
  .meta({ id: 'Backtest' })

const RuleParams = z.object({ kind: Identifier, name: Identifier })
const BacktestParams = z.object({ id: z.guid() })

export const backtestRoutes: FastifyPluginAsyncZod<{ backtests: Backtests }> = async (app, { backtests }) => {
  app.post(
    '/rules/:kind/:name/backtest',
    {
      schema: {
        tags,
        summary: 'Replays a stored period through changed settings: which orders would have come, gone or moved',
        params: RuleParams,
        body: BacktestRequest,
        response: { 202: Backtest, ...problems(404) },
      },
    },
    async ({ params: { kind, name }, body }, reply) => {
      const backtest = await backtests.start(`${kind}/${name}`, body)
      return reply.code(202).header('location', `/api/v1/backtests/${backtest.id}`).send(shown(backtest))
    },
  )

  app.get(
    '/backtests/:id',
    {
      schema: {
        tags,
        summary: 'How far it is, or what came out',
        params: BacktestParams,
        response: { 200: Backtest, ...problems(404) },
      },
    },
    async ({ params: { id } }) => shown(backtests.get(id)),
  )

  app.post(
    '/backtests/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Ends a back-test that waits or runs',
        params: BacktestParams,
        response: { 200: Backtest, ...problems(404) },
      },
    },
    async ({ params: { id } }) => shown(backtests.cancel(id)),
  )
}

function shown({ result, ...backtest }: KnownBacktest) {
  if (result === null) return { ...backtest, result }
  const { came, gone, moved } = result
  const counts = { cameCount: came.length, goneCount: gone.length, movedCount: moved.length }
  const lists = {
    came: came.slice(0, shownAtMost),
    gone: gone.slice(0, shownAtMost),
    moved: moved.slice(0, shownAtMost),
  }
  return { ...backtest, result: { ...result, ...counts, ...lists } }
}
