import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Clock } from '../../core/clock.ts'
import type { Device } from '../../core/device.ts'
import { inPlainWords } from '../../core/issue-words.ts'
import { reportKinds } from '../../core/lift-report.ts'
import { plainText } from '../../core/plain-text.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { Operations } from '../../stores/operations/port.ts'
import type { ReadingStore } from '../../stores/readings/port.ts'
import type { WorkOrders } from '../../workorders/life/act.ts'
import type { OrderLinks } from '../../workorders/notices/order-link.ts'
import { createLiftCodes, liftKeyOf } from '../lift-codes.ts'
import { createKeptNotices, LiftNotice } from '../lift-notice.ts'
import { liftLook, liftPage, noLiftPage } from '../lift-page.ts'
import { createLiftReceipts } from '../lift-receipt.ts'
import { createLiftReports, type Taken } from '../lift-reports.ts'
import { acceptForms, languageFor, sendPage } from '../page.ts'
import { pageRequest } from '../page-request.ts'
import { problems, sendProblem, sendWrongBody } from '../problem.ts'
import { pageOf, pageShape } from '../schemas/shared.ts'
import { forRoles, installers } from '../scope.ts'

interface Options {
  readonly operations: Operations
  readonly readings: Pick<ReadingStore, 'last'>
  readonly kinds: readonly DeviceKind[]
  readonly workOrders: Pick<WorkOrders, 'openByHand'>
  readonly links: OrderLinks
  readonly publicUrl?: string | undefined
  readonly clock: Clock
}

/** Only these are carried by the public, and have a notice in their car. */
const labelledKind = 'elevator'

/** 500 characters are 4,500 bytes in Chinese. */
const reportBytes = 8 * 1024

/** As a form sends it, where nothing is said as "". No help is refused for how somebody writes: what is too long is cut. */
const Report = z.object({ kind: z.enum(reportKinds), words: anyText(500), phone: anyText(60, 'NFKC') })

/** @param form as in `String.normalize`: an input method may write full-width digits */
function anyText(maxCharacters: number, form: 'NFC' | 'NFKC' = 'NFC') {
  const tidy = (text: string) =>
    [...plainText(text.normalize(form).replaceAll('\0', '')).trim()].slice(0, maxCharacters).join('')
  return z
    .string()
    .transform((text) => tidy(text) || undefined)
    .optional()
    .catch(undefined)
}

/**
 * The page behind the QR code in a lift: for anybody, and readable without its script. There is no session, so a form of
 * a foreign page gains nothing by being sent here. What it tells and what a report does: `lift-notice.ts`, `lift-reports.ts`.
 */
export const publicLiftRoutes: FastifyPluginAsyncZod<Options> = async (app, options) => {
  const { operations } = options
  const config = { public: true } as const
  const schema = { hide: true }
  const key = liftKeyOf(options.links)
  const codes = createLiftCodes(key)
  const receipts = createLiftReceipts(key, options.clock)
  const reports = createLiftReports(options)
  const notices = createKeptNotices(options)
  acceptForms(app, reportBytes)

  /** A code that is wrong and one whose lift is gone or retired are answered alike. */
  async function lift(code: string): Promise<Device | undefined> {
    const id = codes.deviceOf(code)
    const device = id === undefined ? undefined : await operations.device(id)
    return device?.kind === labelledKind && device.retiredAt == null ? device : undefined
  }

  async function show(request: FastifyRequest, reply: FastifyReply, device: Device, said?: Taken | 'wrong') {
    const language = languageFor(request)
    const notice = await notices.of(device)
    const page = liftPage({ language, notice, path: `/l/${codes.codeOf(device.id)}`, said })
    return sendPage(reply, liftLook, language, page)
  }

  app.get<{ Params: { code: string }; Querystring: Record<string, unknown> }>(
    '/l/:code',
    { config, schema },
    async (request, reply) => {
      const device = await lift(request.params.code)
      if (device === undefined) return sendNoLift(request, reply)
      return show(request, reply, device, receipts.toldBy(device.id, request.query))
    },
  )

  app.get<{ Params: { code: string } }>('/l/:code/lift.json', { config, schema }, async (request, reply) => {
    const device = await lift(request.params.code)
    if (device === undefined) return sendProblem(reply, 'not-found', 'This code is of no lift')
    return reply.send(z.encode(LiftNotice, await notices.of(device)))
  })

  app.post<{ Params: { code: string }; Body: unknown }>(
    '/l/:code/reports',
    { config: { ...config, ownLimit: true }, schema, bodyLimit: reportBytes },
    async (request, reply) => {
      const device = await lift(request.params.code)
      const isForm = !request.headers['content-type']?.startsWith('application/json')
      if (device === undefined) {
        return isForm ? sendNoLift(request, reply) : sendProblem(reply, 'not-found', 'This code is of no lift')
      }
      const report = Report.safeParse(request.body, { error: inPlainWords })
      if (!report.success) {
        if (isForm) return show(request, reply.code(400), device, 'wrong')
        return sendWrongBody(reply, report.error)
      }
      const { kind, words, phone } = report.data
      const taken = await reports.take({ deviceId: device.id, address: request.ip, kind, words, phone })
      notices.forget(device)
      if (!isForm) {
        return taken === 'too-many'
          ? sendProblem(reply, 'too-many-requests', 'Too much was reported here: call the emergency number')
          : reply.send({ taken })
      }
      if (taken === 'too-many') return show(request, reply.code(429), device, taken)
      // sent again by a reload it would be another report
      const told = `lang=${languageFor(request)}&${receipts.queryOf(device.id, taken)}`
      return reply.redirect(`/l/${codes.codeOf(device.id)}?${told}`, 303)
    },
  )
}

function sendNoLift(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageFor(request)
  return sendPage(reply.code(404), liftLook, language, noLiftPage(language))
}

const Label = z.object({
  deviceId: z.string(),
  name: z.string().nullable(),
  place: z.string().nullable(),
  url: z.string().describe('What the QR code says'),
})

/** What hangs in each lift, for whoever prints it. */
export const labelRoutes: FastifyPluginAsyncZod<Options> = async (app, { operations, links, publicUrl }) => {
  const codes = createLiftCodes(liftKeyOf(links))

  app.get(
    '/labels',
    {
      config: forRoles(null, installers),
      schema: {
        tags: ['devices'],
        summary: 'The label of each lift: its place and the address of its public page, by device id',
        querystring: z.strictObject(pageShape),
        response: { 200: pageOf(Label), ...problems() },
      },
    },
    async (request) => {
      const { query, sight } = request
      const { items, nextCursor } = await operations.devices({ ...pageRequest(query), sight, kind: labelledKind })
      const base = publicUrl?.replace(/\/+$/, '') ?? `${request.protocol}://${request.host}`
      const places = new Map<string, string>()
      for (const siteId of new Set(items.flatMap(({ siteId }) => (siteId === null ? [] : [siteId])))) {
        const path = (await operations.sitesAbove(siteId)).map(({ name }) => name).reverse()
        places.set(siteId, path.join(' / '))
      }
      return {
        nextCursor,
        items: items.map(({ id, name, siteId }) => ({
          deviceId: id,
          name,
          place: (siteId && places.get(siteId)) || null,
          url: `${base}/l/${codes.codeOf(id)}`,
        })),
      }
    },
  )
}
