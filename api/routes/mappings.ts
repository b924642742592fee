import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Clock } from '../../core/clock.ts'
import type { MappingSample, TryMapping } from '../../core/mapping.ts'
import type { Sight } from '../../core/sight.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { problems } from '../problem.ts'
import {
  GatewayMapping,
  IdentifierParams,
  MappingQuery,
  MappingTrial,
  MappingTrialAnswer,
  NewGatewayMapping,
} from '../schemas.ts'
import { forRoles, installers } from '../scope.ts'

const tags = ['gateways']
/** Of the quarantine, where each may have 64 KiB. */
const triedOfQuarantine = 10

export const mappingRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  registry: Registry
  tryMapping: TryMapping
  refusedMessages: (gatewayId: string) => readonly MappingSample[]
  kinds: readonly DeviceKind[]
  clock: Clock
}> = async (app, { operations, registry, tryMapping, refusedMessages, kinds, clock }) => {
  const metrics = Object.fromEntries(kinds.map(({ id, telemetry }) => [id, Object.keys(telemetry.shape)]))

  app.get(
    '/gateways/:id/mapping',
    {
      config: forRoles('gateway', installers),
      schema: {
        tags,
        summary: 'How what it says in its own words is read: the version in force, or an earlier one',
        params: IdentifierParams,
        querystring: MappingQuery,
        response: { 200: GatewayMapping, ...problems(404) },
      },
    },
    async ({ params: { id }, query: { version } }) => ({ ...(await registry.mappingOf(id, version)), metrics }),
  )

  app.put(
    '/gateways/:id/mapping',
    {
      config: forRoles('gateway', installers),
      schema: {
        tags,
        summary: 'Saves a version of its mapping, in force for what it publishes from now on; null switches it off',
        params: IdentifierParams,
        body: NewGatewayMapping,
        response: { 200: GatewayMapping, ...problems(404, 409) },
      },
    },
    async ({ params: { id }, body, actor }) => ({ ...(await registry.saveMapping(id, body, actor)), metrics }),
  )

  app.post(
    '/gateways/:id/mapping/try',
    {
      config: forRoles('gateway', installers),
      schema: {
        tags,
        summary: 'What a mapping would make of messages: nothing is stored, and none is in force for it',
        params: IdentifierParams,
        body: MappingTrial,
        response: { 200: MappingTrialAnswer, ...problems(404) },
      },
    },
    async ({ params: { id }, body: { mapping, samples }, sight }) => {
      const tried = samples === undefined ? await lastOf(id, sight) : samples.map(given)
      const results = await tryMapping(id, mapping, tried)
      const items = results.map(({ isMapped, readings, faults }, index) => ({
        ...(tried[index] as Tried),
        payload: Buffer.from(tried[index]?.payload ?? []).toString(),
        ...{ isMapped, readings: [...readings], faults: [...faults] },
      }))
      return { items }
    },
  )

  type Tried = MappingSample & { readonly source: 'given' | 'refused' | 'quarantine' }

  function given({ topic, payload }: { topic: string; payload: string }): Tried {
    return { source: 'given', topic, payload: Buffer.from(payload), receivedAt: clock() }
  }

  /** What was refused at the door, and what a mapping before this one did not understand; newest first of each. */
  async function lastOf(gatewayId: string, sight: Sight): Promise<Tried[]> {
    const { items } = await operations.quarantine({ gatewayId, isMapped: true, limit: triedOfQuarantine, sight })
    return [
      ...refusedMessages(gatewayId).map((sample) => ({ source: 'refused' as const, ...sample })),
      ...items.map(({ topic, raw, receivedAt }) => ({
        ...{ source: 'quarantine' as const, topic: topic ?? '', payload: raw, receivedAt },
      })),
    ]
  }
}
