import { randomUUID } from 'node:crypto'
import { type Clock, hourMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { ReportSchedule } from '../../core/report.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { Faulty } from '../inspections/faulty.ts'
import { periodAround, periodsEnded } from './period.ts'
import { narrowed, waiting } from './request.ts'

export type NewSchedule = Pick<ReportSchedule, 'type' | 'filter' | 'recipients'> & {
  /** The period in which this lies is the first; the running one, if it is not said. */
  readonly since?: number | undefined
}

/** Reports that come by themselves. */
export interface ReportSchedules {
  /** @throws {ExpectedError} `invalid`, naming what is wrong */
  add(schedule: NewSchedule, actor: string): Promise<ReportSchedule>
  /** What was made stays. @throws {ExpectedError} `not-found` */
  end(id: string, actor: string): Promise<void>
}

/** After the end of a period: what gateways still had to send has mostly come. Unverified default. */
const settledAfterMs = hourMs
/** How far back a schedule may begin: so many periods. */
const mostPast = 24

export function createReportSchedules(options: { operations: Operations; clock: Clock }): ReportSchedules {
  const { operations, clock } = options
  return {
    add: ({ type, filter, recipients, since }, actor) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const first = periodAround(type, since ?? now).from
        if (periodsEnded(type, first, now).length > mostPast) {
          throw new Faulty([{ path: 'since', message: `is more than ${mostPast} periods ago` }])
        }
        await mustBeThere(unit, { filter, recipients })
        const asked = { type, filter, recipients, sight: narrowed('everything', filter) }
        const times = { createdAt: now, createdBy: actor, since: first, endedAt: null, endedBy: null }
        const schedule = { id: randomUUID(), ...asked, ...times }
        await unit.insertReportSchedule(schedule)
        const data = { type, filter, recipients: recipients.length, since: first }
        await unit.insertAudit({ at: now, actor, action: 'report-schedule-added', subject: schedule.id, data })
        return schedule
      }),

    end: (id, actor) =>
      operations.transaction(async (unit) => {
        const now = clock()
        if (!(await unit.endReportSchedule(id, { endedAt: now, endedBy: actor }))) {
          throw new ExpectedError('not-found', `There is no schedule ${id} that could end`)
        }
        await unit.insertAudit({ at: now, actor, action: 'report-schedule-ended', subject: id, data: {} })
      }),
  }
}

/** Reports of periods that have been over for an hour, each of them once: those that were missed, too. Answers how many were new. */
export async function planDue(operations: Operations, now: number): Promise<number> {
  let planned = 0
  for (const { id: scheduleId, type, since, filter, sight } of await operations.liveReportSchedules()) {
    for (const period of periodsEnded(type, since, now - settledAfterMs)) {
      const by = { requestedBy: 'liftwatt', requestedAt: now, scheduleId }
      const report = waiting({ ...period, asOf: null, filter, sight }, by)
      planned += (await operations.insertReport(report)) ? 1 : 0
    }
  }
  return planned
}

/** What somebody names who sees everything. @throws {Faulty} naming what is not there */
export async function mustBeThere(
  unit: Operations,
  { filter, recipients = [] }: Pick<NewSchedule, 'filter'> & Partial<Pick<NewSchedule, 'recipients'>>,
): Promise<void> {
  const { insurerId, maintainerId, siteId } = filter
  const faults: { path: string; message: string }[] = []
  for (const [path, id] of Object.entries({ insurerId, maintainerId })) {
    if (id !== undefined && (await unit.team(id)) === undefined)
      faults.push({ path, message: `there is no team ${id}` })
  }
  if (siteId !== undefined && (await unit.sitesByIds([siteId])).length === 0) {
    faults.push({ path: 'siteId', message: `there is no site ${siteId}` })
  }
  for (const [index, { channelId }] of recipients.entries()) {
    if ((await unit.channel(channelId)) === undefined) {
      faults.push({ path: `recipients.${index}.channelId`, message: `there is no channel ${channelId}` })
    }
  }
  if (faults.length > 0) throw new Faulty(faults)
}
