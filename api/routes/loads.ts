import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Clock, dayMs, minuteMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { localDate, shanghai, startOfDate } from '../../core/local-time.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ReadingStore } from '../../stores/readings/port.ts'
import { problems } from '../problem.ts'
import { IdentifierParams } from '../schemas.ts'
import { everyone, forRoles } from '../scope.ts'

const minutesPerDay = dayMs / minuteMs

const LoadsQuery = z.strictObject({
  day: z.iso.date().optional().describe('In Asia/Shanghai; yesterday when it is not said'),
})

const RanLoads = z
  .object({
    day: z.iso.date(),
    minutes: z.int().describe('Of the day, how many have a reading'),
    baseWatts: z.number().describe('What ran all day, not taken apart'),
    loads: z
      .array(
        z.object({
          kind: z.string().nullable().describe('Null when unsure'),
          probability: z.number(),
          watts: z.number(),
          kilowattHours: z.number(),
          runs: z
            .array(z.object({ from: z.int(), to: z.int() }))
            .readonly()
            .describe('Minutes of the day'),
        }),
      )
      .readonly()
      .describe('The largest energy first'),
  })
  .meta({ id: 'RanLoads' })

export const loadRoutes: FastifyPluginAsyncZod<{
  operations: Operations
  readings: Pick<ReadingStore, 'downsampled'>
  kinds: readonly DeviceKind[]
  clock: Clock
}> = async (app, { operations, readings, kinds, clock }) => {
  app.get(
    '/devices/:id/loads',
    {
      config: forRoles('device', everyone),
      schema: {
        tags: ['devices'],
        summary: 'Which kinds of appliance ran behind it on a day, from its power by the minute',
        description:
          'A guess from the shape of the curve (devices/electricity-meter/loads/README.md), never a reason for an order.',
        params: IdentifierParams,
        querystring: LoadsQuery,
        response: { 200: RanLoads, ...problems(404) },
      },
    },
    async ({ params: { id }, query }) => {
      const device = await operations.device(id)
      if (device === undefined) throw new ExpectedError('not-found', `There is no device ${id}`)
      const loads = kinds.find((kind) => kind.id === device.kind)?.loads
      if (loads === undefined)
        throw new ExpectedError('not-found', `No loads are seen behind a device of kind ${device.kind}`)

      const day = query.day ?? localDate(clock() - dayMs, shanghai)
      const from = startOfDate(day, shanghai)
      const asked = { deviceId: id, kind: device.kind, from, to: from + dayMs, metric: loads.metric, stepSeconds: 60 }
      const minuteWatts: (number | null)[] = Array.from({ length: minutesPerDay }, () => null)
      for (const { at, mean } of await readings.downsampled(asked)) minuteWatts[(at - from) / minuteMs] = mean
      const minutes = minuteWatts.filter((watts) => watts !== null).length
      return { day, minutes, ...loads.ofDay(minuteWatts) }
    },
  )
}
