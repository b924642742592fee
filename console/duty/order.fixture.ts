import type { WorkOrder } from '../shared/wire.ts'

/** An entrapment that nobody has seen, for tests; @param changes what is different */
export function testOrder(changes: Partial<WorkOrder> = {}): WorkOrder {
  const at = '2026-11-24T08:00:00.000Z'
  return {
    ...{ id: 'order', incidentId: 'incident', type: 'emergency', state: 'raised', deviceId: 'elv-1', siteId: null },
    ...{ finding: 'elevator/entrapment', severity: 'critical', summary: 'Somebody is shut in' },
    ...{ occurredAt: at, receivedAt: at, detectedAt: at, raisedAt: at, arriveBy: '2026-11-24T08:30:00.000Z' },
    ...{ upgradedAt: null, acknowledgedAt: null, acceptedAt: null, arrivedAt: null, restoredAt: null, closedAt: null },
    ...{ cancelledAt: null, causeClass: null, outcome: null, plan: null, teamId: null, assignedBecause: '' },
    ...{
      technicianId: null,
      technicianName: null,
      passengerToldAt: null,
      inspectedAt: null,
      dueAt: null,
      followsId: null,
    },
    ...{ mergedIntoId: null, note: null, parts: [], reportedBy: null },
    ...changes,
  }
}
