import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { DataThreadStatus } from './data-thread.ts'

/** Prometheus metrics. Labels are bounded: reasons and names of parts, never a device, a gateway or an address. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `liftwatt_${name}`, help, labelNames, registers })
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `liftwatt_${name}`, help, labelNames, registers })

  /** A total that is counted elsewhere since the start: it is set, not added to. */
  const total = (name: string, help: string, labelNames: string[] = []) => {
    const counted = counter(`${name}_total`, help, labelNames)
    return (labels: Record<string, string>, count: number) => {
      counted.remove(labels)
      counted.inc(labels, count)
    }
  }

  const messages = counter('messages_accepted_total', 'Messages on disk and acknowledged')
  const bytes = counter('message_bytes_accepted_total', 'Their payload bytes')
  const refused = counter('refused_total', 'What the MQTT door refused', ['reason'])
  const connections = gauge('mqtt_connections', 'Open MQTT connections')
  const head = gauge('journal_head', 'Entries ever written to the journal')
  const pending = gauge('journal_pending_bytes', 'Received and not yet on disk')
  const failing = gauge('journal_failing', '1 while nothing can be written')
  const position = gauge('consumer_position', 'Up to where a consumer has read the journal', ['consumer'])
  const waiting = gauge('consumer_waiting', '1 while a consumer cannot go on', ['consumer'])
  const devices = gauge('devices_seen', 'Devices with a state in analytics')
  const written = total('readings_written', 'Readings written to the history since the start')
  const analysed = total('readings_analysed', 'Readings seen by the detectors since the start')
  const quarantined = total('quarantined', 'Messages with something not accepted, since the start', ['reason'])
  const brokenRules = total('broken_rules', 'Rules that failed on a device, since the start')
  const leftOut = total('events_left_out', 'Episode events that could not be recorded, since the start')
  const damaged = total(
    'journal_damaged_entries',
    'Entries of the journal that could not be read back, since the start',
  )
  const episodes = total('episode_events', 'Episode events since the start', ['change'])

  const heap = gauge('data_thread_heap_bytes', 'Heap in use by the thread that stores and analyses')
  const history = gauge(
    'history_memory_bytes',
    "What the embedded history's engine holds in this process, by its own count",
  )

  const notices = counter('notices_total', 'Attempts to deliver notices, by what came of them', ['channel', 'outcome'])
  const handedOver = new Histogram({
    name: 'liftwatt_notice_handed_over_seconds',
    help: 'From the change of an order to the receiver having its notice',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300],
    registers,
  })
  const late = new Histogram({
    name: 'liftwatt_deadline_late_seconds',
    help: 'How long after it was due a deadline fired',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300],
    registers,
  })
  const unescalated = gauge(
    'deadlines_overdue_unescalated',
    'Deadlines that are overdue and were not escalated, and those that are gone: must be 0; NaN while nobody can tell',
  )
  const heartbeat = gauge('heartbeat_failing', '1 while HEARTBEAT_URL is set and does not hear of us, or is not called')
  const deadNotices = gauge(
    'notices_dead',
    'Notices that could not be delivered and are not tried any more; NaN while nobody can tell',
  )

  return {
    sent({ channelType, outcome, afterMs }: { channelType: string | null; outcome: string; afterMs: number }) {
      notices.inc({ channel: channelType ?? 'none', outcome })
      if (outcome === 'delivered') handedOver.observe(afterMs / 1_000)
    },
    fired: (lateMs: number) => late.observe(lateMs / 1_000),

    accepted(count: number, size: number) {
      messages.inc(count)
      bytes.inc(size)
    },
    refused: (reason: string) => refused.inc({ reason }),

    text(seen: {
      journal: { head: number; pendingBytes: number; lastError: Error | null }
      data: DataThreadStatus | undefined
      broker: { connections: number }
      overdueUnescalated: number
      heartbeatFailing: boolean
      deadNotices: number
    }): Promise<string> {
      unescalated.set(seen.overdueUnescalated)
      heartbeat.set(seen.heartbeatFailing ? 1 : 0)
      deadNotices.set(seen.deadNotices)
      connections.set(seen.broker.connections)
      head.set(seen.journal.head)
      pending.set(seen.journal.pendingBytes)
      failing.set(seen.journal.lastError === null ? 0 : 1)
      for (const consumer of seen.data?.consumers ?? []) {
        position.set({ consumer: consumer.name }, consumer.position)
        waiting.set({ consumer: consumer.name }, consumer.waitingFor === null ? 0 : 1)
      }
      devices.set(seen.data?.devices ?? 0)
      heap.set(seen.data?.memory.heapBytes ?? 0)
      history.set(seen.data?.memory.historyBytes ?? 0)
      written({}, seen.data?.written ?? 0)
      analysed({}, seen.data?.analysed ?? 0)
      brokenRules({}, seen.data?.brokenRules ?? 0)
      leftOut({}, seen.data?.leftOut ?? 0)
      damaged({}, seen.data?.damagedEntries ?? 0)
      for (const [reason, count] of Object.entries(seen.data?.quarantined ?? {})) quarantined({ reason }, count)
      for (const [change, count] of Object.entries(seen.data?.episodes ?? {})) episodes({ change }, count)
      return registry.metrics()
    },
  }
}
