import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

export interface Loaded<Thing> {
  /** Null until it was answered once. */
  readonly value: Thing | null
  /** Of the last asking; what was answered before stays. */
  readonly problem: unknown
}

/** What `read` answers, asked anew when a key changes, every so often, and by `again`. A page that nobody sees does not ask. */
export function useLoaded<Thing>(
  read: () => Promise<Thing>,
  { keys = [], everyMs }: { readonly keys?: readonly unknown[]; readonly everyMs?: number } = {},
): { readonly loaded: Signal<Loaded<Thing>>; again(): Promise<void> } {
  const loaded = useSignal<Loaded<Thing>>({ value: null, problem: null })
  const turn = useSignal(0)

  async function again(): Promise<void> {
    const mine = turn.peek() + 1
    turn.value = mine
    const next = await read().then(
      (value) => ({ value, problem: null }),
      (problem: unknown) => ({ value: loaded.peek().value, problem }),
    )
    // an answer that was overtaken by a later asking is dropped
    if (turn.peek() === mine) loaded.value = next
  }

  useEffect(() => {
    loaded.value = { value: null, problem: null }
    again()
    if (everyMs === undefined) return undefined
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), everyMs)
    return () => clearInterval(timer)
  }, keys)
  return { loaded, again }
}
