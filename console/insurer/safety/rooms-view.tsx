import { get } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { base, place } from '../../shared/router.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { intervalText, places, valueText } from '../figure-text.ts'
import { askedFor } from '../filter.ts'
import { FilterBar } from '../filter-bar.tsx'
import { Name } from '../name.tsx'
import type { FireSafety, RoomAtRisk } from '../wire-records.ts'
import { safetyWords } from './safety-words.ts'

const shown = 100

/** Rental rooms by what was found in them, the most at risk first. */
export function RoomsView() {
  const say = safetyWords()
  const { asOf: _, deviceId: __, ...asked } = askedFor(place.value.query, serverNow())
  const { loaded } = useLoaded(() => get<FireSafety>('/quality/fire-safety', { ...asked, limit: shown }), {
    keys: [JSON.stringify(asked)],
  })
  const known = loaded.value.value
  return (
    <>
      <FilterBar narrows={['siteId', 'maintainerId', 'insurerId']} />
      <LoadState of={loaded.value} />
      {known !== null && <Counts of={known} />}
      {known?.rooms.length === 0 && <EmptyState title={say.roomsNone} hint={say.roomsNoneHint} />}
      {known !== null && known.rooms.length > 0 && (
        <section class="card review-list">
          <h2>{say.rooms}</h2>
          <p class="muted">
            {say.riskHint} {known.roomsInAll > known.rooms.length && say.shownOf(known.rooms.length, known.roomsInAll)}
          </p>
          <div class="review-wide">
            <table class="review-table">
              <thead>
                <tr>
                  <th scope="col">{say.room}</th>
                  <th scope="col" class="review-number">
                    {say.risk}
                  </th>
                  <th scope="col">{say.found}</th>
                  <th scope="col">{say.leakage}</th>
                  <th scope="col">{say.orders}</th>
                </tr>
              </thead>
              <tbody>
                {known.rooms.map((room) => (
                  <RoomRow key={room.deviceId} room={room} />
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
    </>
  )
}

function Counts({ of }: { readonly of: FireSafety }) {
  const say = safetyWords()
  const { selfCorrectedShare: share } = of
  const rows = [
    [of.roomsInAll, say.roomsInAll],
    [of.repeatedCharging, say.repeatedCharging],
    [of.risingLeakage, say.risingLeakage],
    [of.attended, say.attended],
  ] as const
  return (
    <ul class="review-tiles">
      {rows.map(([count, text]) => (
        <li key={text} class="card review-tile">
          <p class="review-value">{count.toLocaleString('en-US')}</p>
          <p class="muted">{text}</p>
        </li>
      ))}
      <li class="card review-tile">
        <p class="review-value">{share.value === null ? sharedWords().noData : valueText(share.value, 'share')}</p>
        <p class="muted">
          {say.selfCorrected} {share.value !== null && intervalText(share, 'share')}
        </p>
      </li>
    </ul>
  )
}

function RoomRow({ room }: { readonly room: RoomAtRisk }) {
  const say = safetyWords()
  const { deviceId, risk, parts, leakage, ended, open, selfCorrected } = room
  return (
    <tr>
      <th scope="row">
        <a href={`${base}/devices/${encodeURIComponent(deviceId)}?range=90d`}>
          <Name of="deviceId" id={deviceId} />
        </a>
      </th>
      <td class="review-number">
        <strong>{places(risk)}</strong>
      </td>
      <td>
        {parts.map(({ cause, points, times }) => (
          <p key={cause}>
            {say.causes[cause]} {times > 1 && say.times(times)} <span class="muted">+{places(points)}</span>
          </p>
        ))}
      </td>
      <td>
        {leakage !== null && (
          <>
            {say.leakageText(places(leakage.firstLevel), places(leakage.level), places(leakage.limit))}
            <small class="muted">{leakage.days !== null && say.inDays(places(leakage.days))}</small>
          </>
        )}
      </td>
      <td>{say.ordersText(ended, open, selfCorrected)}</td>
    </tr>
  )
}
