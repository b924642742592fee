import { expect, test } from 'vitest'
import type { DataThreadStatus } from './data-thread.ts'
import { createMetrics } from './metrics.ts'

const status: DataThreadStatus = {
  consumers: [{ name: 'history', position: 40, waitingFor: 'no space left', waitingSince: 1 }],
  devices: 7,
  written: 100,
  analysed: 90,
  brokenRules: 0,
  leftOut: 0,
  damagedEntries: 6,
  memory: { heapBytes: 50_000_000, historyBytes: null },
  quarantined: { 'bad-json': 3 },
  episodes: { opened: 2 },
}
const seen = {
  journal: { head: 50, pendingBytes: 0, lastError: null },
  data: status,
  broker: { connections: 5 },
  overdueUnescalated: 0,
  heartbeatFailing: true,
  deadNotices: 3,
}
const totals = [
  'readings_written_total',
  'readings_analysed_total',
  'quarantined_total',
  'episode_events_total',
  'journal_damaged_entries_total',
]

const linesOf = (text: string) => text.split('\n').filter((line) => line.startsWith('liftwatt_'))

test('what only grows is a counter, so that rate() over a restart is right', async () => {
  const text = await createMetrics().text(seen)
  for (const name of totals) expect(text).toContain(`# TYPE liftwatt_${name} counter`)
})

test('a total is what the data thread counted, however often it is asked for', async () => {
  const metrics = createMetrics()
  await metrics.text(seen)
  await metrics.text(seen)
  const more = { ...status, written: 130, quarantined: { 'bad-json': 4, 'unknown-device': 1 } }
  expect(linesOf(await metrics.text({ ...seen, data: more }))).toEqual(
    expect.arrayContaining([
      'liftwatt_readings_written_total 130',
      'liftwatt_readings_analysed_total 90',
      'liftwatt_quarantined_total{reason="bad-json"} 4',
      'liftwatt_quarantined_total{reason="unknown-device"} 1',
      'liftwatt_episode_events_total{change="opened"} 2',
      'liftwatt_journal_damaged_entries_total 6',
    ]),
  )
})

test('before the data thread has said anything the totals are 0', async () => {
  expect(linesOf(await createMetrics().text({ ...seen, data: undefined }))).toContain(
    'liftwatt_readings_written_total 0',
  )
})

test('how far everyone is, and who waits', async () => {
  const metrics = createMetrics()
  metrics.accepted(4, 400)
  metrics.refused('rate')
  expect(linesOf(await metrics.text(seen))).toEqual(
    expect.arrayContaining([
      'liftwatt_messages_accepted_total 4',
      'liftwatt_message_bytes_accepted_total 400',
      'liftwatt_refused_total{reason="rate"} 1',
      'liftwatt_mqtt_connections 5',
      'liftwatt_journal_head 50',
      'liftwatt_consumer_position{consumer="history"} 40',
      'liftwatt_consumer_waiting{consumer="history"} 1',
      'liftwatt_devices_seen 7',
      'liftwatt_notices_dead 3',
    ]),
  )
})

test('whether the heartbeat fails is 1 or 0', async () => {
  const metrics = createMetrics()
  expect(linesOf(await metrics.text(seen))).toContain('liftwatt_heartbeat_failing 1')
  expect(linesOf(await metrics.text({ ...seen, heartbeatFailing: false }))).toContain('liftwatt_heartbeat_failing 0')
})
