import { Readable } from 'node:stream'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ExpectedError } from '../../core/errors.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import type { Operations } from '../../stores/operations/port.ts'
import {
  createAlertTaker,
  type Alert as ReadAlert,
  type UnreadableAlert,
} from '../../workorders/intake/alertmanager.ts'
import type { WorkOrders } from '../../workorders/life/act.ts'
import { csvOf, jsonOf, orderRecords } from '../../workorders/past/export.ts'
import { mustBeTaken } from '../../workorders/past/past-records.ts'
import { acceptCsv, mostCsvBytes } from '../csv-body.ts'
import { problems, sendProblem } from '../problem.ts'
import {
  Alert,
  AlertmanagerWebhook,
  AlertsTaken,
  Incident,
  mostAlertBytes,
  mostAlerts,
  NewIncident,
  OrdersExportQuery,
  OrdersImport,
  PastRecordsQuery,
  UnreadAlerts,
} from '../schemas.ts'
import { forRoles, watchers } from '../scope.ts'
import { given } from './work-orders.ts'

const tags = ['hand-over']

interface Options {
  readonly operations: Operations
  readonly workOrders: WorkOrders
  /** Of one webhook. */
  readonly alertsAtOnce?: number
}

/** To and from other systems: regulators, camera platforms, hotlines, Alertmanager, the books of before. */
export const handoverRoutes: FastifyPluginAsyncZod<Options> = async (app, options) => {
  const { operations, workOrders } = options
  acceptCsv(app)
  const takeAlerts = createAlertTaker(workOrders, options.alertsAtOnce)

  app.post(
    '/incidents',
    {
      schema: {
        tags,
        summary: 'What another system found: 201 once per source and id, 200 after that (counted, raised, cleared)',
        description: 'An entrapment that somebody is on the way to is joined: 200 with the incident that it joined.',
        body: NewIncident,
        response: { 200: Incident, 201: Incident, ...problems() },
      },
    },
    async ({ body, actor }, reply) => {
      const { incident, created } = await workOrders.report({ ...given(body), actor })
      return reply
        .code(created ? 201 : 200)
        .header('location', `/api/v1/incidents/${incident.id}`)
        .send(incident)
    },
  )

  app.post(
    '/incidents/alertmanager',
    {
      bodyLimit: mostAlertBytes,
      attachValidation: true,
      schema: {
        tags,
        summary: 'Webhook receiver for Prometheus Alertmanager',
        description: `Each alert is one incident from its \`startsAt\` until it is resolved. Labels say what it is about
(\`device_id\`, \`site_id\` or \`gateway_id\`), how bad (\`severity\`: critical, urgent or page, warning, info) and, if you
like, which \`finding\`. Those that cannot be read or name nothing known here are answered 400, each by its place, when all others are done.
Of more than 2,500 those about people who are shut in and what else fits are taken, and answered 503: the same again goes on with the others.`,
        body: AlertmanagerWebhook,
        response: { 200: AlertsTaken, ...problems(413) },
      },
    },
    async ({ body, actor, validationError }, reply) => {
      const told: unknown[] = Array.isArray(body?.alerts) ? body.alerts : []
      if (told.length > mostAlerts) {
        const limit = `A webhook may hold ${mostAlerts} alerts and this one has ${told.length}: none of them was taken`
        return sendProblem(
          reply,
          'too-large',
          `${limit}. Group them by more labels (group_by), so that each group is smaller`,
        )
      }
      const { groupKey = '', alerts } = validationError === undefined ? body : readOneByOne(body, validationError)
      const { taken, left, faults } = await takeAlerts({ groupKey, alerts, actor })
      if (left === 0) return { taken }
      const detail = `${taken} alerts were taken, those about people first; ${left} are left: send the same again`
      return sendProblem(reply, 'unavailable', detail, faults.length > 0 ? { errors: [...faults] } : {})
    },
  )

  app.get(
    '/work-orders/export',
    {
      config: forRoles(null, watchers),
      schema: {
        tags,
        summary: "Orders in the regulators' record, newest first: CSV (times local and in UTC) or JSON",
        querystring: OrdersExportQuery,
        response: {
          200: { description: 'The whole of it, streamed', content: { 'text/csv': { schema: z.unknown() } } },
          ...problems(),
        },
      },
    },
    async ({ query: { format, ...filter }, sight }, reply) => {
      const records = orderRecords(operations, { ...given(filter), sight })
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="work-orders.${format}"`)
        .send(Readable.from(format === 'csv' ? csvOf(records) : jsonOf(records)))
    },
  )

  app.post(
    '/work-orders/import',
    {
      bodyLimit: mostCsvBytes,
      schema: {
        tags,
        summary:
          'Past orders as CSV, in the columns of the export: a preview, or with `apply=true` all of them or none',
        description: `Order numbers that are here already, imported or our own, stay as they are. A \`fault\` that is no finding is
taken as words. With \`apply=true\` a wrong line is a 400 whose \`errors\` name each cell (\`line 3.severity\`).`,
        consumes: ['text/csv'],
        querystring: PastRecordsQuery,
        response: { 200: OrdersImport, ...problems(413) },
      },
    },
    async ({ query: { apply }, body, actor }) => {
      if (typeof body !== 'string') throw new ExpectedError('invalid', 'The body must be a file of type text/csv')
      return mustBeTaken({ apply }, await workOrders.importOrders({ csv: body, apply, actor }))
    },
  )
}

/** @throws {Error} `wrong`, where it is more than single alerts that is wrong */
function readOneByOne(body: unknown, wrong: Error) {
  const { success, data } = UnreadAlerts.safeParse(body)
  if (!success) throw wrong
  const alerts = data.alerts.map((alert, index): ReadAlert | UnreadableAlert => {
    const read = Alert.safeParse(alert, { error: inPlainWords })
    if (read.success) return read.data
    const faults = read.error.issues.map(({ path, message }) => ({
      path: ['alerts', index, ...path].join('.'),
      message,
    }))
    return { faults }
  })
  return { groupKey: data.groupKey, alerts }
}
