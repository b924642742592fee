import fc from 'fast-check'
import { expect, test } from 'vitest'
import { minuteMs } from '../../core/clock.ts'
import { ExpectedError } from '../../core/errors.ts'
import { causeClasses, type OrderEvent, orderOutcomes, type WorkOrder } from '../../core/incident.ts'
import type { ChainedEvent } from '../../stores/operations/port.ts'
import { testOrder } from '../../test/fixtures/rows.ts'
import { arriveWithinMs } from '../life/open.ts'
import { type ActionRequest, decide, orderActions } from '../life/transitions.ts'
import { freeze, shippedPlans } from '../plans/plans.ts'
import { rowInChain } from './chain.ts'
import { faultOfRow } from './verify-row.ts'

const start = Date.UTC(2026, 10, 24, 8)
const [elevatorPlan] = shippedPlans
if (elevatorPlan === undefined) throw new Error('no plan ships')
const plan = freeze(elevatorPlan)

/** An order and its chain, as commands write both. */
function life(given: Partial<WorkOrder> = {}, saysRow = true) {
  const raised = testOrder({ incidentId: 'i-1', detectedAt: start, teamId: 'crew-1', siteId: 'lotus', plan, ...given })
  let order = raised
  const chain: ChainedEvent[] = []
  const tell = (event: OrderEvent) => {
    chain.push({ ...event, orderId: order.id, number: chain.length + 1, hash: '', idempotencyKey: null })
  }
  const { severity, teamId } = raised
  const named = { severity, teamId, plan: { id: plan.id, version: plan.version } }
  const data = saysRow ? { ...named, order: rowInChain(raised) } : named
  tell({ at: start, type: 'raised', actor: 'liftwatt', data })
  return {
    chain,
    order: () => order,
    tell,
    change: (change: Partial<WorkOrder>) => {
      order = { ...order, ...change }
    },
    act(action: ActionRequest['action'], minute: number, said: Partial<ActionRequest> = {}) {
      const decision = decide(order, { orderId: order.id, action, actor: 'wang', ...said }, start + minute * minuteMs)
      tell(decision.event)
      order = { ...order, ...decision.change } as WorkOrder
    },
  }
}

function wholeLife() {
  const { act, order, chain } = life()
  act('accept', 2, { technicianId: 'li', teamId: 'crew-2' })
  act('tell-passenger', 3)
  act('reassign', 4, { teamId: 'crew-3' })
  act('accept', 5, { technicianId: 'chen', technicianName: 'Chen Mei' })
  act('arrive', 20)
  act('restore', 40)
  const parts = [{ name: 'Roller', quantity: 2, partNumber: null }]
  act('close', 50, { causeClass: 'equipment', outcome: 'repaired', parts, note: 'Worn' })
  act('inspect', 60)
  return { order: order(), chain }
}

test('a row that commands wrote is as its events say', () => {
  const { order, chain } = wholeLife()
  expect(faultOfRow(order, chain)).toBeUndefined()
  for (const action of ['cancel', 'dealt-with'] as const) {
    const other = life({ finding: 'elevator/door-fault' })
    other.act(action, 3, { note: 'A drill' })
    expect(faultOfRow(other.order(), other.chain)).toBeUndefined()
  }
  const alarm = life()
  alarm.act('close', 3, { outcome: 'false-alarm' })
  expect(faultOfRow(alarm.order(), alarm.chain)).toBeUndefined()
})

test.each<[Partial<WorkOrder>, number]>([
  [{ arriveBy: start + 90 * minuteMs }, 1],
  [{ type: 'planned', arriveBy: null }, 1],
  [{ finding: 'elevator/door-fault' }, 1],
  [{ summary: 'A lamp is broken' }, 1],
  [{ deviceId: 'elv-2' }, 1],
  [{ siteId: 'peony' }, 1],
  [{ receivedAt: start - 1 }, 1],
  [{ severity: 'warning' }, 1],
  [{ plan: { ...plan, steps: [] } }, 1],
  [{ plan: null }, 1],
  [{ acknowledgedAt: start + minuteMs }, 2],
  [{ passengerToldAt: start + minuteMs }, 3],
  [{ teamId: 'crew-1' }, 4],
  [{ technicianId: 'li' }, 5],
  [{ technicianName: 'Li Na' }, 5],
  [{ state: 'accepted' }, 8],
  [{ outcome: 'self-corrected' }, 8],
  [{ causeClass: 'people' }, 8],
  [{ parts: [] }, 8],
  [{ note: 'New' }, 8],
  [{ inspectedAt: null }, 9],
  [{ upgradedAt: start }, 1],
  [{ mergedIntoId: 'other' }, 9],
  [{ followsId: 'other' }, 9],
])('a row with %j is named, with the event that says otherwise', (change, event) => {
  const { order, chain } = wholeLife()
  const [field = ''] = Object.keys(change)
  expect(faultOfRow({ ...order, ...change }, chain)).toEqual({ event, text: expect.stringContaining(field) })
})

test.each<[Partial<WorkOrder>]>([
  [{ outcome: 'repaired' }],
  [{ state: 'closed' }],
  [{ acknowledgedAt: start }],
  [{ technicianId: 'li' }],
  [{ technicianName: 'Li Na' }],
  [{ parts: [{ name: 'Roller', quantity: 1, partNumber: null }] }],
])('nor may a running order have %j, which nobody said', (change) => {
  const { order, chain } = life()
  expect(faultOfRow({ ...order(), ...change }, chain)?.text).toContain(Object.keys(change)[0])
})

test('whatever people do in whatever order, the row is as its events say', () => {
  const step = fc.record({
    action: fc.constantFrom(...orderActions.filter((action) => action !== 'merge')),
    actor: fc.constantFrom('wang', 'li'),
    said: fc.record(
      {
        technicianId: fc.constantFrom('li', 'chen'),
        technicianName: fc.constantFrom('Li Na', 'Chen Mei'),
        teamId: fc.constantFrom('crew-1', 'crew-2', 'crew-3'),
        outcome: fc.constantFrom(...orderOutcomes),
        causeClass: fc.constantFrom(...causeClasses),
        note: fc.string(),
      },
      { requiredKeys: [] },
    ),
  })
  const ofEither = fc.constantFrom('elevator/entrapment', 'elevator/door-fault')
  fc.assert(
    fc.property(ofEither, fc.array(step, { maxLength: 20 }), (finding, steps) => {
      const { act, order, chain } = life({ finding })
      for (const [minute, { action, actor, said }] of steps.entries()) {
        try {
          act(action, minute, { actor, ...said })
        } catch (cause) {
          if (!(cause instanceof ExpectedError)) throw cause
        }
      }
      expect(faultOfRow(order(), chain)).toBeUndefined()
    }),
  )
})

test('an upgrade says what it makes of the row, also when it came when people had accepted', () => {
  const planned = {
    type: 'planned',
    severity: 'warning',
    arriveBy: null,
    finding: 'elevator/door-close-drift',
  } as const
  const { order, chain, act, change, tell } = life({ ...planned, dueAt: start + 1_000 * minuteMs })
  act('accept', 5, { technicianId: 'li' })
  const upgradedAt = start + 60 * minuteMs
  const clock = { type: 'emergency', upgradedAt, arriveBy: upgradedAt + arriveWithinMs, dueAt: null } as const
  const nobody = { technicianId: null, technicianName: null }
  change({ ...clock, ...nobody, severity: 'urgent', summary: 'It does not close', teamId: 'crew-4' })
  const said = { from: 'warning', to: 'urgent', teamId: 'crew-4', order: rowInChain(order()) }
  tell({ at: upgradedAt, type: 'upgraded', actor: 'liftwatt', data: said })

  expect(faultOfRow(order(), chain)).toBeUndefined()
  const later = { upgradedAt: upgradedAt + minuteMs, arriveBy: upgradedAt + minuteMs + arriveWithinMs }
  expect(faultOfRow({ ...order(), ...later }, chain)).toMatchObject({ event: 3 })
  expect(faultOfRow({ ...order(), severity: 'warning' }, chain)).toMatchObject({ event: 3 })
  expect(faultOfRow({ ...order(), teamId: 'crew-1' }, chain)).toMatchObject({ event: 3 })
})

test('an order of an earlier version is checked for what its events say', () => {
  const { order, chain } = life({}, false)
  expect(faultOfRow({ ...order(), summary: 'Unsaid', plan: { ...plan, steps: [] } }, chain)).toBeUndefined()
  const changes = [{ type: 'planned', arriveBy: null }, { arriveBy: start }, { severity: 'info' }, { teamId: 'crew-9' }]
  for (const change of changes as Partial<WorkOrder>[]) {
    expect(faultOfRow({ ...order(), ...change }, chain)).toMatchObject({ event: 1 })
  }
  expect(faultOfRow({ ...order(), plan: { ...plan, version: 7 } }, chain)).toMatchObject({ event: 1 })
})
