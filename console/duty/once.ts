import { type ReadonlySignal, signal } from '@preact/signals'
import { newKey } from '../shared/api.ts'
import { attempt } from '../shared/attempt.ts'

/** What is written for ever is sent one at a time, however often somebody taps. */
export interface Once {
  readonly isBusy: ReadonlySignal<boolean>
  /** Why the last was not done; null = it was, or is being done. */
  readonly problem: ReadonlySignal<unknown>
  /** Whether it was done; false at once, and without a problem, while the one before is not answered. */
  do(what: object, send: (key: string) => Promise<void>): Promise<boolean>
}

/** Whoever says the same again after no answer says it under the same key: it may have been done all the same. */
export function createOnce(): Once {
  const [isBusy, problem] = [signal(false), signal<unknown>(null)]
  let asked: { readonly what: string; readonly key: string } | null = null
  return {
    isBusy,
    problem,
    async do(what, send) {
      if (isBusy.value) return false
      isBusy.value = true
      const text = JSON.stringify(what)
      const { key } = asked?.what === text ? asked : { key: newKey() }
      asked = { what: text, key }
      const isDone = await attempt(problem, () => send(key))
      if (isDone) asked = null
      isBusy.value = false
      return isDone
    },
  }
}
