import { expect, test } from 'vitest'
import { isGivenOn, orderStates } from '../../core/incident.ts'
import { openStates, transitions } from '../../workorders/life/transitions.ts'
import type { OrderEvent, WorkOrder } from '../shared/wire.ts'
import { testOrder } from './order.fixture.ts'
import {
  type DutyAction,
  doubtOf,
  dutyActions,
  isOpen,
  keyOf,
  mayDo,
  nextAction,
  nextGoal,
  overdueDays,
  stepsOf,
  verdictOf,
} from './steps.ts'

/** What of the service's table each button of the room stands on. */
const serviceAction = {
  ...{ acknowledge: 'acknowledge', verify: 'note', dispatch: 'reassign', arrive: 'arrive', restore: 'restore' },
  ...{ close: 'close', 'tell-passenger': 'tell-passenger', note: 'note', shelve: 'cancel', reopen: 'follow-up' },
} as const satisfies Record<DutyAction, string>

const worn = { severity: 'urgent', finding: 'elevator/door-fault' } as const

test.each(dutyActions)('%s is offered in no state in which the service would refuse it', (action) => {
  const allowed = transitions.filter((one) => one.action === serviceAction[action]).flatMap(({ from }) => from)
  for (const state of orderStates) {
    const order = testOrder({ state, ...(action === 'shelve' && worn) })
    if (mayDo(action, order)) expect(allowed).toContain(state)
  }
})

test('every open state has one next step, and its button is offered', () => {
  for (const state of openStates) {
    const order = testOrder({ state })
    const next = nextAction(order)
    expect(next !== null && mayDo(next, order), state).toBe(true)
  }
  expect(orderStates.filter((state) => isOpen({ state }))).toEqual([...openStates])
})

test('what is given to another crew is on the way by nobody: the next crew is wanted, until somebody comes', () => {
  const accepted = { state: 'accepted', acceptedAt: '2026-11-24T08:02:00.000Z' } as const
  const plan = { name: 'p', steps: [{ id: 's', goal: 'accepted', minutes: 5, tell: [] }] } as unknown as NonNullable<
    WorkOrder['plan']
  >
  const theirs = testOrder({ ...accepted, plan, technicianId: 'li' })
  expect([nextAction(theirs), nextGoal(theirs)]).toEqual(['arrive', null])
  const given = testOrder({ ...accepted, plan })
  expect([nextAction(given), nextGoal(given)?.goal, isGivenOn(given)]).toEqual(['dispatch', 'accepted', true])
  expect(mayDo('arrive', given)).toBe(true)
})

test('what ended is reopened, unless another order has taken it over', () => {
  const ended = orderStates.filter((state) => mayDo('reopen', testOrder({ state })))
  expect(ended).toEqual(['closed', 'cancelled'])
  expect(mayDo('reopen', testOrder({ state: 'cancelled', mergedIntoId: 'other' }))).toBe(false)
})

test('each action has a key of its own', () => {
  expect(new Set(Object.values(keyOf)).size).toBe(dutyActions.length)
})

test('only who is trapped is told that help is coming, and only once', () => {
  expect(mayDo('tell-passenger', testOrder())).toBe(true)
  expect(mayDo('tell-passenger', testOrder({ finding: 'camera/entrapment' }))).toBe(true)
  expect(mayDo('tell-passenger', testOrder({ finding: 'elevator/door-fault' }))).toBe(false)
  expect(mayDo('tell-passenger', testOrder({ passengerToldAt: '2026-11-24T08:01:00Z' }))).toBe(false)
})

test('what is critical, of who is trapped or said by a person cannot be shelved, nor what has no place', () => {
  const mayShelve = (changes: Parameters<typeof testOrder>[0]) => mayDo('shelve', testOrder({ ...worn, ...changes }))
  expect(mayShelve({})).toBe(true)
  expect(mayShelve({ severity: 'critical' })).toBe(false)
  expect(mayShelve({ finding: 'camera/entrapment' })).toBe(false)
  expect(mayShelve({ finding: 'manual/report' })).toBe(false)
  expect(mayShelve({ deviceId: null })).toBe(false)
  expect(mayShelve({ deviceId: null, siteId: 'b-1' })).toBe(true)
})

const plan = {
  ...{ id: 'p', version: 0, name: { en: 'Plan', 'zh-CN': '预案' } },
  steps: [
    { id: 'next-crew', goal: 'accepted', minutes: 10 },
    { id: 'seen', goal: 'acknowledged', minutes: 1 },
    { id: 'crew', goal: 'accepted', minutes: 5 },
    { id: 'on-site', goal: 'arrived', minutes: 0.5 },
  ],
} as const

test('the next goal is the first one of the plan that is not reached, counted from detection or from the upgrade', () => {
  expect(nextGoal(testOrder({ plan }))).toEqual({ goal: 'acknowledged', dueAt: Date.UTC(2026, 10, 24, 8, 1) })
  const seen = testOrder({ plan, acknowledgedAt: '2026-11-24T08:00:30Z', upgradedAt: '2026-11-24T08:02:00Z' })
  expect(nextGoal(seen)).toEqual({ goal: 'accepted', dueAt: Date.UTC(2026, 10, 24, 8, 7) })
  expect(nextGoal(testOrder())).toBeNull()
})

const event = (data: OrderEvent['data']): OrderEvent => ({
  at: '2026-11-24T08:01:00Z',
  type: 'noted',
  actor: 'li',
  data,
})

test('the last word on whether it is real counts, whoever said it in whichever language', () => {
  expect(verdictOf([event({})])).toBeNull()
  expect(verdictOf([event({ verified: true })])).toBe('real')
  expect(verdictOf([event({ verified: true }), event({ verified: 'drill' })])).toBe('drill')
  // whoever may write a remark could say so
  expect(verdictOf([event({ verified: true }), event({ note: '核实：误报' })])).toBe('real')
})

test('nothing that was seen to be real, nor of which somebody may be shut in, is closed as false without a word', () => {
  const entrapment = testOrder({ finding: 'elevator/entrapment' })
  expect(doubtOf(entrapment, null)).toBe('entrapment')
  expect(doubtOf({ ...entrapment, passengerToldAt: '2026-11-23T18:12:00.000Z' }, 'drill')).toBe('passenger-told')
  expect(doubtOf(testOrder(worn), 'real')).toBe('verified')
  expect(doubtOf(testOrder({ finding: 'manual/report' }), null)).toBe('reported')
  expect(doubtOf(testOrder(worn), null)).toBeNull()
})

test('where nobody is trapped, nobody waits for a passenger to be told', () => {
  const told = { goal: 'passenger-told', minutes: 2 }
  const plan = { steps: [told, { goal: 'accepted', minutes: 5 }] } as unknown as NonNullable<WorkOrder['plan']>
  expect(nextGoal(testOrder({ plan }))?.goal).toBe('passenger-told')
  expect(nextGoal(testOrder({ ...worn, plan }))?.goal).toBe('accepted')
  expect(stepsOf(testOrder({ ...worn, plan }))).toHaveLength(1)
  expect(stepsOf(testOrder({ plan, restoredAt: '2026-11-24T08:20:00.000Z' }))).toHaveLength(1)
})

test('planned work is overdue from the day after its own, by the calendar of Shanghai', () => {
  const order = testOrder({ dueAt: '2026-11-16T16:00:00.000Z' })
  expect(overdueDays(order, Date.parse('2026-11-17T15:59:00Z'))).toBe(0)
  expect(overdueDays(order, Date.parse('2026-11-17T16:00:00Z'))).toBe(1)
  expect(overdueDays(testOrder(), Date.parse('2026-11-30T00:00:00Z'))).toBe(0)
})
