import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import { Mapping } from '../core/mapping.ts'
import { hashSecret } from '../core/secret.ts'
import { telemetryTopic } from '../core/topic.ts'
import { memoryJournal } from '../stores/journal/memory.ts'
import type { Journal } from '../stores/journal/port.ts'
import { createAuthenticator } from './authenticate.ts'
import { type Broker, type BrokerRefusal, startBroker } from './broker.ts'
import { guardLimits } from './limits.ts'
import { createMappingsInForce } from './mappings.ts'

const now = Date.UTC(2026, 10, 30, 8)
const mapping = Mapping.parse({
  rules: [{ topic: 'acme/{device}/up', time: 'receipt', metrics: { watts: { path: '$.p' } } }],
})
const version = (number: number, of: Mapping | null = mapping) => ({
  ...{ gatewayId: 'gw-1', version: number, mapping: of, at: now, actor: 'li', reason: 'x' },
})

let broker: Broker
let journal: Journal
let mappings: ReturnType<typeof createMappingsInForce>
const refusals: BrokerRefusal[] = []
const clients: MqttClient[] = []

beforeEach(async () => {
  refusals.length = 0
  journal = memoryJournal()
  mappings = createMappingsInForce()
  mappings.replace([version(3)])
  const authenticator = createAuthenticator(() => now)
  const credential = (gatewayId: string) => ({
    ...{ id: gatewayId, gatewayId, ...hashSecret('secret'), createdAt: now, expiresAt: null },
  })
  authenticator.replace([credential('gw-1'), credential('gw-2')])
  broker = await startBroker({
    ...{ host: '127.0.0.1', port: 0, journal, authenticator, mappingOf: mappings.of, guard: guardLimits },
    ...{ clock: () => now, log: silentLog, storageProblem: () => null },
    rate: { messagesPerSecond: 1_000, bytesPerSecond: 1_000_000 },
    onRefusal: (refusal) => refusals.push(refusal),
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await broker.stop()
})

async function gateway(id: string): Promise<MqttClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, {
    ...{ clientId: id, username: id, password: 'secret', reconnectPeriod: 0 },
  })
  clients.push(client.on('error', () => {}))
  return client
}

const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))

test('what a gateway says in its own words is in the journal as it came, with the version that lets it, when its PUBACK comes', async () => {
  const client = await gateway('gw-1')
  await client.publishAsync('acme/SN 17/up', '{"p": 1}', { qos: 1, retain: true })
  await client.publishAsync(telemetryTopic('gw-1', 'meter-1'), '{}', { qos: 1 })
  mappings.replace([version(4)])
  await client.publishAsync('liftwatt/v1/gw-1/raw/acme/SN 17/up', '{"p": 2}', { qos: 1 })

  const raw = { type: 'raw', receivedAt: now, gatewayId: 'gw-1', topic: 'acme/SN 17/up' }
  expect((await journal.read(0, 1_000)).entries).toEqual([
    { ...raw, position: 0, mappingVersion: 3, payload: new Uint8Array(Buffer.from('{"p": 1}')) },
    expect.objectContaining({ type: 'message', deviceId: 'meter-1' }),
    { ...raw, position: 2, mappingVersion: 4, payload: new Uint8Array(Buffer.from('{"p": 2}')) },
  ])
})

test('a topic of one mapping is no topic of another gateway, and none of its own once it is switched off', async () => {
  const other = await gateway('gw-2')
  other.publish('acme/SN 17/up', 'foreign', { qos: 1 })
  await closed(other)

  const own = await gateway('gw-1')
  mappings.replace([version(4, null)])
  own.publish('acme/SN 17/up', 'too late', { qos: 1 })
  await closed(own)

  expect(journal.head).toBe(0)
  expect(refusals).toMatchObject([
    { gatewayId: 'gw-2', reason: 'wrong-topic', message: { topic: 'acme/SN 17/up', payload: Buffer.from('foreign') } },
    { gatewayId: 'gw-1', reason: 'wrong-topic', message: { topic: 'acme/SN 17/up', payload: Buffer.from('too late') } },
  ])
})
