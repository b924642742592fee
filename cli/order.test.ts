import { expect, test } from 'vitest'
import { detailOf } from './order.ts'

const order = {
  ...{
    id: 'o',
    type: 'emergency',
    state: 'raised',
    severity: 'critical',
    finding: 'elevator/entrapment',
    siteId: null,
  },
  ...{ deviceId: 'e1', summary: 'Someone is trapped', detectedAt: '2026-11-24T08:00:00.000Z', arriveBy: null },
  ...{
    teamId: null,
    technicianName: null,
    assignedBecause: 'nobody is assigned: no team exists',
    arrivedAt: null,
  },
  events: [],
}

test.each([
  [{}, 'Nobody is assigned: no team exists'],
  [{ assignedBecause: 'Imported' }, 'Nobody is assigned: Imported'],
  [{ teamId: 'east', assignedBecause: 'East: no open order' }, 'east: East: no open order'],
  [{ teamId: 'east', technicianName: 'Li Na', assignedBecause: 'They took it' }, 'east (Li Na): They took it'],
])('who has it, and why, with %j', (change, said) => {
  expect(detailOf({ ...order, ...change })[2]).toBe(said)
})
