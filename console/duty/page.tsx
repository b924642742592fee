import { effect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Aloud } from '../shared/components/aloud.tsx'
import { me } from '../shared/session.ts'
import { startAlarm } from './alarm.ts'
import { Asking } from './asking.tsx'
import { followBoard, openOrders } from './board.ts'
import { Call } from './call.tsx'
import { Detail } from './detail.tsx'
import { Handover } from './handover.tsx'
import { Keys, useKeys } from './keys.tsx'
import { EstateMap } from './map.tsx'
import { NowStrip } from './now-strip.tsx'
import { OrderList } from './order-list.tsx'
import { panel } from './panel.ts'
import { forgetPlaces, readPlaces } from './places.ts'
import { Search } from './search.tsx'
import { Shelves } from './shelves.tsx'
import { startSpeaking } from './spoken.ts'
import { TopBar } from './top-bar.tsx'
import { words } from './words.ts'
import './duty.css'

/** One screen for who sends the crews: what is open, how long it may take, what to do next. */
export function Page() {
  useEffect(() => {
    readPlaces()
    const ends = [followBoard(), startAlarm(), startSpeaking(), effect(setTitle), forgetPlaces]
    return () => {
      for (const end of ends) end()
      document.title = 'Liftwatt'
    }
    // whoever has other rights than a moment ago sees other things
  }, [me.value])
  useKeys()
  const say = words()
  return (
    <div class="duty">
      <Aloud />
      <TopBar />
      <main class="duty-main">
        <OrderList />
        <section class="duty-map card" aria-label={say.map}>
          <EstateMap />
        </section>
        <section class="duty-now card" aria-label={say.now}>
          <NowStrip />
        </section>
        <section class="duty-detail card" aria-label={say.selected}>
          <Detail />
        </section>
      </main>
      <Asking />
      {panel.value === 'handover' && <Handover />}
      {panel.value === 'shelves' && <Shelves />}
      {panel.value === 'keys' && <Keys />}
      {panel.value === 'search' && <Search />}
      {panel.value === 'call' && <Call />}
    </div>
  )
}

/** A tab that is not in front still says how many orders nobody has seen. */
function setTitle(): void {
  const unseen = openOrders.value.filter(({ state }) => state === 'raised').length
  document.title = `${unseen > 0 ? `(${unseen}) ` : ''}${words().title} · Liftwatt`
}
