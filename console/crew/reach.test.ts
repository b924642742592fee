import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { heard, reach, unanswered, watchReach, whenBack } from './reach.ts'

/* The page's clock is put forward, and the link answers after so long; never where it hangs. */

let answersAfterMs = 100
let asked = 0
let visibilityState: 'visible' | 'hidden' = 'visible'
let onSeen = () => {}
let end = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  answersAfterMs = 100
  asked = 0
  visibilityState = 'visible'
  vi.stubGlobal('document', {
    get visibilityState() {
      return visibilityState
    },
    addEventListener: (_: string, listener: () => void) => (onSeen = listener),
    removeEventListener: () => {},
  })
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('removeEventListener', () => {})
  vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => {
    asked += 1
    return new Promise((resolve, reject) => {
      setTimeout(resolve, answersAfterMs, new Response())
      signal.addEventListener('abort', reject)
    })
  })
  heard()
  end = watchReach()
})
afterEach(async () => {
  end()
  await vi.runAllTimersAsync()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const hang = () => (answersAfterMs = 1e9)
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** The states there were, each second of so many. */
async function statesFor(seconds: number): Promise<Set<string>> {
  const states = new Set<string>()
  for (let second = 0; second < seconds; second += 1) {
    await pass(1_000)
    states.add(reach.value.state)
  }
  return states
}

test('a link that hangs is lost within 5 s, whenever it began, and back with the first answer', async () => {
  for (const beforeMs of [0, 700, 1_400, 2_100, 2_700]) {
    answersAfterMs = 100
    heard()
    await pass(10_000 + beforeMs)
    expect(reach.value.state).toBe('online')
    let back = 0
    const forget = whenBack(() => (back += 1))
    hang()
    await pass(5_000)
    expect(reach.value.state).toBe('offline')
    answersAfterMs = 100
    await pass(3_000)
    expect([reach.value.state, back]).toEqual(['online', 1])
    forget()
  }
})

test('a slow link is none that hangs: its answers come as often as they are asked for', async () => {
  answersAfterMs = 2_000
  expect(await statesFor(30)).toEqual(new Set(['online']))
  answersAfterMs = 4_000
  await pass(10_000) // once a sign comes late, for it was asked for after the one before
  expect(await statesFor(30)).toEqual(new Set(['online']))
})

test('as long as the server answers other things, it is asked for nothing', async () => {
  for (let second = 0; second < 20; second += 2) {
    await pass(2_000)
    heard()
  }
  expect(asked).toBe(0)
  await pass(10_000)
  expect(asked).toBe(4)
})

test('a page that is not seen asks nothing, and one that was in a pocket asks before it says that there is no link', async () => {
  visibilityState = 'hidden'
  expect(await statesFor(600)).toEqual(new Set(['online']))
  expect(asked).toBe(0)
  visibilityState = 'visible'
  onSeen()
  expect(await statesFor(1)).toEqual(new Set(['online']))
  expect(asked).toBe(1)

  hang()
  visibilityState = 'hidden'
  await pass(60_000)
  visibilityState = 'visible'
  onSeen()
  await pass(2_500)
  expect(reach.value.state).toBe('offline')
})

test('what is not answered while other things are is no lost link', async () => {
  const askedAt = performance.timeOrigin + performance.now()
  await pass(3_000)
  unanswered(askedAt)
  expect(reach.value.state).toBe('online')
  unanswered(performance.timeOrigin + performance.now())
  expect(reach.value.state).toBe('offline')
})
