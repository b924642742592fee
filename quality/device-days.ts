import { dayMs, minuteMs } from '../core/clock.ts'
import { addDays, localDate, shanghai, startOfDate } from '../core/local-time.ts'
import type { DeviceDay, Operations } from '../stores/operations/port.ts'
import type { MetricBucket, ReadingStore } from '../stores/readings/port.ts'

/** A reading says what was so for at most so long: gateways send every state at least once a minute. */
const holdMinutes = 5
/** Maintenance takes no longer in a day: who leaves an elevator in inspection mode has not maintained it so long. Unverified default. */
const mostPlannedMinutes = 240
/** Telemetry that comes late is looked at for so long. */
const lateDays = 7
/** After a longer downtime, days before that stay unknown. */
const mostDays = 35
const elevatorsAtOnce = 200

type Minutes = Pick<DeviceDay, 'inServiceMinutes' | 'outOfServiceMinutes' | 'plannedMinutes'>

/**
 * How many minutes of a day an elevator was in service, out of service and in planned maintenance, by the mode that it sent. What it did not
 * say is neither: a mode holds for five minutes after it was sent, and then nobody knows. Inspection mode is planned maintenance, for four
 * hours of a day at most; the rest of it is out of service, as are fire, emergency power and earthquake modes, which carry nobody. Pure.
 *
 * @param modes one for each minute in which a mode was sent, `at` its beginning, from a few minutes before the day on; oldest first
 * @param begin of the day, ms since 1970
 */
export function minutesOfDay(modes: readonly Pick<MetricBucket, 'at' | 'last'>[], begin: number): Minutes {
  const end = begin + dayMs
  const minutes = { inServiceMinutes: 0, outOfServiceMinutes: 0, plannedMinutes: 0 }
  for (const [index, { at, last }] of modes.entries()) {
    const until = Math.min(end, at + (1 + holdMinutes) * minuteMs, modes[index + 1]?.at ?? Infinity)
    const held = Math.max(0, until - Math.max(begin, at)) / minuteMs
    if (last === 'normal') minutes.inServiceMinutes += held
    else if (last === 'inspection') minutes.plannedMinutes += held
    else minutes.outOfServiceMinutes += held
  }
  const tooLong = Math.max(0, minutes.plannedMinutes - mostPlannedMinutes)
  minutes.plannedMinutes -= tooLong
  minutes.outOfServiceMinutes += tooLong
  return minutes
}

export interface DeviceDays {
  /**
   * Writes down all days that are over and are not known in full: those since the last time, and those of the last week, for which
   * telemetry may have come late. Answers how many changed.
   * @param signal when it is aborted, the rest is left to the next time
   */
  record(now: number, signal?: AbortSignal): Promise<number>
}

export function createDeviceDays(options: {
  operations: Pick<Operations, 'newestDeviceDay' | 'elevatorsIn' | 'deviceDays' | 'insertDeviceDays'>
  readings: Pick<ReadingStore, 'downsampled'>
}): DeviceDays {
  const { operations, readings } = options

  async function recordDay(day: string, now: number, signal: AbortSignal | undefined): Promise<number> {
    const from = startOfDate(day, shanghai)
    let [changed, after] = [0, '']
    for (;;) {
      const ids = await operations.elevatorsIn({ from, to: from + dayMs }, after, elevatorsAtOnce)
      const known = await operations.deviceDays(ids, day, addDays(day, 1), now)
      const complete = new Set(known.filter(isComplete).map(({ deviceId }) => deviceId))
      const rows: DeviceDay[] = []
      for (const deviceId of ids.filter((id) => !complete.has(id))) {
        if (signal?.aborted) break
        const asked = { deviceId, kind: 'elevator', metric: 'mode', stepSeconds: 60 }
        const modes = await readings.downsampled({ ...asked, from: from - holdMinutes * minuteMs, to: from + dayMs })
        rows.push({ deviceId, day, knownAt: now, ...minutesOfDay(modes, from) })
      }
      changed += await operations.insertDeviceDays(rows)
      after = ids.at(-1) ?? ''
      if (ids.length < elevatorsAtOnce || signal?.aborted) return changed
    }
  }

  return {
    async record(now, signal) {
      const today = localDate(now, shanghai)
      const newest = await operations.newestDeviceDay()
      const missing = newest === undefined ? addDays(today, -mostDays) : addDays(newest, 1)
      const since = [missing, addDays(today, -lateDays)].sort()[0] ?? today
      const earliest = addDays(today, -mostDays)
      let changed = 0
      for (let day = since < earliest ? earliest : since; day < today && !signal?.aborted; day = addDays(day, 1)) {
        changed += await recordDay(day, now, signal)
      }
      return changed
    },
  }
}

function isComplete({ inServiceMinutes, outOfServiceMinutes, plannedMinutes }: Minutes): boolean {
  return inServiceMinutes + outOfServiceMinutes + plannedMinutes >= dayMs / minuteMs
}
