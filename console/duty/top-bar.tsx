import { useComputed } from '@preact/signals'
import { now } from '../shared/clock.ts'
import { Bar } from '../shared/components/bar.tsx'
import { Button } from '../shared/components/button.tsx'
import { LinkBar } from '../shared/components/link-bar.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { listText } from '../shared/language.ts'
import { link } from '../shared/live.ts'
import { dispatchRoles } from '../shared/roles.ts'
import { hasRole, me } from '../shared/session.ts'
import { clockSeconds } from '../shared/time.ts'
import { sound, testSound, unlockSound } from './alarm.ts'
import { handovers, onDuty, problem, shelves } from './board.ts'
import { panel } from './panel.ts'
import { sites } from './places.ts'
import { words } from './words.ts'

/** Where this is, the time by which deadlines are counted, and whether all that must work does. */
export function TopBar() {
  const say = words()
  const time = useComputed(() => clockSeconds(now.value))
  const watching = onDuty.value.filter(({ type }) => type === 'duty-room').flatMap(({ members }) => members).length
  const isOn = sound.value === 'on'
  return (
    <>
      <LinkBar />
      {!isOn && (
        <Bar tone="urgent">
          ♪ {say.soundBlocked}
          <Button onClick={unlockSound}>{say.unlockSound}</Button>
        </Bar>
      )}
      {problem.value !== null && link.value.state !== 'lost' && <Bar tone="critical">⚠ {say.listFailed}</Bar>}
      {handovers.value.length > 0 && <Waiting />}
      <header class="top-bar">
        <h1>{say.room(districtName() ?? say.everywhere)}</h1>
        <time class="top-clock">{time}</time>
        <LinkState />
        <span>{say.onWatch(watching)}</span>
        <span class={isOn ? 'good' : 'order-nobody'}>{isOn ? `♪ ${say.soundOn}` : `✕ ${say.soundOff}`}</span>
        <Button onClick={testSound}>{say.test}</Button>
        <span class="top-space" />
        {hasRole(dispatchRoles) && (
          <Button shortcut="O" onClick={() => (panel.value = 'call')}>
            ☎ {say.call}
          </Button>
        )}
        <Button shortcut="/" onClick={() => (panel.value = 'search')}>
          {say.search}
        </Button>
        <Button onClick={() => (panel.value = 'shelves')}>{say.shelved(shelves.value.length)}</Button>
        <Button shortcut="H" onClick={() => (panel.value = 'handover')}>
          {say.handover}
        </Button>
        <Button shortcut="?" label={say.keysTitle} onClick={() => (panel.value = 'keys')}>
          {''}
        </Button>
        <Preferences />
      </header>
    </>
  )
}

/** What the shift before left is on the screen until somebody has taken it over. */
function Waiting() {
  const say = words()
  const [newest, ...others] = handovers.value
  if (newest === undefined) return null
  return (
    <Bar tone="info">
      <span>
        ✎ {say.handoverFrom(newest.name)} <Moment at={newest.at} />:
      </span>
      <bdi class="bar-text">{newest.text}</bdi>
      {others.length > 0 && <span>{say.moreHandovers(others.length)}</span>}
      <Button shortcut="H" onClick={() => (panel.value = 'handover')}>
        {say.takeOver}
      </Button>
    </Bar>
  )
}

function LinkState() {
  const say = words()
  const { state } = link.value
  if (state === 'live') return <span class="good">● {say.connected}</span>
  const texts = { connecting: `○ ${say.connecting}`, refused: `▲ ${say.notLive}`, lost: `✕ ${say.lost}` }
  return <span class="order-nobody">{texts[state]}</span>
}

/** The places that whoever signed in answers for; null = all. */
function districtName(): string | null {
  const places = (me.value?.memberships ?? []).flatMap((one) => ('sites' in one.scope ? [one.scope.sites] : []))
  if (places.length === 0 || places.some((ids) => ids.length === 0)) return null
  return listText(places.flat().map((id) => sites.value.get(id)?.name ?? id))
}
