import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { HealthWatch } from '../../analytics/health.ts'
import type { Clock } from '../../core/clock.ts'
import type { Device as KnownDevice } from '../../core/device.ts'
import { ExpectedError } from '../../core/errors.ts'
import { type Sight, sightOf } from '../../core/sight.ts'
import { WrongFields } from '../../registry/fields.ts'
import type { RegisteredDevice, Registry } from '../../registry/registry.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ReadingStore } from '../../stores/readings/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import {
  Device,
  DeviceDetail,
  DevicesQuery,
  DeviceUpdate,
  HistoryEntry,
  HistoryQuery,
  IdentifierParams,
  ListedDevice,
  NewDevice,
  pageOf,
  RetireQuery,
} from '../schemas.ts'
import { everyone, forRoles, installers, operators } from '../scope.ts'

const tags = ['devices']

/** Rules of the device's kind that are off, and the facts that would switch them on. */
export type RulesOff = (
  device: KnownDevice,
) => readonly { readonly finding: string; readonly missingFacts: readonly string[] }[]

export const deviceRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  readings: Pick<ReadingStore, 'last'>
  healthWatch: Pick<HealthWatch, 'lastHeard'>
  registry: Registry
  rulesOff: RulesOff
  clock: Clock
}> = async (app, { operations, readings, healthWatch, registry, rulesOff, clock }) => {
  const shown = (device: RegisteredDevice) => ({
    ...device,
    retiredAt: device.retiredAt ?? null,
    rulesOff: rulesOff(device),
  })

  async function withParties(devices: readonly KnownDevice[]): Promise<RegisteredDevice[]> {
    const parties = await operations.partiesOf(
      devices.map(({ id }) => id),
      clock(),
    )
    return devices.map((device) => ({ maintainerId: null, insurerId: null, ...device, ...parties.get(device.id) }))
  }

  async function known(id: string): Promise<KnownDevice> {
    const device = await operations.device(id)
    if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
    return device
  }

  /** The device itself is in another store: an unknown reading hides none of it. */
  async function lastOf({ id, kind }: KnownDevice) {
    try {
      return { last: (await readings.last(id, kind)) ?? null }
    } catch (cause) {
      if (!(cause instanceof ExpectedError) || cause.code !== 'unavailable') throw cause
      return { last: null, lastUnknown: 'The history of readings does not answer at the moment' }
    }
  }

  const sees = ({ sight }: FastifyRequest, id: string) => operations.sees(sight, 'device', id)

  async function mayAdd(request: FastifyRequest, device: z.output<typeof NewDevice>): Promise<void> {
    // one that is retired comes back by it, with all that is kept of it: for whoever sees that
    const isTheirs = (await operations.device(device.id)) === undefined || (await sees(request, device.id))
    if (!isTheirs) throw new ExpectedError('already-exists', `A device ${device.id} exists already`)
    await request.mustSee('site', device.siteId, 'siteId')
    await mayChange(request, device, (asOperator) => operations.sees(asOperator, 'site', device.siteId ?? ''))
  }

  async function mayUpdate(request: FastifyRequest, id: string, update: z.output<typeof DeviceUpdate>): Promise<void> {
    if (update.siteId !== undefined) await request.mustSee('site', update.siteId, 'siteId')
    await mayChange(request, update, (asOperator) => operations.sees(asOperator, 'device', id))
  }

  /** What a device names must be theirs; who answers for it, and so may see it, is for an operator there to say. */
  async function mayChange(
    request: FastifyRequest,
    { gatewayId, feederId, maintainerId, insurerId }: z.output<typeof DeviceUpdate>,
    isOperatorOfIt: (asOperator: Sight) => Promise<boolean>,
  ): Promise<void> {
    const { sight, viewer } = request
    if (sight === 'everything') return
    if (gatewayId !== undefined) await request.mustSee('gateway', gatewayId, 'gatewayId')
    const isNewFeeder = feederId != null && !(await operations.sees('everything', 'feeder', feederId))
    if (feederId != null && !isNewFeeder) await request.mustSee('feeder', feederId, 'feederId')
    for (const [path, teamId] of Object.entries({ maintainerId, insurerId })) {
      if (teamId === undefined) continue
      if (!(await isOperatorOfIt(sightOf(viewer.memberships, operators)))) {
        throw new WrongFields([{ path, message: 'is for an operator to say' }])
      }
      if (teamId !== null) await request.mustSee('team', teamId, path)
    }
  }

  app.post(
    '/devices',
    {
      config: forRoles(null, installers),
      schema: {
        tags,
        summary:
          'Adds a device to a gateway, or takes a retired one back into service: what is not given is as it was then. Each wrong fact is named',
        body: NewDevice,
        response: { 201: Device, ...problems(409) },
      },
    },
    async (request, reply) => {
      const { body, actor } = request
      await mayAdd(request, body)
      const device = await registry.addDevice(body, actor)
      return reply.code(201).header('location', `/api/v1/devices/${device.id}`).send(shown(device))
    },
  )

  app.get(
    '/devices',
    {
      config: forRoles(null, everyone),
      schema: {
        tags,
        summary: 'Devices in service, or those that are retired; where asked for, when each was last heard; by id',
        querystring: DevicesQuery,
        response: { 200: pageOf(ListedDevice), ...problems() },
      },
    },
    async ({ query, sight }) => {
      const { retired, lastHeard, ...wanted } = pageRequest(query)
      const { items, nextCursor } = await operations.devices({ ...wanted, sight, ...(retired && { retired: 'only' }) })
      const ids = items.map(({ id }) => id)
      const [devices, heard] = await Promise.all([
        withParties(items),
        lastHeard ? healthWatch.lastHeard(ids) : undefined,
      ])
      const heardAt = (id: string) => heard && { lastHeardAt: heard.get(id) ?? null }
      return { items: devices.map((device) => ({ ...shown(device), ...heardAt(device.id) })), nextCursor }
    },
  )

  app.get(
    '/devices/:id',
    {
      config: forRoles('device', everyone),
      schema: {
        tags,
        summary: 'One device: its facts, what was last heard of it, and which rules are off for want of a fact',
        params: IdentifierParams,
        response: { 200: DeviceDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const device = await known(id)
      const [registered = { maintainerId: null, insurerId: null, ...device }] = await withParties([device])
      return { ...shown(registered), ...(await lastOf(device)) }
    },
  )

  app.get(
    '/devices/:id/history',
    {
      config: forRoles('device', installers),
      schema: {
        tags,
        summary: 'What was changed of it, by whom and when, newest first',
        params: IdentifierParams,
        querystring: HistoryQuery,
        response: { 200: pageOf(HistoryEntry), ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => {
      await known(id)
      return operations.history('device', id, pageRequest(query))
    },
  )

  app.patch(
    '/devices/:id',
    {
      config: forRoles('device', installers),
      schema: {
        tags,
        summary:
          'Changes what is named and leaves the rest; a device can move to another gateway, never to another kind',
        params: IdentifierParams,
        body: DeviceUpdate,
        response: { 200: Device, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { params, body, actor } = request
      await mayUpdate(request, params.id, body)
      return shown(await registry.updateDevice(params.id, body, actor))
    },
  )

  app.delete(
    '/devices/:id',
    {
      config: forRoles('device', installers),
      schema: {
        tags,
        summary:
          'Retires a device: nothing that is sent for it is taken any more, and it is silent for nobody. Readings, incidents, orders and evidence stay',
        description: 'Refused while an order for it is open. To take it back into service, add it again.',
        params: IdentifierParams,
        querystring: RetireQuery,
        response: { 204: z.undefined().describe('It is retired'), ...problems(404, 409) },
      },
    },
    async ({ params, query, actor }, reply) => {
      await registry.retireDevice(params.id, query.reason, actor)
      return reply.code(204).send()
    },
  )
}
