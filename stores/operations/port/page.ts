import type { Sight } from '../../../core/sight.ts'

/** A page of a list, in the list's own order; `after` is the `nextCursor` of the page before. */
export interface PageRequest {
  readonly limit: number
  readonly after?: string
}

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** A list to its end, so many at a time: one page in memory. */
export async function* pagesOf<Item>(
  limit: number,
  read: (page: PageRequest) => Promise<Page<Item>>,
): AsyncGenerator<Item[]> {
  let after: string | null = null
  do {
    const page: Page<Item> = await read({ limit, ...(after !== null && { after }) })
    yield page.items
    after = page.nextCursor
  } while (after !== null)
}

/** What a list shows is cut to a sight in SQL, before it is paged and counted; a list that is asked without one shows all. */
export interface InSight {
  readonly sight?: Sight | undefined
}
