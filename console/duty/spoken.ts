import { computed, effect } from '@preact/signals'
import { forgetSaid, sayAloud } from '../shared/aloud.ts'
import { linkLostText } from '../shared/components/link-bar.tsx'
import { titleOf } from '../shared/finding.ts'
import { link } from '../shared/live.ts'
import type { Severity, WorkOrder } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { busy } from './act.ts'
import { isLoaded, orders } from './board.ts'
import { isNameAwaited, whereText } from './places.ts'
import { words } from './words.ts'

/* What the duty room says aloud: what is new, what became of it, and that the link is back. Each once: a list that gets shorter says nothing. */

/** What happens together is one sentence. */
const togetherMs = 600
/** So often it waits as long again for the name of the place. */
const waits = 4
const named = 2

/** Each order as it was when it was last spoken. */
let told: ReadonlyMap<string, WorkOrder> = new Map()
/** Somebody acted on them here. */
const mine = new Set<string>()
let isBack = false
let timer: ReturnType<typeof setTimeout> | undefined
let waited = 0

/** The answered function ends it: the next one at this screen hears all anew. */
export function startSpeaking(): () => void {
  let wasLost = false
  const lost = computed(() => link.value.state === 'lost')
  const ends = [
    effect(() => {
      for (const id of busy.value) mine.add(id)
    }),
    effect(() => {
      const isLost = lost.value
      isBack = (isBack || wasLost) && !isLost
      // its bar is an alert, but nobody hears what is behind a dialog
      if (isLost && !wasLost && document.querySelector('dialog[open]') !== null) sayAloud('at-once', linkLostText())
      wasLost = isLost
      if (orders.value.size > 0 || isBack) timer ??= setTimeout(speak, togetherMs)
    }),
  ]
  return () => {
    for (const end of ends) end()
    clearTimeout(timer)
    timer = undefined
    waited = 0
    isBack = false
    told = new Map()
    mine.clear()
    forgetSaid()
  }
}

function speak(): void {
  timer = undefined
  if (!isLoaded.value) return
  const say = words()
  const all = [...orders.value.values()]
  const critical = newlyRaised(all, 'critical')
  const urgent = newlyRaised(all, 'urgent')
  if ([...critical, ...urgent].some(isNameAwaited) && waited < waits) {
    waited += 1
    timer = setTimeout(speak, togetherMs)
    return
  }
  waited = 0
  if (critical.length > 0) sayAloud('at-once', naming(say.newCritical(critical.length), critical))
  const others = [
    ...(isBack ? [say.linkBack] : []),
    ...(urgent.length > 0 ? [naming(say.newUrgent(urgent.length), urgent)] : []),
    ...movedTexts(all),
  ]
  for (const text of others) sayAloud('in-turn', text)
  isBack = false
  told = orders.value
}

/** Also what became that severe; the newest first. */
function newlyRaised(all: readonly WorkOrder[], severity: Severity): WorkOrder[] {
  const isNew = (order: WorkOrder) => order.severity === severity && told.get(order.id)?.severity !== severity
  return all
    .filter((order) => order.state === 'raised' && isNew(order))
    .sort((one, other) => Date.parse(other.raisedAt) - Date.parse(one.raisedAt))
}

/** How it went on with what is critical, and with what somebody did something about here. */
function movedTexts(all: readonly WorkOrder[]): string[] {
  const moved = all.filter(({ id, state, severity }) => {
    const before = told.get(id)?.state
    return before !== undefined && before !== state && (severity === 'critical' || mine.has(id))
  })
  const states = new Set(moved.map(({ state }) => state))
  return [...states].map((state) => {
    const those = moved.filter((order) => order.state === state)
    return naming(words().ordersNow(sharedWords().states[state], those.length), those)
  })
}

function naming(what: string, those: readonly WorkOrder[]): string {
  const names = those.slice(0, named).map((order) => `${titleOf(order)} ${whereText(order)}`)
  return words().aloud(what, names.join(' · '))
}
