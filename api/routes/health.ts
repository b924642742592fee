import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { HealthWatch } from '../../analytics/health.ts'
import { needsWorkBelow } from '../../core/health.ts'
import { problems } from '../problem.ts'
import { IdentifierParams, Instant } from '../schemas.ts'
import { everyone, forRoles, placed } from '../scope.ts'

const Score = z.int().min(0).max(100).nullable().describe('Null while nobody knows: no data is not healthy')
const Coverage = z.number().min(0).max(1).describe('Share of the time for which samples vouch')

const Forecast = z
  .object({
    finding: z.string(),
    quantity: z.string().describe('The metric that wears'),
    level: z.number().describe("Now, in the metric's unit"),
    limit: z.number(),
    at: Instant.describe('Of the newest sample behind it'),
    days: z.number().nullable().describe('From then to the limit; null when the data do not support a forecast'),
    lowDays: z.number().nullable().describe('With `highDays`, the 80 % interval'),
    highDays: z.number().nullable(),
    refused: z.string().optional().describe('Why there is none'),
  })
  .meta({ id: 'WearForecast' })

const DeviceHealth = z
  .object({
    at: Instant,
    score: Score,
    coverage: Coverage,
    parts: z
      .array(
        z.object({
          cause: z.enum(['finding', 'forecast', 'repeats', 'coverage']),
          points: z.number(),
          finding: z.string().nullable(),
          text: z.string(),
        }),
      )
      .readonly()
      .describe('Where each missing point went'),
    forecasts: z.array(Forecast).readonly(),
    history: z
      .array(z.object({ day: z.iso.date(), score: Score, coverage: Coverage }))
      .readonly()
      .describe('The last 90 days, newest first'),
  })
  .meta({ id: 'DeviceHealth' })

const SiteHealth = z
  .object({
    devices: z.int(),
    unknown: z.int(),
    mean: z.number().nullable().describe('Of the scores that are known'),
    lowest: z.number().nullable(),
    needWork: z.int().describe(`How many are below ${needsWorkBelow}`),
  })
  .meta({ id: 'SiteHealth' })

export const healthRoutes: FastifyPluginAsyncZod<{ healthWatch: HealthWatch }> = async (app, { healthWatch }) => {
  app.get(
    '/devices/:id/health',
    {
      config: forRoles('device', everyone),
      schema: {
        tags: ['devices'],
        summary: 'How it is, 0 to 100: each missing point, what will wear out and when, the days before',
        params: IdentifierParams,
        response: { 200: DeviceHealth, ...problems(404) },
      },
    },
    async ({ params: { id } }) => healthWatch.ofDevice(id),
  )

  app.get(
    '/sites/:id/health',
    {
      config: forRoles('site', placed),
      schema: {
        tags: ['sites'],
        summary: 'How the devices in it are',
        params: IdentifierParams,
        response: { 200: SiteHealth, ...problems(404) },
      },
    },
    async ({ params: { id } }) => healthWatch.ofSite(id),
  )
}
