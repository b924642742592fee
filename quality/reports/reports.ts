import { schedule } from 'node-cron'
import { type Clock, dayMs, minuteMs } from '../../core/clock.ts'
import { ExpectedError, reasonOf } from '../../core/errors.ts'
import { shanghai } from '../../core/local-time.ts'
import type { Log } from '../../core/log.ts'
import type { Recipient } from '../../core/notice.ts'
import type { KeptReport, ReportRecipient } from '../../core/report.ts'
import type { Sight } from '../../core/sight.ts'
import { type Locale, locales } from '../../core/words.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { gather, type Sources } from './gather.ts'
import { periodText } from './parts.ts'
import type { RenderedFile } from './render.ts'
import type { Report } from './report.ts'
import { type AskedReport, newReport } from './request.ts'
import { mustBeThere, planDue } from './schedules.ts'
import { addShare } from './shares.ts'
import { summaryOf } from './summary.ts'
import { reportWords } from './words.ts'

/** After the night's figures, before the offices open; local time. */
const everyMorning = '30 6 * * *'
/** Of the links in notices. */
const linkLivesMs = 90 * dayMs
/** That were asked for and are not made. */
const mostWaiting = 20
/** Of those, of one person or company's program. Unverified default. */
const mostWaitingEach = 3
const atOnce = 10
/** So long files are kept; what was said and by which bytes stays. Unverified default. */
export const filesKeptMs = 5 * 366 * dayMs
const againAfterMs = minuteMs

/** Reports are asked for here, and made one after the other. */
export interface Reports {
  /** @throws {ExpectedError} `invalid`, naming what is wrong; `unavailable` while too many wait */
  request(asked: AskedReport, by: { readonly actor: string; readonly sight: Sight }): Promise<KeptReport>
  /**
   * One that failed waits again.
   * @throws {ExpectedError} `not-found`; `order-state` when it has not failed; `unavailable` while too many wait
   */
  retry(id: string, actor: string): Promise<KeptReport>
  /** What waits is made; what is due by a schedule, too. */
  wake(): void
}

/** In words, as the outbox takes it. */
export interface ReportNotice {
  readonly title: Readonly<Record<Locale, string>>
  readonly lines: Readonly<Record<Locale, readonly string[]>>
  readonly severity: 'info'
}

export interface ReportOptions extends Omit<Sources, 'operations'> {
  readonly operations: Operations
  /** Resolves once all that is known by now is counted: a report says it for good. */
  readonly figuresCounted: () => Promise<unknown>
  /** The same bytes of the same report; where ingest is not held up. @throws when the signal is aborted */
  readonly render: (report: Report, signal: AbortSignal) => Promise<RenderedFile[]>
  /** Writes a notice to the outbox, in the transaction: the same subject is told once. */
  readonly tell: (
    unit: Operations,
    notice: {
      subject: string
      reason: 'report-ready'
      recipients: readonly Recipient[]
      content: ReportNotice
      now: number
    },
  ) => Promise<unknown>
  /** Something waits in the outbox. */
  readonly wakeOutbox: () => void
  readonly clock: Clock
  readonly log: Log
}

/**
 * Every morning and at the start, and whenever one is asked for: what is due by a schedule is planned, and what waits is made. What waits
 * stands in the database, so that downtime only delays it.
 */
export function createReports(options: ReportOptions): Reports & {
  start(): void
  stop(): Promise<void>
  /** Answers how many were made, or could not be. */
  runOnce(): Promise<number>
} {
  const { operations, clock, log, wakeOutbox } = options
  const stopping = new AbortController()
  let running: Promise<unknown> = Promise.resolve()
  let isStarted = false
  let isNext = false
  let task: ReturnType<typeof schedule> | undefined
  let again: NodeJS.Timeout | undefined

  async function runOnce(): Promise<number> {
    const now = clock()
    await planDue(operations, now)
    const removed = await operations.removeReportFiles(now - filesKeptMs, now)
    if (removed > 0) log.info({ files: removed }, 'files of old reports were removed')
    let made = 0
    for (;;) {
      const some = await operations.waitingReports(atOnce)
      for (const report of some) {
        if (stopping.signal.aborted) return made
        await make(report)
        made++
      }
      if (some.length < atOnce) return made
    }
  }

  async function make(report: KeptReport): Promise<void> {
    try {
      await options.figuresCounted()
      const now = clock()
      stopping.signal.throwIfAborted()
      const plain = await gather(options, report, now)
      const files = await options.render(plain, stopping.signal)
      await operations.transaction((unit) => finish(unit, options, report, { plain, files }))
      wakeOutbox()
      log.info({ report: report.id, ms: clock() - now }, 'a report was made')
    } catch (cause) {
      if (stopping.signal.aborted || (cause instanceof ExpectedError && cause.code === 'unavailable')) throw cause
      // what breaks inside is for the log alone
      const told =
        cause instanceof ExpectedError ? cause.message : 'It could not be made: the log of the service says why'
      await operations.failReport(report.id, told, clock())
      log.warn({ report: report.id, reason: reasonOf(cause) }, 'a report could not be made')
    }
  }

  /** One that waits for the one before is enough. */
  function wake(): void {
    if (!isStarted || isNext || stopping.signal.aborted) return
    isNext = true
    running = running
      .then(() => {
        isNext = false
        return runOnce()
      })
      .catch((cause: unknown) => {
        if (stopping.signal.aborted) return
        log.warn({ reason: reasonOf(cause) }, 'reports were not made: they come again')
        clearTimeout(again)
        again = setTimeout(wake, againAfterMs)
      })
  }

  /** @throws {ExpectedError} `unavailable` */
  async function mustHaveRoom(actor: string): Promise<void> {
    const waiting = await operations.waitingReports(mostWaiting)
    if (waiting.filter(({ requestedBy }) => requestedBy === actor).length >= mostWaitingEach) {
      throw new ExpectedError('unavailable', `${mostWaitingEach} reports of yours are waiting already`)
    }
    if (waiting.length >= mostWaiting) {
      throw new ExpectedError('unavailable', `${mostWaiting} reports are waiting already`)
    }
  }

  return {
    async request(asked, by) {
      const now = clock()
      const report = newReport(asked, { ...by, now })
      if (by.sight === 'everything') await mustBeThere(operations, asked)
      await mustHaveRoom(by.actor)
      const { type, from, to, filter } = report
      await operations.transaction(async (unit) => {
        await unit.insertReport(report)
        const data = { type, from, to, filter }
        await unit.insertAudit({ at: now, actor: by.actor, action: 'report-requested', subject: report.id, data })
      })
      wake()
      return report
    },
    async retry(id, actor) {
      await mustHaveRoom(actor)
      const report = await operations.transaction(async (unit) => {
        const isAgain = await unit.retryReport(id)
        const found = await unit.report(id)
        if (found === undefined) throw new ExpectedError('not-found', `There is no report ${id}`)
        if (!isAgain)
          throw new ExpectedError('order-state', `The report is ${found.state}: only one that failed is tried again`)
        const data = { requestedBy: found.requestedBy }
        await unit.insertAudit({ at: clock(), actor, action: 'report-retried', subject: id, data })
        return found
      })
      wake()
      return report
    },
    wake,
    runOnce,
    start() {
      isStarted = true
      task = schedule(everyMorning, wake, { timezone: shanghai })
      wake()
    },
    async stop() {
      stopping.abort()
      clearTimeout(again)
      await task?.destroy()
      await running
    },
  }
}

/** The report is there, and whoever it is for hears of it: both or neither. */
async function finish(
  unit: Operations,
  options: ReportOptions,
  report: KeptReport,
  { plain, files }: { plain: Report; files: readonly RenderedFile[] },
): Promise<void> {
  const now = options.clock()
  const { asOf, sealed } = plain
  const summary = { 'zh-CN': summaryOf(plain, 'zh-CN'), en: summaryOf(plain, 'en') }
  if (!(await unit.finishReport(report.id, { asOf, sealed, summary, endedAt: now, files }))) return
  const schedule = report.scheduleId === null ? undefined : await unit.reportSchedule(report.scheduleId)
  if (schedule === undefined || schedule.endedAt !== null) return
  for (const recipient of schedule.recipients) {
    const { name } = recipient
    const expiresAt = now + linkLivesMs
    const { token } = await addShare(unit, { reportId: report.id, name, expiresAt, now, actor: 'liftwatt' })
    const subject = `report:${report.id}:${schedule.recipients.indexOf(recipient)}`
    const content = noticeOf(
      plain,
      report.id,
      options.publicUrl === undefined ? null : `${options.publicUrl}/r/${token}`,
    )
    await options.tell(unit, { subject, reason: 'report-ready', recipients: [asRecipient(recipient)], content, now })
  }
}

function asRecipient({ name, channelId, address, locale }: ReportRecipient): Recipient {
  return { party: 'insurer-inspector', teamId: null, memberId: null, name, channelId, address, locale, why: '' }
}

/** @param link null = nobody said under which address people reach the service */
function noticeOf(report: Report, id: string, link: string | null): ReportNotice {
  const of = <T>(say: (locale: Locale) => T) =>
    Object.fromEntries(locales.map((locale) => [locale, say(locale)])) as Record<Locale, T>
  return {
    severity: 'info',
    title: of((locale) => reportWords[locale].title[report.period.type]),
    lines: of((locale) => [
      periodText(report, locale),
      ...report.about,
      ...summaryOf(report, locale).slice(0, sentencesTold),
      link ?? reportWords[locale].noLink(id),
    ]),
  }
}

const sentencesTold = 4
