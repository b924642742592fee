import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Rule as KnownRule, outOfRange, type Rules } from '../../analytics/rules.ts'
import { Identifier } from '../../core/identifier.ts'
import { ruleScopeTypes, settingRanges } from '../../core/rule.ts'
import { severities } from '../../core/severity.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { Instant, pageOf, pageShape } from '../schemas.ts'

const tags = ['rules']

const Scope = z.strictObject({
  type: z
    .enum(ruleScopeTypes)
    .describe('The narrower one wins: device over site, the nearer site over the farther, site over kind'),
  id: Identifier,
})

export const Settings = z.record(z.string().max(100), z.unknown())

export const RuleChange = z
  .object({
    version: z.int().describe('Rises with every change of any rule; an incident names the one that found it'),
    finding: z.string(),
    scope: Scope,
    enabled: z.boolean().nullable().describe('Null = as in the wider scope'),
    settings: Settings.describe('Those that differ from the wider scope'),
    at: Instant,
    actor: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'RuleChange' })

const Rule = z
  .object({
    finding: z.string(),
    kind: z.string(),
    finds: z.string(),
    severities: z.array(z.enum(severities)).readonly(),
    source: z.string().describe('Where its formulas and limits come from'),
    traps: z.array(z.string()).readonly().describe('What looks like it and is none'),
    reads: z.array(z.string()).readonly().describe('Metrics without which it sees nothing'),
    mayRead: z.array(z.string()).readonly().describe('Metrics that it uses when they are there'),
    needs: z.array(z.string()).readonly().describe('Facts of the device without which it is off'),
    clears: z.boolean().describe('Whether data end it; else people do'),
    forecasts: z.boolean().describe('Whether it says how long something that wears will last'),
    defaults: Settings.describe('Settings as they ship'),
    ranges: z
      .record(z.string(), z.object({ least: z.number(), most: z.number(), whole: z.boolean() }))
      .describe('What each number among them may be, both ends included'),
    changes: z.array(RuleChange).readonly().describe('What people set, one of each scope'),
    outOfRange: z
      .array(z.object({ version: z.int(), setting: z.string(), message: z.string() }))
      .describe('What is set and would be refused now; it stays in force until somebody sets it again'),
    runbook: z.string().describe('The page that says what to do'),
  })
  .meta({ id: 'Rule' })

const InForce = z.object({ enabled: z.boolean(), settings: Settings, version: z.int() })
const RuleDetail = Rule.extend({ inForce: InForce.nullable().describe('For `deviceId`') }).meta({ id: 'RuleDetail' })

const NewRuleChange = z
  .strictObject({
    scope: Scope,
    enabled: z.boolean().nullable().optional(),
    settings: Settings.optional().describe(
      'All that differ from the wider scope; what is not named is inherited again',
    ),
    reason: z.string().trim().min(1).max(500),
  })
  .meta({ id: 'NewRuleChange' })

const RuleParams = z.object({ kind: Identifier, name: Identifier })
const DeviceQuery = z.strictObject({ deviceId: Identifier.optional() })
const ChangesQuery = z.strictObject({
  ...pageShape,
  scopeType: z.enum(ruleScopeTypes).optional(),
  scopeId: Identifier.optional(),
})

export const ruleRoutes: FastifyPluginAsyncZod<{ rules: Rules }> = async (app, { rules }) => {
  app.get(
    '/rules',
    {
      schema: {
        tags,
        summary: 'Every finding: what raises it and with which settings',
        response: { 200: pageOf(Rule), ...problems() },
      },
    },
    async () => ({ items: (await rules.list()).map(shown), nextCursor: null }),
  )

  app.get(
    '/rules/:kind/:name',
    {
      schema: {
        tags,
        summary: 'One finding; with `deviceId`, as it is for that device',
        params: RuleParams,
        querystring: DeviceQuery,
        response: { 200: RuleDetail, ...problems(404) },
      },
    },
    async ({ params, query: { deviceId } }) => {
      const finding = findingOf(params)
      const inForce = deviceId === undefined ? null : await rules.forDevice(finding, deviceId)
      return { ...shown(await rules.get(finding)), inForce }
    },
  )

  app.get(
    '/rules/:kind/:name/changes',
    {
      schema: {
        tags,
        summary: 'What people changed about it, newest first',
        params: RuleParams,
        querystring: ChangesQuery,
        response: { 200: pageOf(RuleChange), ...problems(404) },
      },
    },
    async ({ params, query: { scopeType: type, scopeId: id, ...page } }) => {
      const scope = type !== undefined && id !== undefined ? { scope: { type, id } } : {}
      return rules.history(findingOf(params), { ...pageRequest(page), ...scope })
    },
  )

  app.post(
    '/rules/:kind/:name/changes',
    {
      schema: {
        tags,
        summary:
          'Changes it for a kind, a site or a device; refused with each wrong setting named, and then the old version stays',
        params: RuleParams,
        body: NewRuleChange,
        response: { 201: RuleChange, ...problems(404) },
      },
    },
    async ({ params, body, actor }, reply) => reply.code(201).send(await rules.change(findingOf(params), body, actor)),
  )
}

function findingOf({ kind, name }: { kind: string; name: string }): string {
  return `${kind}/${name}`
}

function shown(rule: KnownRule) {
  const { detector, kind, changes } = rule
  const { id: finding, about, reads, mayRead, needs, clears, settings } = detector
  return {
    ...{ finding, kind, ...about, reads, mayRead, needs, clears },
    forecasts: detector.forecast !== undefined,
    defaults: { ...settings },
    ranges: settingRanges(detector),
    changes,
    outOfRange: outOfRange(rule),
    runbook: `docs/runbooks/${finding.replace('/', '-')}.md`,
  }
}
