import { z } from 'zod'
import { checkReachable, safeFetch } from '../../notices/safe-fetch.ts'
import { jsonOf, reachOf, statusProblem, webShape } from '../http.ts'
import { type Delivery, defineChannel, type Message } from '../port.ts'
import { hideQuery, hideValues } from '../secrets.ts'
import { fill, placeholdersOf } from './template.ts'

const Template = z.string().max(8_000)
const HeaderName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'is not the name of a header')
const HeaderValue = z.string().regex(/^[\x20-\x7e]{0,2000}$/, 'must be visible ASCII')
/** The request is ours to frame. */
const ownHeaders = ['host', 'content-length', 'connection', 'transfer-encoding']

/**
 * One HTTP request per notice, as a template: for any provider of text messages or voice calls, which wake a crew at 02:00.
 * `{{title}}`, `{{text}}`, `{{address}}` … are filled in, escaped for where they stand; secrets are kept apart from it, as
 * `{{secret.name}}`.
 */
export const httpTemplate = defineChannel({
  type: 'http-template',
  settings: z
    .strictObject({
      ...webShape,
      url: webShape.url.describe('May hold placeholders, after the host'),
      method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
      headers: z
        .record(HeaderName, HeaderValue)
        .refine((headers) => Object.keys(headers).every((name) => !ownHeaders.includes(name.toLowerCase())), {
          error: `must not set ${ownHeaders.join(', ')}`,
        })
        .default({}),
      body: Template.default('').describe('JSON, or a form when Content-Type says application/x-www-form-urlencoded'),
      secrets: z.record(z.string().regex(/^[A-Za-z0-9_]{1,64}$/), HeaderValue).default({}),
      success: z
        .strictObject({
          status: z.array(z.int().min(200).max(299)).min(1).optional().describe('Any 2xx when absent'),
          json: z
            .strictObject({
              path: z.string().regex(/^[\w-]+(\.[\w-]+)*$/, 'must be like result.code'),
              equals: z.union([z.string(), z.number(), z.boolean()]),
            })
            .optional()
            .describe('Providers that answer 200 to everything say it in the body'),
        })
        .default({}),
    })
    .superRefine((settings, context) => {
      for (const { path, message } of faultsOf(settings)) context.addIssue({ code: 'custom', path: [path], message })
    }),
  hide: { url: hideQuery, headers: hideValues, secrets: hideValues },
  check: (settings, tools) => checkReachable(requestOf(settings, sample).url, reachOf(settings, tools)),

  open: (settings, tools) => ({
    async send(message, { signal }) {
      const needed = placeholdersOf(settings.url + settings.body)
      if (needed.includes('address') && message.address === null) {
        return { outcome: 'refused', reason: 'no phone number is named for this recipient' }
      }
      const { url, headers, body } = requestOf(settings, message)
      const { method } = settings
      const answer = await safeFetch(url, { method, headers, body, signal }, reachOf(settings, tools))
      return deliveryOf(answer, settings.success)
    },
  }),
})

interface Settings {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly secrets: Readonly<Record<string, string>>
}

type Success = {
  readonly status?: readonly number[] | undefined
  readonly json?: { path: string; equals: unknown } | undefined
}

function requestOf(settings: Settings, message: Message) {
  const values = valuesOf(settings, message)
  const isForm = contentTypeOf(settings).startsWith('application/x-www-form-urlencoded')
  const headers = Object.entries(settings.headers).map(([name, value]) => [name, fill(value, values, 'header')])
  return {
    url: fill(settings.url, values, 'url'),
    headers: { 'content-type': contentTypeOf(settings), ...Object.fromEntries(headers) } as Record<string, string>,
    body: fill(settings.body, values, isForm ? 'url' : 'json'),
  }
}

function contentTypeOf({ headers }: Settings): string {
  const given = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')
  return given?.[1] ?? 'application/json; charset=utf-8'
}

/** What may stand between the braces. */
function valuesOf({ secrets }: Settings, message: Message): Readonly<Record<string, string>> {
  const { key, reason, severity, locale, address, name, title, lines, link, data } = message
  const text = lines.join('\n')
  const told = { key, reason, severity, locale, address: address ?? '', name, title, text, link: link ?? '' }
  const { orderId = '', deviceId = '', finding = '', where = '' } = data
  const facts = { orderId, deviceId, finding, where }
  const named = Object.entries(secrets).map(([secret, value]) => [`secret.${secret}`, value])
  const all = { ...told, ...facts, ...Object.fromEntries(named) }
  return Object.fromEntries(Object.entries(all).map(([placeholder, value]) => [placeholder, String(value)]))
}

function deliveryOf(answer: { status: number; headers: object; body: string }, success: Success): Delivery {
  const problem = statusProblem({ ...answer, headers: { ...answer.headers } })
  if (problem !== undefined) return problem
  if (success.status !== undefined && !success.status.includes(answer.status)) {
    return { outcome: 'retry', reason: `it answered ${answer.status}` }
  }
  if (success.json === undefined) return { outcome: 'delivered' }
  const { path, equals } = success.json
  const found = path
    .split('.')
    .reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], jsonOf(answer.body))
  if (found === equals) return { outcome: 'delivered' }
  return { outcome: 'retry', reason: `it answered ${path} = ${JSON.stringify(found)}: ${answer.body.slice(0, 200)}` }
}

/** What can be found wrong without sending anything. */
function faultsOf(settings: Settings): { path: string; message: string }[] {
  const known = Object.keys(valuesOf(settings, sample))
  const parts = { url: settings.url, body: settings.body, headers: Object.values(settings.headers).join(' ') }
  const faults = Object.entries(parts).flatMap(([path, text]) =>
    placeholdersOf(text)
      .filter((placeholder) => !known.includes(placeholder))
      .map((placeholder) => ({ path, message: `{{${placeholder}}} is not one of ${known.join(', ')}` })),
  )
  if (faults.length > 0) return faults
  if (/^[^/]*\/\/[^/]*\{\{/.test(settings.url))
    return [{ path: 'url', message: 'the host must not hold a placeholder' }]
  const isJson = contentTypeOf(settings).startsWith('application/json')
  if (!isJson || settings.body === '' || jsonOf(requestOf(settings, sample).body) !== undefined) return []
  return [{ path: 'body', message: 'is not JSON once it is filled in; placeholders stand inside of quotes' }]
}

const sample: Message = {
  key: 'key',
  reason: 'test',
  severity: 'info',
  locale: 'en',
  address: '13800000000',
  name: 'name',
  at: 0,
  title: '"title"',
  lines: ['line\n'],
  link: 'https://liftwatt.example/o/token',
  linkText: 'open',
  data: {},
}
