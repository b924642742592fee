import { link } from '../live.ts'
import { clockSeconds } from '../time.ts'
import { words } from '../words.ts'
import { Bar } from './bar.tsx'

/** Says that the link is lost, and since when what is on the screen is old; or that there is no stream for this screen. */
export function LinkBar() {
  const { state, heardAt } = link.value
  const say = words()
  if (state === 'refused') return <Bar tone="urgent">⚠ {say.linkRefused}</Bar>
  if (state !== 'lost') return null
  return <Bar tone="critical">⚠ {heardAt === null ? say.linkNever : say.linkLost(clockSeconds(heardAt))}</Bar>
}
