import { useMemo } from 'preact/hooks'
import { type Draft, draftOf } from '../shared/drafts.ts'
import type { KeptOrder } from './wire.ts'

/** What was written about this order under this name and not sent: a phone's Back key and a reload lose nothing. */
export function useDraft({ id, door }: Pick<KeptOrder, 'id' | 'door'>, name: string): Draft {
  return useMemo(() => draftOf(door.type === 'session' ? door.accountId : '', `${id} ${name}`), [id, name])
}
