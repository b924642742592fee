import { useState } from 'preact/hooks'
import { isEntrapment } from '../../core/incident.ts'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { remember } from '../shared/memory.ts'
import { words as sharedWords } from '../shared/words.ts'
import { Closing } from './closing.tsx'
import { enqueue, takeBack } from './desk.ts'
import { type Queued, undoable } from './outbox.ts'
import { phoneNow } from './phone-clock.ts'
import { reach } from './reach.ts'
import { Refusals } from './refusals.tsx'
import { canScan, Scan } from './scan.tsx'
import { nextOf, telOf } from './steps.ts'
import { sendsPosition, take } from './take.ts'
import { type CrewAction, isStep, type KeptOrder, type ShownOrder } from './wire.ts'
import { words } from './words.ts'

interface FootProps {
  readonly kept: KeptOrder
  /** With what waits here. */
  readonly order: ShownOrder
  readonly items: readonly Queued[]
}

/** In the thumb's reach: the one next step, and under a small bar what was done last. */
export function Foot({ kept, order, items }: FootProps) {
  now.value // once a tick: the time to take it back runs out by itself
  const last = undoable(items, phoneNow())
  return (
    <footer class="crew-foot">
      <Refusals items={items} />
      {last ? <Undo item={last} /> : <Beside kept={kept} order={order} />}
      <Main kept={kept} order={order} justDone={last} />
    </footer>
  )
}

function Main({ kept, order, justDone }: { kept: KeptOrder; order: ShownOrder; justDone: Queued | undefined }) {
  const say = words()
  const shared = sharedWords()
  const [isClosing, setClosing] = useState(false)
  // a second tap of a cold hand must not be the next step
  if (justDone !== undefined && isStep(justDone.action))
    return <p class="crew-main crew-main-said">✓ {say.done[justDone.action]}</p>
  const next = nextOf(order, kept)
  switch (next.type) {
    case 'step':
      return (
        <>
          <Button
            class="crew-main"
            look="main"
            onClick={() => (next.step === 'close' ? setClosing(true) : take(kept, next.step))}
          >
            {say.steps[next.step]}
          </Button>
          {isClosing && <Closing kept={kept} onClose={() => setClosing(false)} />}
          {reach.value.state === 'offline' && <p class="crew-hint">{say.waitsForLink}</p>}
        </>
      )
    case 'taken':
    case 'given':
      return <p class="crew-main crew-main-said">{say[next.type](next.to)}</p>
    case 'restored':
      return <p class="crew-main crew-main-said">{say.thanks}</p>
    case 'over':
      return <p class="crew-main crew-main-said">{say.over[next.how]}</p>
    default:
      return (
        <p class="crew-main crew-main-said">
          {shared.states[order.state]}
          <br />
          {say.nothingToDo}
        </p>
      )
  }
}

/** What is done seldom stands beside the button, and is small. */
function Beside({ kept, order }: { readonly kept: KeptOrder; readonly order: ShownOrder }) {
  const say = words()
  const [isScanning, setScanning] = useState(false)
  const next = nextOf(order, kept)
  const arrives = next.type === 'step' && next.step === 'arrive'
  const isOpen = ['raised', 'acknowledged', 'accepted', 'arrived'].includes(order.state)
  const may = (action: CrewAction) => isOpen && kept.actions.includes(action)
  const tells = may('tell-passenger') && isEntrapment(order) && order.passengerToldAt === null
  const room = kept.contacts.find(({ role, phone }) => role === 'duty-room' && phone !== null)
  return (
    <div class="crew-beside">
      {arrives && canScan() && (
        <Button look="link" onClick={() => setScanning(true)}>
          {say.scan}
        </Button>
      )}
      {arrives && <PositionChoice />}
      {tells && (
        <Button look="link" onClick={() => enqueue(kept, 'tell-passenger')}>
          {say.tellPassenger}
        </Button>
      )}
      {may('ask-for-help') ? (
        <Button look="link" onClick={() => enqueue(kept, 'ask-for-help')}>
          {say.help}
        </Button>
      ) : (
        isOpen &&
        room?.phone != null && (
          <a class="button button-link" href={telOf(room.phone)}>
            {say.helpByPhone}
          </a>
        )
      )}
      {isScanning && (
        <Scan
          deviceId={order.deviceId}
          onClose={() => setScanning(false)}
          onFound={(scanned) => {
            setScanning(false)
            take(kept, 'arrive', { by: 'qr', scanned })
          }}
        />
      )}
    </div>
  )
}

function PositionChoice() {
  const [sends, setSends] = useState(sendsPosition())
  if (navigator.geolocation === undefined) return null
  return (
    <label class="crew-choice">
      <input
        type="checkbox"
        checked={sends}
        onChange={({ currentTarget: { checked } }) => {
          setSends(checked)
          remember('sendPosition', checked ? 'yes' : 'no')
        }}
      />
      {words().position}
    </label>
  )
}

function Undo({ item }: { readonly item: Queued }) {
  const say = words()
  const seconds = Math.max(1, Math.ceil((item.sendAt - phoneNow()) / 1_000))
  return (
    <Button class="crew-undo" onClick={() => takeBack(item.key)}>
      ↶ {say.undo(seconds)}
    </Button>
  )
}
