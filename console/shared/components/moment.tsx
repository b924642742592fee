import { useComputed } from '@preact/signals'
import { now } from '../clock.ts'
import { timeText } from '../time.ts'

/** A time, relative and absolute together; @param at ISO 8601 */
export function Moment({ at }: { readonly at: string }) {
  const text = useComputed(() => timeText(Date.parse(at), now.value))
  return <time dateTime={at}>{text}</time>
}
