import { link } from '../live.ts'
import { clockSeconds } from '../time.ts'
import { words } from '../words.ts'
import { Bar } from './bar.tsx'

export function linkLostText(): string {
  const { heardAt } = link.value
  return heardAt === null ? words().linkNever : words().linkLost(clockSeconds(heardAt))
}

/** Says that the link is lost, and since when what is on the screen is old; or that there is no stream for this screen. */
export function LinkBar() {
  const { state } = link.value
  if (state === 'refused') return <Bar tone="urgent">⚠ {words().linkRefused}</Bar>
  return state === 'lost' ? <Bar tone="critical">⚠ {linkLostText()}</Bar> : null
}
