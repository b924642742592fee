import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { dayMs } from '../core/clock.ts'
import { reasonOf } from '../core/errors.ts'
import { reportFormats } from '../core/report.ts'
import { type Locale, locales } from '../core/words.ts'
import { timeOf } from './backtest.ts'
import { interrupted, positive } from './options.ts'
import { identifier, print, UsageError } from './output.ts'
import { connectService, type ServiceClient } from './service.ts'

interface ReportRow {
  id: string
  type: string
  from: string
  to: string
  asOf: string | null
  state: 'waiting' | 'done' | 'failed'
  error: string | null
  summary: Record<Locale, string[]> | null
  files?: { name: string; format: string; locale: string; bytes: number }[]
}

interface ShareRow {
  id: string
  url: string
  expiresAt: string
}

interface ScheduleRow {
  id: string
  type: string
  filter: Record<string, string>
  recipients: { name: string }[]
  since: string
  endedAt: string | null
}

interface FilesOptions {
  out: string
  format?: string
  locale?: string
  json?: boolean
}

interface FilterOptions {
  insurer?: string
  maintainer?: string
  site?: string
}

const lookEveryMs = 500

export function reportCommands(program: Command): void {
  const report = program
    .command('report')
    .description("The insurer's quality reports: PDF, Excel and CSV, in Chinese and English")
    .addHelpText('after', '\nExample:\n  liftwatt report make 2026-11 --insurer picc --format pdf --out reports')

  filtered(report.command('make <period>'))
    .description('Make the report of a month or a quarter, and save its files')
    .option('--as-of <time>', 'as it was known then; the same data give the same bytes')
    .option('--out <folder>', 'where the files go', '.')
    .option('--format <format>', `only this one of ${reportFormats.join(', ')}`)
    .option('--locale <language>', `only this one of ${locales.join(', ')}`)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt report make 2026-Q4 --insurer picc --locale zh-CN --out reports')
    .action(async (period: string, options: FilesOptions & FilterOptions & { asOf?: string }) => {
      checkFiles(options)
      const asOf = options.asOf === undefined ? {} : { asOf: timeOf(options.asOf, '--as-of') }
      const service = connectService(process.env)
      const asked = await service.request<ReportRow>('POST', '/quality/reports', {
        ...{ period, ...asOf, ...filterOf(options) },
      })
      await save(service, await whenMade(service, asked.id), options)
    })

  report
    .command('get <id>')
    .description('Save the files of a report that was made before')
    .option('--out <folder>', 'where the files go', '.')
    .option('--format <format>', `only this one of ${reportFormats.join(', ')}`)
    .option('--locale <language>', `only this one of ${locales.join(', ')}`)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt report get 6f1c1f0e-58a1-4d8f-9d3c-2b1f6a7c8d90 --format xlsx')
    .action(async (id: string, options: FilesOptions) => {
      checkFiles(options)
      const service = connectService(process.env)
      await save(service, await whenMade(service, id), options)
    })

  report
    .command('list')
    .description('Reports, newest first')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt report list')
    .action(async (options: { json?: boolean }) => {
      const reports = await connectService(process.env).list<ReportRow>('/quality/reports')
      const lines = reports.map(({ id, type, from, to, state, error }) =>
        [id, type, `${from} – ${to}`, state, error ?? ''].join('  ').trimEnd(),
      )
      print(options.json === true, reports, lines.length > 0 ? lines : ['No report yet.'])
    })

  shareCommands(report)
  scheduleCommands(report)
}

function shareCommands(report: Command): void {
  report
    .command('share <id>')
    .description('A link by which somebody without an account reads this one report')
    .requiredOption('--for <name>', 'whom it is for')
    .option('--days <n>', 'how long it opens it', '30')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt report share 6f1c1f0e-58a1-4d8f-9d3c-2b1f6a7c8d90 --for "Cuiyuan Street"',
    )
    .action(async (id: string, options: { for: string; days: string; json?: boolean }) => {
      const expiresAt = new Date(Date.now() + positive('--days', options.days) * dayMs).toISOString()
      const body = { name: options.for, expiresAt }
      const path = `/quality/reports/${encodeURIComponent(id)}/shares`
      const share = await connectService(process.env).request<ShareRow>('POST', path, body)
      print(options.json === true, share, [
        share.url,
        `until ${share.expiresAt}; to revoke it: liftwatt report unshare ${share.id}`,
      ])
    })

  report
    .command('unshare <share>')
    .description('Revoke a link: it opens nothing any more')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt report unshare 0a4f0c1e-7d55-4c3a-9a53-5b0c6f2e1d77')
    .action(async (id: string, options: { json?: boolean }) => {
      await connectService(process.env).request('DELETE', `/quality/report-shares/${encodeURIComponent(id)}`)
      print(options.json === true, { id, revoked: true }, [`Link ${id} opens nothing any more.`])
    })
}

function scheduleCommands(report: Command): void {
  filtered(report.command('schedule <type>'))
    .description('A report of every month (monthly) or quarter (quarterly), sent to people as a link')
    .option('--to <channel:address:name...>', 'whom it is sent to; the address may be empty')
    .option('--locale <language>', `in which they are told: ${locales.join(', ')}`, 'zh-CN')
    .option('--since <time>', 'the first period is the one around this; the running one, if it is not said')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt report schedule monthly --insurer picc --to "mail:sun.li@example.org:Sun Li"',
    )
    .action(
      async (
        type: string,
        options: FilterOptions & { to?: string[]; locale: string; since?: string; json?: boolean },
      ) => {
        const body = {
          ...{
            type,
            ...filterOf(options),
            recipients: (options.to ?? []).map((to) => recipientOf(to, options.locale)),
          },
          ...(options.since !== undefined && { since: timeOf(options.since, '--since') }),
        }
        const made = await connectService(process.env).request<ScheduleRow>('POST', '/quality/report-schedules', body)
        print(options.json === true, made, [`Schedule ${made.id}: ${type}, from ${made.since} on`])
      },
    )

  report
    .command('schedules')
    .description('Schedules, newest first; also those that have ended')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt report schedules')
    .action(async (options: { json?: boolean }) => {
      const schedules = await connectService(process.env).list<ScheduleRow>('/quality/report-schedules')
      const lines = schedules.map(({ id, type, filter, recipients, endedAt }) => {
        const of = Object.values(filter).join(', ') || 'everything'
        const to = recipients.map(({ name }) => name).join(', ') || 'nobody'
        return `${id}  ${type}  of ${of}  to ${to}${endedAt === null ? '' : `  ended ${endedAt}`}`
      })
      print(options.json === true, schedules, lines.length > 0 ? lines : ['No schedule yet.'])
    })

  report
    .command('unschedule <schedule>')
    .description('End a schedule; what it made stays')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt report unschedule 0a4f0c1e-7d55-4c3a-9a53-5b0c6f2e1d77')
    .action(async (id: string, options: { json?: boolean }) => {
      await connectService(process.env).request('DELETE', `/quality/report-schedules/${encodeURIComponent(id)}`)
      print(options.json === true, { id, ended: true }, [`Schedule ${id} has ended.`])
    })
}

function filtered(command: Command): Command {
  return command
    .option('--insurer <team>', 'only what this company insures')
    .option('--maintainer <team>', 'only what this company maintains')
    .option('--site <id>', 'only what is at this place')
}

function filterOf({ insurer, maintainer, site }: FilterOptions) {
  return {
    ...(insurer !== undefined && { insurerId: identifier('--insurer', insurer) }),
    ...(maintainer !== undefined && { maintainerId: identifier('--maintainer', maintainer) }),
    ...(site !== undefined && { siteId: identifier('--site', site) }),
  }
}

/** @throws {UsageError} */
function recipientOf(text: string, locale: string) {
  const [, channelId = '', address = '', name = ''] = /^([^:]+):(.*):([^:]+)$/.exec(text) ?? []
  if (channelId === '')
    throw new UsageError(`--to is channel:address:name, such as "mail:li@example.org:Li", not "${text}"`)
  return { channelId, name, locale, address: address === '' ? null : address }
}

/** @throws {UsageError} */
function checkFiles({ format, locale }: FilesOptions): void {
  mustBeOneOf('--format', format, reportFormats)
  mustBeOneOf('--locale', locale, locales)
}

function mustBeOneOf(option: string, given: string | undefined, known: readonly string[]): void {
  if (given !== undefined && !known.includes(given))
    throw new UsageError(`${option} is one of ${known.join(', ')}, not "${given}"`)
}

/** Until it is there; it goes on without us when we are interrupted. @throws {Error} it could not be made */
async function whenMade(service: Pick<ServiceClient, 'request'>, id: string): Promise<ReportRow> {
  const signal = interrupted()
  for (;;) {
    const report = await service.request<ReportRow>('GET', `/quality/reports/${encodeURIComponent(id)}`)
    if (report.state === 'done') return report
    if (report.state === 'failed') throw new Error(`The report could not be made: ${report.error}`)
    if (signal.aborted) throw new Error(`It is still being made. Its files: liftwatt report get ${id}`)
    await delay(lookEveryMs)
  }
}

async function save(service: ServiceClient, report: ReportRow, options: FilesOptions): Promise<void> {
  const { out, format, locale } = options
  const wanted = (report.files ?? []).filter(
    (file) => (format ?? file.format) === file.format && (locale ?? file.locale) === file.locale,
  )
  const saved: string[] = []
  for (const { name } of wanted) {
    const bytes = await service.download(`/quality/reports/${report.id}/files/${encodeURIComponent(name)}`)
    const path = join(out, basename(name))
    try {
      mkdirSync(out, { recursive: true })
      writeFileSync(path, bytes)
    } catch (cause) {
      throw new Error(`${path} cannot be written: ${reasonOf(cause)}`)
    }
    saved.push(path)
  }
  const said = report.summary?.[locale === 'zh-CN' ? 'zh-CN' : 'en'] ?? []
  print(options.json === true, { ...report, saved }, [`Report ${report.id}, as of ${report.asOf}`, ...said, ...saved])
}
