import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isEntrapment } from '../../core/incident.ts'
import { sayAloud } from '../shared/aloud.ts'
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
import { type Next, nextOf, telOf } from './steps.ts'
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
  const foot = useRef<HTMLElement>(null)
  useKeptFocus(foot)
  useOthersTold(kept, order, last !== undefined)
  return (
    <footer class="crew-foot" ref={foot}>
      <Refusals items={items} />
      {last ? <Undo item={last} /> : <Beside kept={kept} order={order} />}
      <Main kept={kept} order={order} justDone={last} />
    </footer>
  )
}

/** A button that was pressed goes: what comes instead has the focus, and so is read to who cannot see it. */
function useKeptFocus(foot: { readonly current: HTMLElement | null }): void {
  // as it is before this is drawn
  const hadFocus = foot.current?.contains(document.activeElement) ?? false
  useLayoutEffect(() => {
    if (!hadFocus || document.activeElement !== document.body) return
    const inTurn = ['.crew-main-said', '.crew-undo', '.crew-main'].map((one) => foot.current?.querySelector(one))
    const next = inTurn.find((one) => one != null)
    if (next instanceof HTMLElement) next.focus({ preventScroll: true })
  })
}

/** What others did with the order is said aloud once; what was done here, the focus tells. */
function useOthersTold(kept: KeptOrder, order: ShownOrder, isOwn: boolean): void {
  const next = nextOf(order, kept)
  const to = next.type === 'taken' || next.type === 'given' ? next.to : ''
  const standing = [order.state, next.type, to].join(' ')
  const before = useRef({ standing, isOwn })
  useEffect(() => {
    const was = before.current
    before.current = { standing, isOwn }
    if (standing === was.standing || isOwn || was.isOwn) return
    sayAloud('in-turn', standingText(order, next))
  }, [standing, isOwn])
}

function standingText({ state }: ShownOrder, next: Next): string {
  const say = words()
  if (next.type === 'taken' || next.type === 'given') return say[next.type](next.to)
  return next.type === 'over' ? say.over[next.how] : sharedWords().states[state]
}

function Main({ kept, order, justDone }: { kept: KeptOrder; order: ShownOrder; justDone: Queued | undefined }) {
  const say = words()
  const shared = sharedWords()
  const [isClosing, setClosing] = useState(false)
  // a second tap of a cold hand must not be the next step
  if (justDone !== undefined && isStep(justDone.action)) return <Told>✓ {say.done[justDone.action]}</Told>
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
      return <Told>{say[next.type](next.to)}</Told>
    case 'restored':
      return <Told>{say.thanks}</Told>
    case 'over':
      return <Told>{say.over[next.how]}</Told>
    default:
      return (
        <Told>
          {shared.states[order.state]}
          <br />
          {say.nothingToDo}
        </Told>
      )
  }
}

/** Where the button was. */
function Told({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="crew-main crew-main-said" tabIndex={-1}>
      {children}
    </p>
  )
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
    <Button class="crew-undo" label={say.undoOf(say.done[item.action])} onClick={() => takeBack(item.key)}>
      ↶ {say.undo(seconds)}
    </Button>
  )
}
