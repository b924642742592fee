import { useMemo } from 'preact/hooks'
import { type Draft, draftOf } from '../shared/drafts.ts'
import { me } from '../shared/session.ts'

/** What whoever is signed in has written under this name and not sent. */
export function useDraft(name: string): Draft {
  return useMemo(() => draftOf(me.peek()?.accountId ?? '', name), [name])
}
