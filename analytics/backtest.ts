import { dayMs, secondMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { ExpectedError } from '../core/errors.ts'
import { silentLog } from '../core/log.ts'
import type { RuleInForce } from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { StoredReading } from '../stores/readings/port.ts'
import { type Explaining, orderBeside } from './explained-then.ts'
import { createRecording, type RecordedEpisode } from './recorded.ts'

/** One rule over a stored period, as it is and as it would be. */
export interface BacktestPlan {
  readonly finding: string
  readonly kind: string
  /** ms since 1970; from inclusive, to exclusive. */
  readonly from: number
  readonly to: number
  /** Readings from here on are learned from; what is found before `from` does not count. */
  readonly warmUpFrom: number
  readonly devices: readonly PlannedDevice[]
}

export interface PlannedDevice {
  readonly device: Device
  readonly current: RuleInForce
  readonly proposed: RuleInForce
  /** When something else was found there that explains what this rule finds. */
  readonly explained?: readonly Explaining[]
}

export interface BacktestTotals {
  readonly episodes: number
  readonly emergencyOrders: number
  readonly plannedOrders: number
  readonly ordersPerDay: number
  /** Devices with at least one order. */
  readonly devicesWithOrders: number
}

/** What a back-test shows of an episode; its evidence would be most of what a month of a fleet keeps. */
export type BacktestEpisode = Omit<RecordedEpisode, 'evidence'>

export interface BacktestResult {
  readonly devices: number
  readonly readings: number
  /**
   * Of them, those that came late and are left out, as live; null when the store does not tell of each: they are then taken in the order
   * of their own times, which the service did not.
   */
  readonly late: number | null
  readonly current: BacktestTotals
  readonly proposed: BacktestTotals
  /** Found alike by both. */
  readonly same: number
  readonly came: readonly BacktestEpisode[]
  readonly gone: readonly BacktestEpisode[]
  /** Found by both, at another time or with another severity. */
  readonly moved: readonly { readonly current: BacktestEpisode; readonly proposed: BacktestEpisode }[]
}

export interface BacktestProgress {
  readonly devicesDone: number
  readonly devices: number
  readonly readings: number
}

const pageOfReadings = 5_000
/** Episodes that differ, some 500 B each. A change that makes so many is wrong, and nobody reads them. */
const mostDifferences = 20_000

/**
 * Replays each device's stored readings through the rule with both settings. An order is taken to be closed when its condition is over
 * (two minutes after), or two days after a rule that never clears has last said it; each episode stands alone, outages and storms are not made of them.
 *
 * Memory: two pages of readings, one device's episodes, and what differs, however long the period and large the fleet.
 *
 * @throws {ExpectedError} `invalid`: more than 20,000 episodes differ
 */
export async function runBacktest(
  plan: BacktestPlan,
  given: {
    kind: DeviceKind
    /** A device's readings of these metrics, oldest first, at most `limit`. */
    readings: (query: ReadingsQuery) => Promise<readonly StoredReading[]>
    onProgress: (progress: BacktestProgress) => void
    signal: AbortSignal
  },
): Promise<BacktestResult> {
  const detector = given.kind.detectors.find(({ id }) => id === plan.finding)
  if (detector === undefined) throw new Error(`There is no rule ${plan.finding}`)
  const kind = { ...given.kind, detectors: [detector] }
  const metrics = [...detector.reads, ...detector.mayRead]
  const comparison = createComparison(plan)
  let readings = 0
  let late: number | null = 0
  let devicesDone = 0

  let replays: Replay[] | undefined
  for await (const { planned, page, isLast } of oneAhead(storedPages(plan, metrics, given.readings))) {
    given.signal.throwIfAborted()
    replays ??= [planned.current, planned.proposed].map((rule) => createReplay(kind, rule, planned))
    for (const reading of page) {
      if (reading.late === undefined) late = null
      else if (late !== null && reading.late) late += 1
      if (reading.late !== true) for (const replay of replays) replay.take(reading)
    }
    readings += page.length
    if (isLast) {
      const [current = [], proposed = []] = replays.map((replay) => replay.end())
      comparison.add(current, proposed)
      replays = undefined
      devicesDone += 1
    }
    given.onProgress({ devicesDone, devices: plan.devices.length, readings })
  }
  return { devices: plan.devices.length, readings, late, ...comparison.result() }
}

interface Replay {
  take(reading: StoredReading): void
  /** What was found. */
  end(): BacktestEpisode[]
}

/** One device, with one of the two settings. */
function createReplay(kind: DeviceKind, rule: RuleInForce, { device, explained = [] }: PlannedDevice): Replay {
  const found: BacktestEpisode[] = []
  const recording = createRecording({
    kinds: [kind],
    rules: { version: rule.version, rulesOf: () => [rule] },
    ticks: kind.detectors.some(({ ticks }) => ticks),
    namesGateway: () => false,
    onEpisode: ({ evidence, ...episode }) => found.push({ ...episode, order: orderBeside(episode, explained) }),
    log: silentLog,
  })
  return {
    take({ at, values, receivedAt: cameAt = at }) {
      // the time on the way is left out, for nobody knows where the ticks lay; what was kept for longer came when it came
      const receivedAt = cameAt - at > kind.freshSeconds * secondMs ? cameAt : at
      recording.take(device, { deviceId: device.id, kind: device.kind, at, receivedAt, values })
    },
    end() {
      recording.end()
      return found
    },
  }
}

export interface ReadingsQuery {
  readonly deviceId: string
  readonly kind: string
  readonly from: number
  readonly to: number
  readonly metrics: readonly string[]
  readonly arrival: true
  readonly limit: number
}

interface StoredPage {
  readonly planned: PlannedDevice
  readonly page: readonly StoredReading[]
  /** The device's last. */
  readonly isLast: boolean
}

async function* storedPages(
  { devices, warmUpFrom, to }: BacktestPlan,
  metrics: readonly string[],
  readings: (query: ReadingsQuery) => Promise<readonly StoredReading[]>,
): AsyncGenerator<StoredPage> {
  for (const planned of devices) {
    const { id: deviceId, kind } = planned.device
    let from = warmUpFrom
    for (let isLast = false; !isLast; ) {
      const page = await readings({ deviceId, kind, from, to, metrics, arrival: true, limit: pageOfReadings })
      isLast = page.length < pageOfReadings
      from = (page.at(-1)?.at ?? from) + 1
      yield { planned, page, isLast }
    }
  }
}

/** The store works on the next one while this one is replayed. */
async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  for (let next = source.next(); ; ) {
    const { done, value } = await next
    if (done) return
    next = source.next()
    next.catch(() => {}) // whoever waits for it is told
    yield value
  }
}

/** What both found, device by device: totals, and the episodes in which they differ. */
function createComparison({ from, to }: BacktestPlan) {
  const came: BacktestEpisode[] = []
  const gone: BacktestEpisode[] = []
  const moved: { current: BacktestEpisode; proposed: BacktestEpisode }[] = []
  const totals = { current: createTotals(to - from), proposed: createTotals(to - from) }
  let same = 0

  /** Detected in the period: what began before it and was found in it counts, as an order would. */
  const isWithin = ({ detectedAt }: BacktestEpisode) => detectedAt >= from && detectedAt < to
  const overlap = (one: BacktestEpisode, other: BacktestEpisode) =>
    one.occurredAt <= (other.clearedAt ?? to) && other.occurredAt <= (one.clearedAt ?? to)

  return {
    /** One device's. */
    add(allCurrent: readonly BacktestEpisode[], allProposed: readonly BacktestEpisode[]): void {
      const [left, proposed] = [allCurrent.filter(isWithin), allProposed.filter(isWithin)]
      totals.current.add(left)
      totals.proposed.add(proposed)
      for (const episode of proposed) {
        const index = left.findIndex((other) => overlap(other, episode))
        const [other] = index < 0 ? [] : left.splice(index, 1)
        if (other === undefined) came.push(episode)
        else if (isAlike(other, episode)) same += 1
        else moved.push({ current: other, proposed: episode })
      }
      for (const episode of left) gone.push(episode)
      if (came.length + gone.length + moved.length > mostDifferences) {
        const text = `The settings differ in more than ${mostDifferences} episodes: try them on fewer devices, or on less time`
        throw new ExpectedError('invalid', text)
      }
    },
    result: () => ({ current: totals.current.sums(), proposed: totals.proposed.sums(), same, came, gone, moved }),
  }
}

function isAlike(one: BacktestEpisode, other: BacktestEpisode): boolean {
  return one.severity === other.severity && one.detectedAt === other.detectedAt && one.upgradedAt === other.upgradedAt
}

function createTotals(periodMs: number) {
  let [episodes, emergencyOrders, plannedOrders, devicesWithOrders] = [0, 0, 0, 0]
  return {
    /** One device's. */
    add(some: readonly BacktestEpisode[]): void {
      const counted = (type: BacktestEpisode['order']) => some.filter(({ order }) => order === type).length
      const [emergency, planned] = [counted('emergency'), counted('planned')]
      episodes += some.length
      emergencyOrders += emergency
      plannedOrders += planned
      if (emergency + planned > 0) devicesWithOrders += 1
    },
    sums(): BacktestTotals {
      const ordersPerDay = Number(((emergencyOrders + plannedOrders) / (periodMs / dayMs)).toFixed(3))
      return { episodes, emergencyOrders, plannedOrders, ordersPerDay, devicesWithOrders }
    },
  }
}
