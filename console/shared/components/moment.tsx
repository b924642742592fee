import { useComputed } from '@preact/signals'
import { now } from '../clock.ts'
import { timeText } from '../time.ts'

/** A time, relative and absolute together; that it gets older is news for nobody. @param at ISO 8601 */
export function Moment({ at }: { readonly at: string }) {
  const text = useComputed(() => timeText(Date.parse(at), now.value))
  return (
    <time dateTime={at} aria-live="off">
      {text}
    </time>
  )
}
