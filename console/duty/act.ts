import { effect, signal } from '@preact/signals'
import { ApiProblem, get, NoAnswer, newKey, post } from '../shared/api.ts'
import { problemText } from '../shared/problem-text.ts'
import type {
  ActionBody,
  NewDutyEntry,
  NewSuppression,
  NewWorkOrder,
  OrderAction,
  WorkOrder,
  WorkOrderDetail,
} from '../shared/wire.ts'
import { orders, put, readHandovers, readShelves, shelves } from './board.ts'
import { sitesOf } from './places.ts'
import type { Verdict } from './steps.ts'

/** Orders about which something was asked and not answered yet. */
export const busy = signal<ReadonlySet<string>>(new Set())
/** What became of the last action on an order where that is not good, by the order's id. */
export const failures = signal<ReadonlyMap<string, Failure>>(new Map())

export type Failure =
  | { readonly type: 'refused'; readonly text: string }
  /** Nobody answered, and it may be done all the same: it is being looked for, or, looked for, is not to be seen on the order. */
  | { readonly type: 'unknown' | 'not-seen'; readonly isDone: Seen }

type Seen = (order: WorkOrder & Partial<Pick<WorkOrderDetail, 'events'>>) => boolean

/** What is being done about an order, the last of it. */
const doing = new Map<string, Promise<boolean>>()

/** So often an action is sent that nobody answered: with its key, it is done once all the same. */
const tries = 3
/** So long after nobody answered it is looked whether it was done, again and again. */
const lookAgainMs = 2_000
/** Who tries again after a while names a later end, and means the same. Shelves last an hour at least. */
const sameEndMs = 15 * 60_000

/** Does something about an order, and shows what became of it. False when it was refused; the card says why. A remark waits for what is being done. */
export async function act<Action extends OrderAction>(
  orderId: string,
  action: Action,
  body: ActionBody<Action>,
): Promise<boolean> {
  if (busy.value.has(orderId) && action !== 'note') return false
  return during(orderId, seenIn(action, body), async () => {
    put(await untilAnswered((key) => post<WorkOrder>(`/work-orders/${orderId}/${action}`, body, key)))
  })
}

/**
 * The first to see an order says it with the acknowledgement; later it is said with a remark, and a false alarm ends the order.
 * @param note the same in words
 * @param isKnown whether it is known here what speaks against a false alarm; else the service decides, and those words are no reason
 */
export function verify({ id, state }: WorkOrder, verdict: Verdict, note: string, isKnown: boolean): Promise<boolean> {
  if (verdict === 'false') return act(id, 'close', { outcome: 'false-alarm', ...(isKnown && { note }) })
  const verified = verdict === 'drill' ? 'drill' : true
  return state === 'raised' ? act(id, 'acknowledge', { verified }) : act(id, 'note', { note, verified })
}

/** What somebody called about: a new order, or the one that is under way for it. */
export async function openByHand(told: NewWorkOrder, key: string): Promise<WorkOrder> {
  const order = await untilAnswered(() => post<WorkOrder>('/work-orders', told, key))
  put(order)
  return order
}

/** Shelves what an order is about, and cancels the order, which would stay otherwise. @param endsAt ISO 8601 */
export async function shelve(order: WorkOrder, reason: string, endsAt: string): Promise<boolean> {
  if (busy.value.has(order.id)) return false
  return during(order.id, seenIn('cancel', { reason }), async () => {
    const shelf = { type: 'shelf' as const, scope: scopeOf(order), finding: order.finding, reason, endsAt }
    await untilAnswered((key) => post('/suppressions', shelf satisfies NewSuppression, key)).catch((cause: unknown) =>
      unlessShelved(shelf, cause),
    )
    put(await untilAnswered((key) => post<WorkOrder>(`/work-orders/${order.id}/cancel`, { reason }, key)))
    await readShelves()
  })
}

/** What came back, or was ended by mistake: an order of its own, which follows the ended one. */
export async function reopen(order: WorkOrder, reason: string): Promise<boolean> {
  if (busy.value.has(order.id)) return false
  return during(order.id, isFollowed, async () => {
    put(await untilAnswered((key) => post<WorkOrder>(`/work-orders/${order.id}/follow-up`, { reason }, key)))
  })
}

const isFollowed: Seen = ({ events }) => events?.some(({ data }) => data.followedById !== undefined) ?? false

/** By somebody else, or here before the order could be cancelled: good, unless that shelf ends sooner than is wanted. */
async function unlessShelved(wanted: NewSuppression & { readonly endsAt: string }, cause: unknown): Promise<void> {
  if (!(cause instanceof ApiProblem && cause.code === 'already-exists')) throw cause
  await readShelves()
  const { scope, finding } = wanted
  const longEnough = Date.parse(wanted.endsAt) - sameEndMs
  const isThere = shelves.value.some(
    (shelf) =>
      shelf.scope.type === scope.type &&
      shelf.scope.id === scope.id &&
      shelf.finding === finding &&
      (shelf.endsAt === null || Date.parse(shelf.endsAt) >= longEnough),
  )
  if (!isThere) throw cause
}

export async function endShelf(id: string): Promise<void> {
  await untilAnswered((key) => post(`/suppressions/${id}/end`, undefined, key))
  await readShelves()
}

export async function writeInLog(entry: NewDutyEntry, key: string): Promise<void> {
  await untilAnswered(() => post('/duty-log', entry, key))
  await readHandovers()
}

/** Whether or not it was done: who was second learns who was first. */
export async function takeOver(id: string, name: string, key: string): Promise<void> {
  try {
    await untilAnswered(() => post(`/duty-log/${id}/take-over`, { name }, key))
  } finally {
    await readHandovers()
  }
}

/** The device, else the place: `mayDo` lets nothing else be shelved. */
function scopeOf(order: WorkOrder): NewSuppression['scope'] {
  if (order.deviceId !== null) return { type: 'device', id: order.deviceId }
  const site = sitesOf(order)[0]
  if (site === undefined) throw new NoAnswer('the place of the order is not known yet')
  return { type: site.type, id: site.id }
}

async function during(orderId: string, isDone: Seen, work: () => Promise<void>): Promise<boolean> {
  const before = doing.get(orderId)
  if (before === undefined) setFailure(orderId, null)
  const mine = Promise.resolve(before).then(() => tell(orderId, isDone, work))
  doing.set(orderId, mine)
  busy.value = new Set(doing.keys())
  const wasDone = await mine
  if (doing.get(orderId) === mine) doing.delete(orderId)
  busy.value = new Set(doing.keys())
  return wasDone
}

async function tell(orderId: string, isDone: Seen, work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (cause) {
    if (cause instanceof NoAnswer) lookFor(orderId, { type: 'unknown', isDone })
    else setFailure(orderId, { type: 'refused', text: problemText(cause) })
    return false
  }
}

/** Whether an action is done, as the order itself shows it. */
function seenIn<Action extends OrderAction>(action: Action, body: ActionBody<Action>): Seen {
  const { note, teamId } = body as { readonly note?: string; readonly teamId?: string }
  return (order) => {
    switch (action) {
      case 'acknowledge':
        return order.acknowledgedAt !== null
      case 'accept':
        return order.acceptedAt !== null && order.technicianId !== null
      case 'arrive':
        return order.arrivedAt !== null
      case 'restore':
        return order.restoredAt !== null
      case 'close':
        return order.closedAt !== null
      case 'cancel':
        return order.cancelledAt !== null
      case 'tell-passenger':
        return order.passengerToldAt !== null
      case 'reassign':
        return order.teamId === teamId
      case 'note':
        return order.events?.some(({ data }) => data.note === note) ?? false
      default:
        return false
    }
  }
}

/** Until the service says what the order is now. */
async function lookFor(orderId: string, failure: Failure & { readonly isDone: Seen }): Promise<void> {
  setFailure(orderId, failure)
  while (failures.value.get(orderId) === failure) {
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs))
    try {
      const order = await get<WorkOrderDetail>(`/work-orders/${orderId}`)
      if (failures.value.get(orderId) !== failure) return
      put(order)
      setFailure(orderId, failure.isDone(order) ? null : { ...failure, type: 'not-seen' })
    } catch (cause) {
      if (cause instanceof ApiProblem && cause.code !== 'unavailable') return
    }
  }
}

/** What arrived late is done, too. */
effect(() => {
  for (const [id, failure] of failures.value) {
    const order = orders.value.get(id)
    if (failure.type !== 'refused' && order !== undefined && failure.isDone(order)) setFailure(id, null)
  }
})

function setFailure(orderId: string, failure: Failure | null): void {
  const left = new Map(failures.peek())
  if (failure === null) left.delete(orderId)
  else left.set(orderId, failure)
  failures.value = left
}

async function untilAnswered<Answer>(send: (key: string) => Promise<Answer>): Promise<Answer> {
  const key = newKey()
  for (let tried = 1; ; tried += 1) {
    try {
      return await send(key)
    } catch (cause) {
      if (!(cause instanceof NoAnswer) || tried === tries) throw cause
    }
  }
}
