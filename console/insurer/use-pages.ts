import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get } from '../shared/api.ts'
import type { Page } from '../shared/wire.ts'

export interface Pages<Item> {
  /** Null until the first page is there. */
  readonly items: readonly Item[] | null
  readonly hasMore: boolean
  readonly problem: unknown
  more(): void
  again(): void
}

/** A list from the service, a page at a time. */
export function usePages<Item>(path: string, query: Readonly<Record<string, string>>, limit = 50): Pages<Item> {
  const items = useSignal<readonly Item[] | null>(null)
  const cursor = useSignal<string | null>(null)
  const problem = useSignal<unknown>(null)
  const turn = useSignal(0)
  const key = JSON.stringify([path, query, limit])

  async function read(from: string | null): Promise<void> {
    turn.value = turn.peek() + 1
    const mine = turn.peek()
    try {
      const page = await get<Page<Item>>(path, { ...query, limit, ...(from !== null && { cursor: from }) })
      // what was asked for meanwhile is another list
      if (turn.peek() !== mine) return
      items.value = from === null ? page.items : [...(items.peek() ?? []), ...page.items]
      cursor.value = page.nextCursor
      problem.value = null
    } catch (cause) {
      if (turn.peek() === mine) problem.value = cause
    }
  }

  useEffect(() => {
    items.value = null
    cursor.value = null
    read(null)
  }, [key])
  return {
    items: items.value,
    hasMore: cursor.value !== null,
    problem: problem.value,
    more: () => read(cursor.peek()),
    again: () => read(null),
  }
}
