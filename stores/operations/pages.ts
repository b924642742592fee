import { ExpectedError } from '../../core/errors.ts'
import type { Page, PageRequest } from './port.ts'

export function first<T>(rows: readonly T[]): T | undefined {
  return rows[0]
}

/** One row more than asked for was read: it says whether there is a next page. */
export function pageOf<T>(rows: T[], page: PageRequest, cursorOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, page.limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > page.limit && last !== undefined ? cursorOf(last) : null }
}

export function withoutSeq<T extends { seq: number }>({ items, nextCursor }: Page<T>): Page<Omit<T, 'seq'>> {
  return { items: items.map(({ seq: _, ...item }) => item), nextCursor }
}

export function seqOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new ExpectedError('invalid', 'cursor is not one that this list answered')
  return Number(cursor)
}
