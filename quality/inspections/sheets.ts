import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { canonicalJson } from '../../core/canonical.ts'
import type { Clock } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import type { ScoreSheet } from '../../core/inspection.ts'
import type { Operations, Page, PageRequest } from '../../stores/operations/port.ts'
import { Faulty } from './faulty.ts'
import { shippedSheet } from './shipped-sheet.ts'

export type SheetContent = Omit<ScoreSheet, 'id' | 'version'>

/** What is looked at, and what it costs. A change is a new version; the old ones stay, for the inspections that were done with them. */
export interface Sheets {
  /** Those in force, by id. */
  list(page: PageRequest): Promise<Page<ScoreSheet>>
  /** @throws {ExpectedError} `not-found` */
  get(id: string, version?: number): Promise<ScoreSheet>
  /** Newest first. @throws {ExpectedError} `not-found` */
  versions(id: string, page: PageRequest): Promise<Page<ScoreSheet>>
  /**
   * @param version the one that was read, if somebody read one
   * @throws {ExpectedError} `invalid`, naming each fault; `already-done` when it has changed meanwhile
   */
  put(id: string, content: SheetContent, version: number | undefined, actor: string): Promise<ScoreSheet>
}

export function createSheets({ operations, clock }: { operations: Operations; clock: Clock }): Sheets {
  return {
    async list(page) {
      const { items, nextCursor } = await operations.sheets(page)
      const isChanged = (await operations.sheet(shippedSheet.id)) !== undefined
      return { items: isChanged || page.after !== undefined ? items : [shippedSheet, ...items], nextCursor }
    },
    get: (id, version) => sheetOf(operations, id, version),
    async versions(id, page) {
      const { items, nextCursor } = await operations.sheetVersions(id, page)
      const shipped = id === shippedSheet.id && nextCursor === null ? [shippedSheet] : []
      if (items.length + shipped.length === 0) throw noSheet(id)
      return { items: [...items, ...shipped], nextCursor }
    },
    put: (id, content, version, actor) =>
      operations.transaction(async (unit) => {
        const faults = faultsOfSheet(content)
        if (faults.length > 0) throw new Faulty(faults)
        const before = await newest(unit, id)
        if (version !== undefined && version !== (before?.version ?? 0)) {
          const message = `Somebody else has changed it: it is version ${before?.version ?? 0} now, you read version ${version}`
          throw new ExpectedError('already-done', message)
        }
        const sheet = { ...content, id, version: (before?.version ?? 0) + 1 }
        if (before !== undefined && isDeepStrictEqual({ ...before, version: sheet.version }, sheet)) return before
        await unit.insertSheet(sheet)
        const at = clock()
        const data = { version: sheet.version, sha256: sheetHash(sheet) }
        await unit.insertAudit({ at, actor, action: 'sheet-changed', subject: id, data })
        await unit.insertHistory({
          at,
          actor,
          subjectType: 'sheet',
          subjectId: id,
          before: before ?? null,
          after: sheet,
        })
        return sheet
      }),
  }
}

/** The one in force, unless said. @throws {ExpectedError} `not-found` */
export async function sheetOf(unit: Operations, id: string, version?: number): Promise<ScoreSheet> {
  const isShipped = version === shippedSheet.version && id === shippedSheet.id
  const sheet = isShipped
    ? shippedSheet
    : version === undefined
      ? await newest(unit, id)
      : await unit.sheet(id, version)
  if (sheet === undefined) throw noSheet(id)
  return sheet
}

/** Of what was looked at, for the record of an inspection. Hex. */
export function sheetHash(sheet: ScoreSheet): string {
  return createHash('sha256').update(canonicalJson(sheet)).digest('hex')
}

/** @throws {ExpectedError} `invalid`, of what somebody is about to plan with */
export async function mustHaveSheet(unit: Operations, id: string): Promise<void> {
  if ((await newest(unit, id)) === undefined) {
    throw new ExpectedError('invalid', `sheetId: there is no score sheet ${id}`)
  }
}

async function newest(unit: Operations, id: string): Promise<ScoreSheet | undefined> {
  return (await unit.sheet(id)) ?? (id === shippedSheet.id ? shippedSheet : undefined)
}

function noSheet(id: string): ExpectedError {
  return new ExpectedError('not-found', `There is no score sheet ${id}`)
}

function faultsOfSheet({ items }: SheetContent) {
  return items.flatMap(({ id, weight, deduction }, index) => {
    const path = `items.${index}`
    return [
      ...(items.findIndex((other) => other.id === id) < index ? [{ path: `${path}.id`, message: 'stands twice' }] : []),
      ...(deduction > weight ? [{ path: `${path}.deduction`, message: 'is more than the item has points for' }] : []),
    ]
  })
}
