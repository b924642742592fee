import { useComputed } from '@preact/signals'
import { now } from '../clock.ts'
import { countdown } from '../countdown.ts'
import { link } from '../live.ts'
import { words } from '../words.ts'

const shapes = { calm: '', amber: '▲', red: '■', over: '■' } as const

/**
 * What is left until `until` (ms since 1970), by the server's time, in colour, shape and figures; past zero how late it is. Grey and
 * marked while the link is lost: a countdown that is not known to be right is never shown as live.
 */
export function Countdown({ until, live = true }: { readonly until: number; readonly live?: boolean }) {
  const say = words()
  const isLive = live && link.value.state !== 'lost'
  const shown = useComputed(() => countdown(until, now.value))
  const tone = useComputed(() => shown.value.tone)
  const text = useComputed(() => shown.value.text)
  return (
    <span class={`countdown countdown-${isLive ? tone.value : 'stale'}`} role="timer">
      <span class="countdown-shape" aria-hidden="true">
        {isLive ? shapes[tone.value] : '‖'}
      </span>
      {tone.value === 'over' && <span class="countdown-late">{say.late}</span>}
      <span class="countdown-figures">{text}</span>
    </span>
  )
}
