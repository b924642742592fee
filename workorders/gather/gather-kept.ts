import type { WorkOrder } from '../../core/incident.ts'
import type { Notice } from '../../core/notice.ts'
import type {
  ChainedEvent,
  ChainHead,
  EvidenceTask,
  IncidentChange,
  NewDeadline,
  NewIncident,
  NewStreamEvent,
  Operations,
  OrderChange,
} from '../../stores/operations/port.ts'

/** In one statement. */
const rowsAtOnce = 1_000

type Added = 'insertStreamEvent' | 'insertNotices' | 'insertDeadlines' | 'insertEvidenceTasks'

/** What is kept back in a transaction, to be written together. */
export interface Kept {
  readonly incidents: NewIncident[]
  /** Of those incidents. */
  readonly orders: WorkOrder[]
  readonly events: (ChainedEvent & ChainHead)[]
  readonly add: Pick<Operations, Added>
  changeOrder(id: string, change: OrderChange): void
  changeIncident(id: string, change: IncidentChange): void
  /** Whether what is kept back would change what the database says of it. */
  isChanged(incidentId: string): boolean
  /** Incidents, orders and what changes in them. */
  writeRows(): Promise<void>
  /** The same, unless it is incidents alone. */
  writeOrders(): Promise<void>
  /** In the transaction, all of it, once. */
  write(): Promise<void>
}

export function createKept(unit: Operations): Kept {
  const incidents: NewIncident[] = []
  const orders: WorkOrder[] = []
  const events: Kept['events'] = []
  const stream: NewStreamEvent[] = []
  const notices: Notice[] = []
  const deadlines: NewDeadline[] = []
  const tasks: Omit<EvidenceTask, 'attempts'>[] = []
  const changes = new Map<string, OrderChange>()
  const incidentChanges = new Map<string, IncidentChange>()

  async function writeRows(): Promise<void> {
    await inParts(incidents, (rows) => unit.insertNewIncidents(rows))
    await inParts(orders, (rows) => unit.insertOrders(rows))
    for (const [id, change] of incidentChanges) await unit.updateIncident(id, change)
    incidentChanges.clear()
    if (changes.size === 0) return
    const all = new Map(changes)
    changes.clear()
    await unit.updateOrders(all)
  }

  return {
    incidents,
    orders,
    events,
    add: {
      insertStreamEvent: async (...more) => void stream.push(...more),
      insertNotices: async (more) => void notices.push(...more),
      insertDeadlines: async (more) => void deadlines.push(...more),
      insertEvidenceTasks: async (more) => void tasks.push(...more),
    },
    changeOrder: (id, change) => void changes.set(id, { ...changes.get(id), ...change }),
    changeIncident(id, change) {
      const index = incidents.findIndex((incident) => incident.id === id)
      const incident = incidents[index]
      if (incident === undefined) incidentChanges.set(id, { ...incidentChanges.get(id), ...change })
      else incidents[index] = { ...incident, ...change }
    },
    isChanged: (incidentId) => incidentChanges.has(incidentId) || incidents.some(({ id }) => id === incidentId),
    writeRows,
    writeOrders: async () => void (orders.length + changes.size > 0 && (await writeRows())),
    async write() {
      await writeRows()
      await inParts(events, (rows) => unit.insertChainedEvent(...rows))
      await inParts(deadlines, (rows) => unit.insertDeadlines(rows))
      await inParts(tasks, (rows) => unit.insertEvidenceTasks(rows))
      await inParts(notices, (rows) => unit.insertNotices(rows))
      await inParts(stream, (rows) => unit.insertStreamEvent(...rows))
    },
  }
}

async function inParts<Row>(rows: Row[], insert: (some: Row[]) => Promise<void>): Promise<void> {
  while (rows.length > 0) await insert(rows.splice(0, rowsAtOnce))
}
