import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Device as KnownDevice } from '../../core/device.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ReadingStore } from '../../stores/readings/port.ts'
import { pageRequest } from '../page-request.ts'
import { problems } from '../problem.ts'
import { Device, DeviceDetail, DevicesQuery, DeviceUpdate, IdentifierParams, NewDevice, pageOf } from '../schemas.ts'

const tags = ['devices']

/** Rules of the device's kind that are off, and the facts that would switch them on. */
export type RulesOff = (
  device: KnownDevice,
) => readonly { readonly finding: string; readonly missingFacts: readonly string[] }[]

export const deviceRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  readings: Pick<ReadingStore, 'last'>
  registry: Registry
  rulesOff: RulesOff
}> = async (app, { operations, readings, registry, rulesOff }) => {
  const shown = (device: KnownDevice) => ({ ...device, rulesOff: rulesOff(device) })

  app.post(
    '/devices',
    {
      schema: {
        tags,
        summary: 'Adds a device to a gateway; each wrong fact is named',
        body: NewDevice,
        response: { 201: Device, ...problems(409) },
      },
    },
    async ({ body, actor }, reply) => {
      const device = await registry.addDevice(body, actor)
      return reply.code(201).header('location', `/api/v1/devices/${device.id}`).send(shown(device))
    },
  )

  app.get(
    '/devices',
    {
      schema: {
        tags,
        summary: 'All devices, by id',
        querystring: DevicesQuery,
        response: { 200: pageOf(Device), ...problems() },
      },
    },
    async ({ query }) => {
      const { items, nextCursor } = await operations.devices(pageRequest(query))
      return { items: items.map(shown), nextCursor }
    },
  )

  app.get(
    '/devices/:id',
    {
      schema: {
        tags,
        summary: 'One device: its facts, what was last heard of it, and which rules are off for want of a fact',
        params: IdentifierParams,
        response: { 200: DeviceDetail, ...problems(404) },
      },
    },
    async ({ params: { id } }) => {
      const device = await operations.device(id)
      if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
      return { ...shown(device), last: (await readings.last(id, device.kind)) ?? null }
    },
  )

  app.patch(
    '/devices/:id',
    {
      schema: {
        tags,
        summary:
          'Changes what is named and leaves the rest; a device can move to another gateway, never to another kind',
        params: IdentifierParams,
        body: DeviceUpdate,
        response: { 200: Device, ...problems(404) },
      },
    },
    async ({ params, body, actor }) => shown(await registry.updateDevice(params.id, body, actor)),
  )
}
