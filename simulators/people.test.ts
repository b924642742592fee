import { expect, test } from 'vitest'
import { minuteMs, secondMs } from '../core/clock.ts'
import { type Behaviour, behaviours, nextDeed, playPeople, type SeenOrder } from './people.ts'

const start = 1_800_000_000_000
const raised: SeenOrder = {
  ...{ id: 'o1', state: 'raised', teamId: 'crew-east', raisedAt: start },
  ...{ acknowledgedAt: null, acceptedAt: null, arrivedAt: null, restoredAt: null },
}

/** The order's life among such people: what they did, and how many seconds after the order was raised. */
function life(behaviour: Behaviour, seconds: number): [string, number][] {
  let order = raised
  const deeds: [string, number][] = []
  for (let second = 0; second <= seconds; second++) {
    const now = start + second * secondMs
    const deed = nextDeed(order, behaviour, start, now)
    if (deed === undefined) continue
    deeds.push([deed.action, second])
    if (deed.action === 'acknowledge') order = { ...order, state: 'acknowledged', acknowledgedAt: now }
    if (deed.action === 'accept') order = { ...order, state: 'accepted', acceptedAt: now }
    if (deed.action === 'arrive') order = { ...order, state: 'arrived', arrivedAt: now }
    if (deed.action === 'restore') order = { ...order, state: 'restored', restoredAt: now }
    if (deed.action === 'close') order = { ...order, state: 'closed' }
  }
  return deeds
}

test('people who answer go through the whole life of an order, once each', () => {
  expect(life(behaviours.prompt, 3_600)).toEqual([
    ['acknowledge', 15],
    ['accept', 40],
    ['arrive', 100],
    ['restore', 160],
    ['close', 175],
  ])
})

test('people who are late arrive after the thirty minutes; people who do not answer never accept', () => {
  const arrival = life(behaviours.late, 7_200).find(([action]) => action === 'arrive')
  expect(arrival?.[1]).toBeGreaterThan((30 * minuteMs) / secondMs)
  expect(life(behaviours.silent, 86_400)).toEqual([['acknowledge', 30]])
})

test('an order that comes to another crew is theirs from then on', () => {
  const acknowledged: SeenOrder = { ...raised, state: 'acknowledged', acknowledgedAt: start }
  const takenOver = start + 5 * minuteMs
  expect(nextDeed(acknowledged, behaviours.prompt, takenOver, takenOver + 24 * secondMs)).toBeUndefined()
  expect(nextDeed(acknowledged, behaviours.prompt, takenOver, takenOver + 25 * secondMs)?.action).toBe('accept')
})

test('a refusal or a service that is away stops nobody', async () => {
  const stopping = new AbortController()
  let looks = 0
  const done: string[] = []
  await playPeople({
    async openOrders() {
      looks += 1
      if (looks === 1) throw new Error('away')
      return [raised, { ...raised, id: 'o2' }]
    },
    async act(id) {
      done.push(id)
      if (id === 'o1') throw new Error('somebody was quicker')
      stopping.abort()
    },
    behaviourOf: () => behaviours.prompt,
    clock: () => start + minuteMs,
    signal: stopping.signal,
  })
  expect(done).toEqual(['o1', 'o2'])
})
