import { link } from '../live.ts'
import { clockSeconds } from '../time.ts'
import { words } from '../words.ts'
import { Bar } from './bar.tsx'

/** Says that the link is lost, and since when what is on the screen is old. */
export function LinkBar() {
  const { state, heardAt } = link.value
  if (state !== 'lost') return null
  return <Bar tone="critical">⚠ {words().linkLost(heardAt === null ? '—' : clockSeconds(heardAt))}</Bar>
}
