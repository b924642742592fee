import { now } from '../shared/clock.ts'
import { clockTime } from '../shared/time.ts'
import type { OnDuty } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { isLoaded, onDuty, openOrders, today } from './board.ts'
import { isDrill, p90Minutes } from './figures.ts'
import { words } from './words.ts'

/** What is open now, how fast crews were today, and who is on shift. */
export function NowStrip() {
  const say = words()
  const open = openOrders.value
  // nothing known is not nothing open
  const known = (count: number) => (isLoaded.value ? count : '—')
  const p90 = p90Minutes(today.value)
  const drills = today.value.filter(isDrill).length
  const figures = [
    [say.openCount, known(open.length)],
    [say.unseenCount, known(open.filter(({ state }) => state === 'raised').length)],
    [say.unassignedCount, known(open.filter(({ teamId, arriveBy }) => teamId === null && arriveBy !== null).length)],
    ...(drills === 0 ? [] : [[say.drillsToday, drills] as const]),
    [say.p90, p90 === null ? sharedWords().noData : say.p90Of(p90.minutes, p90.count)],
  ] as const
  return (
    <div class="now">
      <dl class="now-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ul class="now-shift" aria-label={say.onShift}>
        {onDuty.value
          .filter(({ type }) => type === 'crew' || type === 'duty-room')
          .map((team) => (
            <li key={team.teamId}>
              {team.name} <TeamNow team={team} />
            </li>
          ))}
      </ul>
    </div>
  )
}

const soonMs = 12 * 3_600_000

function TeamNow({ team }: { readonly team: OnDuty }) {
  const say = words()
  const { members, memberCount, nextGap, rostered } = team
  const count = <strong>{say.ofMembers(members.length, memberCount)}</strong>
  if (members.length === 0) {
    return (
      <>
        {count} <span class="order-nobody">⚠ {say.nobodyNow}</span>
      </>
    )
  }
  const gapFrom = nextGap === null ? null : Date.parse(nextGap.from)
  const isSoon = gapFrom !== null && gapFrom - now.peek() < soonMs
  return (
    <>
      {count}
      {!rostered && <span class="muted"> {say.alwaysOn}</span>}
      {isSoon && <span class="order-nobody"> ⚠ {say.nobodyFrom(clockTime(gapFrom, now.peek()))}</span>}
    </>
  )
}
