import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Rule as KnownRule, outOfRange, type Rules } from '../../analytics/rules.ts'
import { Identifier } from '../../core/identifier.ts'
import { ruleScopeTypes, settingRanges } from '../../core/rule.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { pageOf, pageShape, Rule, RuleChange, RuleScope, RuleSettings } from '../schemas.ts'

const tags = ['rules']

const InForce = z.object({ enabled: z.boolean(), settings: RuleSettings, version: z.int() })
const RuleDetail = Rule.extend({ inForce: InForce.nullable().describe('For `deviceId`') }).meta({ id: 'RuleDetail' })

const NewRuleChange = z
  .strictObject({
    scope: RuleScope,
    enabled: z.boolean().nullable().optional(),
    settings: RuleSettings.optional().describe(
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
