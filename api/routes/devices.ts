import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Clock } from '../../core/clock.ts'
import type { Device as KnownDevice } from '../../core/device.ts'
import { ExpectedError } from '../../core/errors.ts'
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
  NewDevice,
  pageOf,
} from '../schemas.ts'

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
  clock: Clock
}> = async (app, { operations, readings, registry, rulesOff, clock }) => {
  const shown = (device: RegisteredDevice) => ({ ...device, rulesOff: rulesOff(device) })

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
      return { items: (await withParties(items)).map(shown), nextCursor }
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
      const device = await known(id)
      const [registered = { maintainerId: null, insurerId: null, ...device }] = await withParties([device])
      return { ...shown(registered), ...(await lastOf(device)) }
    },
  )

  app.get(
    '/devices/:id/history',
    {
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
