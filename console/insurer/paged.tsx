import type { ComponentChildren } from 'preact'
import { Button } from '../shared/components/button.tsx'
import { LoadState } from '../shared/components/doing.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import type { Pages } from './use-pages.ts'
import { words } from './words.ts'

interface PagedProps<Item> {
  readonly of: Pages<Item>
  readonly none: string
  readonly noneHint: string
  readonly children: (items: readonly Item[]) => ComponentChildren
}

/** A list, what is there instead of it, and the way to more of it. */
export function Paged<Item>({ of: { items, hasMore, problem, more }, none, noneHint, children }: PagedProps<Item>) {
  return (
    <>
      <LoadState of={{ value: items, problem }} />
      {items?.length === 0 && <EmptyState title={none} hint={noneHint} />}
      {items !== null && items.length > 0 && children(items)}
      {hasMore && <Button onClick={more}>{words().more}</Button>}
    </>
  )
}
