import { dayMs } from '../core/clock.ts'
import type { Device } from '../core/device.ts'
import { silentLog } from '../core/log.ts'
import type { RuleInForce } from '../core/rule.ts'
import type { DeviceKind } from '../devices/kind.ts'
import type { StoredReading } from '../stores/readings/port.ts'
import { type Explaining, orderBeside } from './explained-then.ts'
import { createRecording, type RecordedEpisode, type Recording } from './recorded.ts'

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

export interface BacktestResult {
  readonly devices: number
  readonly readings: number
  readonly current: BacktestTotals
  readonly proposed: BacktestTotals
  /** Found alike by both. */
  readonly same: number
  readonly came: readonly RecordedEpisode[]
  readonly gone: readonly RecordedEpisode[]
  /** Found by both, at another time or with another severity. */
  readonly moved: readonly { readonly current: RecordedEpisode; readonly proposed: RecordedEpisode }[]
}

export interface BacktestProgress {
  readonly devicesDone: number
  readonly devices: number
  readonly readings: number
}

const pageOfReadings = 5_000

/**
 * Replays each device's stored readings through the rule with both settings. An order is taken to be closed when its condition is over
 * (two minutes after), or two days after a rule that never clears has last said it; each episode stands alone, outages and storms are not made of them.
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
  const current: RecordedEpisode[] = []
  const proposed: RecordedEpisode[] = []
  let readings = 0
  let devicesDone = 0

  const replayOf = ({ explained = [], ...rules }: PlannedDevice) =>
    [
      { rule: rules.current, found: current },
      { rule: rules.proposed, found: proposed },
    ].map(({ rule, found }) =>
      createRecording({
        kinds: [kind],
        rules: { version: rule.version, rulesOf: () => [rule] },
        ticks: detector.ticks,
        namesGateway: () => false,
        onEpisode: (episode) => {
          if (isWithin(plan, episode)) found.push({ ...episode, order: orderBeside(episode, explained) })
        },
        log: silentLog,
      }),
    )

  let both: Recording[] | undefined
  for await (const { planned, page, isLast } of oneAhead(storedPages(plan, metrics, given.readings))) {
    given.signal.throwIfAborted()
    both ??= replayOf(planned)
    const { device } = planned
    for (const { at, values } of page) {
      const reading = { deviceId: device.id, kind: device.kind, at, receivedAt: at, values }
      for (const recording of both) recording.take(device, reading)
    }
    readings += page.length
    if (isLast) {
      for (const recording of both) recording.end()
      both = undefined
      devicesDone += 1
    }
    given.onProgress({ devicesDone, devices: plan.devices.length, readings })
  }
  return { devices: plan.devices.length, readings, ...compared(plan, current, proposed) }
}

export interface ReadingsQuery {
  readonly deviceId: string
  readonly kind: string
  readonly from: number
  readonly to: number
  readonly metrics: readonly string[]
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
      const page = await readings({ deviceId, kind, from, to, metrics, limit: pageOfReadings })
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

/** Detected in the period: what began before it and was found in it counts, as an order would. */
function isWithin({ from, to }: BacktestPlan, { detectedAt }: RecordedEpisode): boolean {
  return detectedAt >= from && detectedAt < to
}

function compared(plan: BacktestPlan, current: readonly RecordedEpisode[], proposed: readonly RecordedEpisode[]) {
  const left = new Map<string | null, RecordedEpisode[]>()
  for (const episode of current) left.set(episode.deviceId, [...(left.get(episode.deviceId) ?? []), episode])
  const came: RecordedEpisode[] = []
  const moved: { current: RecordedEpisode; proposed: RecordedEpisode }[] = []
  let same = 0
  for (const episode of proposed) {
    const candidates = left.get(episode.deviceId) ?? []
    const index = candidates.findIndex((other) => overlap(plan, other, episode))
    const [other] = index < 0 ? [] : candidates.splice(index, 1)
    if (other === undefined) came.push(episode)
    else if (isAlike(other, episode)) same += 1
    else moved.push({ current: other, proposed: episode })
  }
  const gone = [...left.values()].flat()
  return { current: totals(plan, current), proposed: totals(plan, proposed), same, came, gone, moved }
}

function overlap({ to }: BacktestPlan, one: RecordedEpisode, other: RecordedEpisode): boolean {
  return one.occurredAt <= (other.clearedAt ?? to) && other.occurredAt <= (one.clearedAt ?? to)
}

function isAlike(one: RecordedEpisode, other: RecordedEpisode): boolean {
  return one.severity === other.severity && one.detectedAt === other.detectedAt && one.upgradedAt === other.upgradedAt
}

function totals({ from, to }: BacktestPlan, episodes: readonly RecordedEpisode[]): BacktestTotals {
  const emergencyOrders = episodes.filter(({ order }) => order === 'emergency').length
  const plannedOrders = episodes.filter(({ order }) => order === 'planned').length
  const sent = episodes.filter(({ order }) => order !== null)
  const devicesWithOrders = new Set(sent.map(({ deviceId }) => deviceId)).size
  const days = (to - from) / dayMs
  const ordersPerDay = Number(((emergencyOrders + plannedOrders) / days).toFixed(3))
  return { episodes: episodes.length, emergencyOrders, plannedOrders, ordersPerDay, devicesWithOrders }
}
