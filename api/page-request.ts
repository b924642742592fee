import type { PageRequest } from '../stores/operations/port.ts'

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** What a list was asked for, without what was not said, in the words of the port. */
export function pageRequest<Query extends { cursor?: string | undefined; limit: number }>(
  query: Query,
): PageRequest & Given<Omit<Query, 'cursor' | 'limit'>> {
  const { cursor, ...rest } = query
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return { ...given, limit: query.limit, ...(cursor !== undefined && { after: cursor }) } as PageRequest &
    Given<Omit<Query, 'cursor' | 'limit'>>
}
