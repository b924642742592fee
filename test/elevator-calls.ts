import { randomUUID } from 'node:crypto'
import { releaseSuppressed } from '../analytics/release.ts'
import type { Clock } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import { silentLog } from '../core/log.ts'
import type { Team } from '../core/people.ts'
import { recordWithOrders, settleAndTell } from '../response.ts'
import type { OperationsStore } from '../stores/operations/port.ts'
import { chooseCrew } from '../workorders/crews/dispatch.ts'
import { recordEvent } from '../workorders/evidence/chain.ts'
import { createWorkOrders } from '../workorders/life/act.ts'
import { upgradeOrder } from '../workorders/life/open.ts'
import { notify } from '../workorders/notices/notify.ts'
import { createDeadlineWorker } from '../workorders/plans/deadlines.ts'
import { createEscalate } from '../workorders/plans/escalate.ts'
import { testDevice } from './fixtures/rows.ts'

/** What they need to be there: a gateway, and teams with a channel that leads to them. */
export async function standBy(operations: OperationsStore, ...teams: readonly Team[]): Promise<void> {
  await operations.insertGateway({ id: 'gw-1', name: null, autoRegister: null, createdAt: 0, revokedAt: null })
  await operations.insertChannel({ id: 'ch', type: 'webhook', name: 'ch', settings: {}, enabled: true, createdAt: 0 })
  for (const team of teams) await operations.insertTeam(team)
}

/** Elevators of which sensors and people tell, with the orders that come of it; the database is there when a test runs. */
export function elevatorCalls({ operations, clock }: { operations: () => OperationsStore; clock: Clock }) {
  const journalId = randomUUID()
  let position = 0

  return {
    workOrders: () =>
      createWorkOrders({
        operations: operations(),
        clock,
        endsWithOrder: (finding) => finding.startsWith('manual/'),
        afterChange: settleAndTell,
      }),

    /** Fires the deadlines that are due, as the service does. */
    fireDue: () =>
      createDeadlineWorker({
        operations: operations(),
        escalate: createEscalate({ notify, chooseCrew, recordEvent }),
        clock,
        log: silentLog,
      }).runOnce(),

    async elevator(): Promise<string> {
      const id = `elv-${randomUUID()}`
      await operations().insertDevice(testDevice({ id }))
      return id
    },

    async find(deviceId: string, finding: string, given: Partial<EpisodeEvent> = {}): Promise<void> {
      position += 1
      const now = clock()
      const event: EpisodeEvent = {
        ...{ change: 'opened', scope: { type: 'device', id: deviceId }, deviceId, finding, position, ruleVersion: 0 },
        ...{ severity: 'urgent', summary: `A sensor says ${finding}`, evidence: { heldSeconds: 31 } },
        ...{ occurredAt: now, at: now, receivedAt: now, detectedAt: now, ...given },
      }
      await recordWithOrders(operations(), [event], journalId, now)
    },

    /** @param heardAt when every device was last heard, ms since 1970 */
    release: (heardAt?: number) => {
      const now = clock()
      return releaseSuppressed({
        operations: operations(),
        now,
        ...(heardAt !== undefined && { lastHeard: async (ids) => new Map(ids.map((id) => [id, heardAt])) }),
        onReleased: (unit, incident) => upgradeOrder(unit, incident, now, now),
      })
    },
  }
}
