import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { byteOrderMark, csvLine } from '../../core/csv.ts'
import type { DutyEntry, DutyLine } from '../../core/duty-log.ts'
import { ExpectedError } from '../../core/errors.ts'
import { type InSight, type Operations, type Period, pagesOf } from '../../stores/operations/port.ts'
import { localTimeOf } from '../past/export.ts'

export type NewDutyEntry = Pick<DutyEntry, 'type' | 'text' | 'name' | 'siteId'>

export interface DutyLog {
  /** @throws {ExpectedError} `invalid` when there is no such site */
  write(entry: NewDutyEntry, actor: string): Promise<DutyEntry>
  /**
   * Somebody confirms that they know what is written there.
   * @throws {ExpectedError} `not-found`; `order-state` for a note; `already-done` when somebody else has
   */
  takeOver(id: string, name: string, actor: string): Promise<DutyEntry>
}

/** What a shift writes down, and who took it over; nothing of it is ever changed. Each command is audited. */
export function createDutyLog({ operations, clock }: { operations: Operations; clock: Clock }): DutyLog {
  return {
    write: (wanted, actor) =>
      operations.transaction(async (unit) => {
        const isNowhere = wanted.siteId !== null && (await unit.site(wanted.siteId)) === undefined
        if (isNowhere) throw new ExpectedError('invalid', `siteId: there is no site ${wanted.siteId}`)
        const entry: DutyEntry = {
          ...{ ...wanted, id: randomUUID(), at: clock(), writtenBy: actor },
          ...{ takenOverAt: null, takenOverName: null, takenOverBy: null },
        }
        await unit.insertDutyEntry(entry)
        const { id: subject, at, type, siteId, name } = entry
        await unit.insertAudit({ at, actor, action: `duty-${type}-written`, subject, data: { siteId, name } })
        if (type === 'handover') await unit.insertStreamEvent({ at, type: 'handover.written', subject, data: {} })
        return entry
      }),

    takeOver: (id, name, actor) =>
      operations.transaction(async (unit) => {
        const entry = await unit.lockDutyEntry(id)
        if (entry === undefined) throw new ExpectedError('not-found', `There is no entry of the duty log ${id}`)
        if (entry.type !== 'handover') throw new ExpectedError('order-state', 'A note is not taken over')
        if (entry.takenOverAt !== null) {
          const when = new Date(entry.takenOverAt).toISOString()
          throw new ExpectedError('already-done', `${entry.takenOverName} took it over at ${when}`)
        }
        // a clock that was set back takes nothing over before it was written
        const at = Math.max(clock(), entry.at)
        const takenOver = { takenOverAt: at, takenOverName: name, takenOverBy: actor }
        await unit.takeOver(id, takenOver)
        await unit.insertAudit({ at, actor, action: 'duty-handover-taken-over', subject: id, data: { name } })
        await unit.insertStreamEvent({ at, type: 'handover.taken-over', subject: id, data: {} })
        return { ...entry, ...takenOver }
      }),
  }
}

const pageSize = 2_000

/** Oldest first, a page in memory at a time. */
export function dutyLines(
  operations: Pick<Operations, 'dutyLines'>,
  filter: Required<Period> & InSight,
): AsyncGenerator<readonly DutyLine[]> {
  return pagesOf(pageSize, (page) => operations.dutyLines({ ...filter, ...page }))
}

const columns = ['at_local', 'at', 'type', 'who', 'site_id', 'device_id', 'order_number', 'fault', 'text', 'said']

/** RFC 4180; every time twice: as a clerk in Hangzhou reads it, and as a program does. */
export async function* dutyLogCsv(pages: AsyncIterable<readonly DutyLine[]>): AsyncGenerator<string> {
  let head = `${byteOrderMark}${csvLine(columns)}`
  for await (const lines of pages) {
    yield head + lines.map(rowOf).join('')
    head = ''
  }
}

function rowOf({ at, type, who, siteId, deviceId, orderId, finding, text, data }: DutyLine): string {
  const when = [localTimeOf(at), new Date(at).toISOString()]
  return csvLine([...when, type, who, siteId, deviceId, orderId, finding, text, saidIn(data)])
}

/** What people said with it, and what the service missed. Where a crew's phone was stays in the order's record. */
function saidIn(data: DutyLine['data']): string {
  const { verified, action, outcome, causeClass, goal, teamId, note, reason } = data
  const verdict = verified === undefined ? null : verified === 'drill' ? 'drill' : verified ? 'real' : 'not real'
  const what = action === 'note' ? null : action
  const parts = action === 'by-phone' ? byPhone(data) : [what, verdict, outcome, causeClass, goal, teamId, note, reason]
  return parts.filter((part) => typeof part === 'string' && part !== '').join(' · ')
}

/** Not its note: those of before said the coordinates too. */
function byPhone({ action, of, by, doneAt, offline }: DutyLine['data']): readonly unknown[] {
  return [action, of, by, doneAt, offline === true ? 'offline' : null]
}
