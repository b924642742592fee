import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
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
  const written = gauge('readings_written', 'Readings written to the history since the start')
  const analysed = gauge('readings_analysed', 'Readings seen by the detectors since the start')
  const quarantined = gauge('quarantined', 'Messages with something not accepted, since the start', ['reason'])
  const episodes = gauge('episode_events', 'Episode events since the start', ['change'])

  return {
    accepted(count: number, size: number) {
      messages.inc(count)
      bytes.inc(size)
    },
    refused: (reason: string) => refused.inc({ reason }),

    text(seen: {
      journal: { head: number; pendingBytes: number; lastError: Error | null }
      data: DataThreadStatus | undefined
      broker: { connections: number }
    }): Promise<string> {
      connections.set(seen.broker.connections)
      head.set(seen.journal.head)
      pending.set(seen.journal.pendingBytes)
      failing.set(seen.journal.lastError === null ? 0 : 1)
      for (const consumer of seen.data?.consumers ?? []) {
        position.set({ consumer: consumer.name }, consumer.position)
        waiting.set({ consumer: consumer.name }, consumer.waitingFor === null ? 0 : 1)
      }
      devices.set(seen.data?.devices ?? 0)
      written.set(seen.data?.written ?? 0)
      analysed.set(seen.data?.analysed ?? 0)
      for (const [reason, count] of Object.entries(seen.data?.quarantined ?? {})) quarantined.set({ reason }, count)
      for (const [change, count] of Object.entries(seen.data?.episodes ?? {})) episodes.set({ change }, count)
      return registry.metrics()
    },
  }
}
