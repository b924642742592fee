import type { Page, PageRequest } from '../stores/operations/port.ts'

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
