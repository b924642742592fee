import { expect, test } from 'vitest'
import { createAdmission } from './admission.ts'

const analytics = (position: number, waitingFor: string | null = null) => [
  { name: 'analytics', position, waitingFor, waitingSince: waitingFor === null ? null : 0 },
]

test('a burst is taken at once, a lasting overload makes the gateways wait until the detectors have caught up', () => {
  const mustWait = createAdmission()

  expect(mustWait(900_000, analytics(1), 0)).toBe(false)
  expect(mustWait(1_100_000, analytics(10_000), 100)).toBe(true)
  expect(mustWait(1_100_000, analytics(40_000), 200)).toBe(true)
  expect(mustWait(1_100_000, analytics(90_000), 300)).toBe(false)
})

test('nobody waits for a consumer whose database is down: the journal keeps its part', () => {
  const mustWait = createAdmission()

  expect(mustWait(5_000_000, analytics(1, 'the operations database is unavailable'), 0)).toBe(false)
})

test('nobody waits for a consumer that hangs', () => {
  const mustWait = createAdmission()
  mustWait(10, analytics(1), 0)

  expect(mustWait(5_000_000, analytics(1), 9_000)).toBe(true)
  expect(mustWait(5_000_000, analytics(1), 10_000)).toBe(false)
})

test('the backlog of an outage is worked off while gateways go on, as long as it does not grow', () => {
  const mustWait = createAdmission()
  mustWait(8_000_000, analytics(1, 'the operations database is unavailable'), 0)

  expect(mustWait(8_000_000, analytics(2), 100)).toBe(false)
  expect(mustWait(8_020_000, analytics(100_000), 200)).toBe(false)
  expect(mustWait(8_200_000, analytics(110_000), 300)).toBe(true)
  expect(mustWait(8_200_000, analytics(260_000), 400)).toBe(false)
})

test('the slowest of those at work decides', () => {
  const mustWait = createAdmission()
  const consumers = [...analytics(1_900_000), { name: 'history', position: 1, waitingFor: null, waitingSince: null }]
  mustWait(0, consumers, 0)

  expect(mustWait(2_000_000, consumers, 100)).toBe(true)
})
