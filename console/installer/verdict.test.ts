import { expect, test } from 'vitest'
import type { Trouble } from './trouble.ts'
import { concerning, look, lookAtPasswords, verdictOf, wrongPasswordsTrouble } from './verdict.ts'

const minuteMs = 60_000
const now = 100 * minuteMs
const old = new Date(now - 3 * minuteMs).toISOString()

function trouble(reason: string, at: number, deviceId?: string): Trouble {
  const message = deviceId === undefined ? null : { deviceId, path: '$', raw: '{}', isMapped: false }
  return { at, reason, text: reason, message }
}

/** Looks at the newest reading, one after the other, 1.5 s apart. */
function after(...lasts: (string | null)[]) {
  let state: ReturnType<typeof look> | null = null
  for (const [index, last] of lasts.entries()) state = look(state, last, now + index * 1_500)
  if (state === null) throw new Error('nothing was looked at')
  return state.seen
}

test('waits while nothing comes', () => {
  expect(verdictOf(after(null, null), [])).toEqual({ light: 'waiting', troubles: [] })
})

test('turns green at the first reading', () => {
  expect(verdictOf(after(null, 'a'), []).light).toBe('green')
})

test('a device that reported long ago is not green for that', () => {
  expect(verdictOf(after(old, old), []).light).toBe('waiting')
  expect(verdictOf(after(old, 'new'), []).light).toBe('green')
})

test('trouble that its last reading came after is over, also for who opens the page now', () => {
  expect(verdictOf(after(old), [trouble('wrong-topic', now - 4 * minuteMs)]).light).toBe('waiting')
  expect(verdictOf(after(old), [trouble('wrong-topic', now - 2 * minuteMs)]).light).toBe('wrong')
})

test('stays green while the same reading stands', () => {
  expect(verdictOf(after(null, 'a', 'a', 'a'), []).light).toBe('green')
})

test('says what is wrong, the newest first and each once', () => {
  const troubles = [
    trouble('clock-ahead', now + 9, 'elv'),
    trouble('clock-ahead', now, 'elv'),
    trouble('wrong-topic', now),
  ]

  const { light, troubles: said } = verdictOf(after(null, null), troubles)
  expect(light).toBe('wrong')
  expect(said.map(({ reason }) => reason)).toEqual(['clock-ahead', 'wrong-topic'])
})

test('what somebody tried just before the page was opened counts, what was yesterday does not', () => {
  expect(verdictOf(after(null), [trouble('wrong-topic', now - 9 * minuteMs)]).light).toBe('wrong')
  expect(verdictOf(after(null), [trouble('wrong-topic', now - 11 * minuteMs)]).light).toBe('waiting')
})

test('trouble of before is over once a reading came; what comes with it is still said', () => {
  const seen = after(null, null, null, 'a')
  const before = trouble('clock-ahead', now - minuteMs, 'elv')
  const withIt = trouble('unknown-metric', now + 4_000, 'elv')

  expect(verdictOf(seen, [withIt, before])).toEqual({ light: 'green', troubles: [withIt] })
})

test('another device of the gateway has its own troubles; one that may be this one under a wrong name has not', () => {
  const others = trouble('out-of-range', now, 'meter')
  const misspelt = trouble('unknown-device', now, 'e1v')
  const atTheDoor = trouble('wrong-topic', now)
  const own = trouble('bad-json', now, 'elv')

  expect(concerning('elv', [others, misspelt, atTheDoor, own])).toEqual([misspelt, atTheDoor, own])
})

test('a reading that is accepted and hours old by its own clock is not green', () => {
  const seen = after(null, 'a')
  const cameBy = seen.came?.by ?? 0
  const lightOf = (ageMs: number) => verdictOf(seen, [], cameBy - ageMs).light

  expect([lightOf(8 * 60 * minuteMs), lightOf(5 * minuteMs), lightOf(4 * minuteMs)]).toEqual(['late', 'late', 'green'])
})

test('a try with a wrong password is told as soon as the door has counted it', () => {
  const counted = (wrongPasswords: number, lastMessageAt: string | null = null) => ({ wrongPasswords, lastMessageAt })
  const first = lookAtPasswords(null, counted(0), now)
  expect(wrongPasswordsTrouble(first)).toEqual([])

  const second = lookAtPasswords(first, counted(1), now + 1_500)
  expect(verdictOf(after(null, null), wrongPasswordsTrouble(second))).toMatchObject({
    light: 'wrong',
    troubles: [{ reason: 'wrong-credentials', at: now + 1_500 }],
  })
  expect(lookAtPasswords(second, counted(1), now + 3_000).at).toBe(now + 1_500)
})

test('wrong passwords of before count for a gateway that was never heard of, and not for one that was', () => {
  expect(lookAtPasswords(null, { wrongPasswords: 3, lastMessageAt: null }, now).at).toBe(now)
  expect(lookAtPasswords(null, { wrongPasswords: 3, lastMessageAt: old }, now).at).toBeNull()
})
