import { signal } from '@preact/signals'
import { send } from '../shared/api.ts'
import { localNow } from '../shared/clock.ts'
import { phoneNow, setByServer } from './phone-clock.ts'

/** Whether the server answers, and when it last did, ms since 1970. */
export const reach = signal<{ readonly state: 'asking' | 'online' | 'offline'; readonly heardAt: number | null }>({
  state: 'asking',
  heardAt: null,
})

/*
 * A link may hang without a word: no request fails, none is answered. So the server is asked for a sign of life besides, and said to be
 * away 4.5 s after it was last heard of. Counted in ticks, while the page is seen: a phone that slept has not waited in vain.
 */
const tickMs = 250
const askEveryTicks = 10
const awayAfterTicks = 18
/** Longer than the next two are asked: on a slow link their answers come as often as they are asked for. */
const signWithinMs = 6_000

let silentTicks = 0
let ticksToAsk = askEveryTicks
let signsAwaited = 0
let heardLocallyAt = Number.NEGATIVE_INFINITY

/** The server has just answered something. */
export function heard(): void {
  silentTicks = 0
  // where answers come at once, one to anything else is as good
  if (signsAwaited === 0) ticksToAsk = askEveryTicks
  heardLocallyAt = localNow()
  setByServer()
  reach.value = { state: 'online', heardAt: phoneNow() }
}

export function lose(): void {
  if (reach.value.state !== 'offline') reach.value = { ...reach.value, state: 'offline' }
}

/** What was asked at `askedAt` (of `localNow`) was not answered; where something else was since, the server is not away. */
export function unanswered(askedAt: number): void {
  if (heardLocallyAt < askedAt) lose()
}

/** Calls when there is a link again: the phone says so, or the server is heard of after a break. The answered function ends it. */
export function whenBack(call: () => void): () => void {
  let wasAway = false
  const unsubscribe = reach.subscribe(({ state }) => {
    if (wasAway && state === 'online') call()
    wasAway = state === 'offline'
  })
  addEventListener('online', call)
  return () => {
    unsubscribe()
    removeEventListener('online', call)
  }
}

/** Keeps `reach` right until the answered function is called. */
export function watchReach(): () => void {
  silentTicks = 0
  ticksToAsk = askEveryTicks
  const watching = setInterval(tick, tickMs)
  document.addEventListener('visibilitychange', askSoon)
  return () => {
    clearInterval(watching)
    document.removeEventListener('visibilitychange', askSoon)
  }
}

function tick(): void {
  if (document.visibilityState !== 'visible') return
  silentTicks += 1
  ticksToAsk -= 1
  if (silentTicks >= awayAfterTicks) lose()
  if (ticksToAsk <= 0) askForSign()
}

/** Nobody knows what became of the link while the page was not seen. */
function askSoon(): void {
  silentTicks = askEveryTicks
  ticksToAsk = 0
}

async function askForSign(): Promise<void> {
  const askedAt = localNow()
  ticksToAsk = askEveryTicks
  signsAwaited += 1
  const isThere = await send('HEAD', '/healthz', { withinMs: signWithinMs }).then(
    ({ ok }) => ok, // a proxy answers for a service that is down
    () => false,
  )
  if (isThere) heard()
  else unanswered(askedAt)
  signsAwaited -= 1
}
