import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { generate } from 'mqtt-packet'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import { hashSecret } from '../core/secret.ts'
import { telemetryTopic } from '../core/topic.ts'
import { memoryJournal } from '../stores/journal/memory.ts'
import type { Journal, JournalEntry } from '../stores/journal/port.ts'
import type { GatewayCredential } from '../stores/operations/port.ts'
import { freePort } from '../test/free-port.ts'
import { createAuthenticator } from './authenticate.ts'
import { type Broker, type BrokerOptions, type BrokerRefusal, startBroker } from './broker.ts'
import { guardLimits } from './limits.ts'

const now = Date.UTC(2026, 10, 24, 12)
const authenticator = createAuthenticator(() => now)
let broker: Broker
let journal: Journal & { appended?: JournalEntry[] }
let held: ((error?: Error) => void)[] | undefined
let storageProblem: string | null
const refusals: BrokerRefusal[] = []
const clients: MqttClient[] = []

beforeEach(async () => {
  held = undefined
  storageProblem = null
  refusals.length = 0
  authenticator.replace([credential('gw-1'), credential('gw-2')])
  journal = observed(memoryJournal())
  broker = await startBroker(options())
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await broker.stop()
})

test('a reading is in the journal, with gateway, device and time of receipt, when its PUBACK comes', async () => {
  const client = await gateway('gw-1')
  await client.publishAsync(telemetryTopic('gw-1', 'lift-7'), 'any bytes', { qos: 1 })

  expect([broker.isConnected('gw-1'), broker.isConnected('gw-2')]).toEqual([true, false])
  expect(journal.appended).toEqual([
    { type: 'message', receivedAt: now, gatewayId: 'gw-1', deviceId: 'lift-7', payload: Buffer.from('any bytes') },
  ])
})

test('there is no PUBACK before the journal says that it is on disk, and they come in the order of the messages', async () => {
  const client = await gateway('gw-1')
  held = []
  const acknowledged: number[] = []
  const published = [0, 1, 2, 3].map((number) =>
    client
      .publishAsync(telemetryTopic('gw-1', 'lift-7'), String(number), { qos: 1 })
      .then(() => acknowledged.push(number)),
  )
  await expect.poll(() => held).toHaveLength(4)
  expect(acknowledged).toEqual([])

  for (const release of held) release()
  await Promise.all(published)
  expect(acknowledged).toEqual([0, 1, 2, 3])
})

test('PUBACKs come in the order of the messages where some go to topics that are new, and each is in the journal once', async () => {
  const client = await gateway('gw-1')
  const numbers = Array.from({ length: 300 }, (_, number) => number)
  const acknowledged: number[] = []
  await Promise.all(
    numbers.map((number) =>
      client
        .publishAsync(telemetryTopic('gw-1', `lift-${number % 3 === 0 ? number : 1}`), String(number), { qos: 1 })
        .then(() => acknowledged.push(number)),
    ),
  )

  expect(acknowledged).toEqual(numbers)
  expect(journal.appended?.map((entry) => 'payload' in entry && Number(Buffer.from(entry.payload)))).toEqual(numbers)
})

test('held back, a gateway is acknowledged for what it has sent and read no further, until it may go on', async () => {
  const client = await gateway('gw-1')
  const topic = telemetryTopic('gw-1', 'lift-7')
  broker.holdBack(true)
  await client.publishAsync(topic, 'already on its way', { qos: 1 })

  let acknowledged = false
  const next = client.publishAsync(topic, 'too much', { qos: 1 }).then(() => {
    acknowledged = true
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(acknowledged).toBe(false)

  broker.holdBack(false)
  await next
  expect(journal.appended).toHaveLength(2)
})

test('held back for longer than its keep-alive, a gateway that pings stays connected; one that is silent is cut', async () => {
  const patient = await rawGateway('gw-1', 1)
  const silent = await rawGateway('gw-2', 1)
  broker.holdBack(true)
  patient.write(publish('gw-1', 1))
  await expect.poll(() => journal.appended).toHaveLength(1)
  patient.write(Buffer.concat([publish('gw-1', 2), generate({ cmd: 'pingreq' })]))
  await once(silent, 'close')
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(broker.status().connections).toBe(1)
  // a lost link is told, but it is no breach
  expect(refusals).toMatchObject([{ gatewayId: 'gw-2', reason: 'keepalive-timeout', breach: false }])

  broker.holdBack(false)
  await expect.poll(() => journal.appended).toHaveLength(2)
  patient.destroy()
})

test('no session is kept: a gateway that asks for its old one is told that there is none', async () => {
  for (let time = 0; time < 2; time++) {
    const client = connect(`mqtt://127.0.0.1:${broker.port}`, { ...loginOf('gw-1'), clean: false })
    clients.push(client)
    const connack = await new Promise((resolve) => client.once('connect', resolve))
    expect(connack).toMatchObject({ sessionPresent: false })
    await client.subscribeAsync('liftwatt/v1/gw-1/commands', { qos: 1 })
    await client.endAsync()
  }
})

test('when the TLS door cannot open, the other does not stay open', async () => {
  const [taken, port] = [createServer(), await freePort()]
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port: takenPort } = taken.address() as AddressInfo
  // Node opens a TLS door without a certificate, if nobody uses it
  const tls = { port: takenPort, cert: undefined, key: undefined } as unknown as {
    port: number
    cert: Buffer
    key: Buffer
  }
  await expect(startBroker({ ...options(), port, tls })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const bad = { port: 0, cert: Buffer.from('none'), key: Buffer.from('none') }
  await expect(startBroker({ ...options(), port, tls: bad })).rejects.toThrow()
  taken.close()

  const again = await startBroker({ ...options(), port })
  await again.stop()
})

test('what the journal cannot keep is not acknowledged: the connection closes, and nobody is let in until it can', async () => {
  const client = await gateway('gw-1')
  held = []
  client.publish(telemetryTopic('gw-1', 'lift-7'), 'x', { qos: 1 })
  await expect.poll(() => held).toHaveLength(1)
  const closed = once(client, 'close')
  held[0]?.(new Error('no space left'))
  await closed

  storageProblem = 'no space left'
  await expect(gateway('gw-2')).rejects.toMatchObject({ code: 3 })
  storageProblem = null
  await gateway('gw-2')
})

test('QoS 0 is journalled too, and a retain flag is accepted and ignored', async () => {
  const client = await gateway('gw-1')
  await client.publishAsync(telemetryTopic('gw-1', 'lift-7'), 'unacknowledged', { qos: 0 })
  await client.publishAsync(telemetryTopic('gw-1', 'lift-7'), 'kept', { qos: 1, retain: true })

  expect(journal.appended).toHaveLength(2)
  const other = await gateway('gw-2')
  const messages: string[] = []
  other.on('message', (topic) => messages.push(topic))
  await other.subscribeAsync('liftwatt/v1/gw-2/commands')
  expect(messages).toEqual([])
})

test('A1: publishing for another gateway closes the connection and is told, and nothing is stored', async () => {
  const client = await gateway('gw-1')
  const closed = once(client, 'close')
  client.publish(telemetryTopic('gw-2', 'lift-7'), 'x', { qos: 1 })
  await closed

  expect(journal.appended).toEqual([])
  expect(refusals).toMatchObject([{ gatewayId: 'gw-1', reason: 'foreign-topic', breach: true, address: '127.0.0.1' }])
})

test.each(['#', '+/#', 'liftwatt/v1/gw-2/commands', telemetryTopic('gw-1', 'lift-7')])(
  'A2: subscribing to %s is answered with 0x80 and told; the connection stays',
  async (filter) => {
    const client = await gateway('gw-1')
    const granted = await client.subscribeAsync(filter, { qos: 1 }).catch((error: { message: string }) => error.message)

    expect(JSON.stringify(granted)).toMatch(/128|Unspecified error/)
    expect(refusals).toMatchObject([{ gatewayId: 'gw-1', reason: 'foreign-subscription', breach: true }])
    expect(client.connected).toBe(true)
  },
)

test('A3: with its own password but another client id, a gateway gets nowhere, and the other stays connected', async () => {
  const victim = await gateway('gw-2')
  await expect(gateway('gw-1', { clientId: 'gw-2' })).rejects.toMatchObject({ code: 2 })
  // told to whoever looks after that gateway: its password was right
  expect(refusals).toMatchObject([{ gatewayId: 'gw-1', reason: 'wrong-client-id', breach: true }])

  await victim.publishAsync(telemetryTopic('gw-2', 'lift-7'), 'still here', { qos: 1 })
  expect(victim.connected).toBe(true)
})

test('without a client id, a gateway is told that it has none', async () => {
  await expect(gateway('gw-1', { clientId: '' })).rejects.toMatchObject({ code: 2 })
  expect(refusals).toMatchObject([
    { gatewayId: 'gw-1', text: 'The MQTT client id must be the gateway\'s id (gw-1), this is ""' },
  ])
})

test('A4: a wrong password and an unknown name are refused alike', async () => {
  await expect(gateway('gw-1', { password: 'wrong' })).rejects.toMatchObject({ code: 4 })
  await expect(gateway('gw-3')).rejects.toMatchObject({ code: 4 })
  expect(refusals.map(({ reason, gatewayId }) => [reason, gatewayId])).toEqual([
    ['wrong-credentials', null],
    ['wrong-credentials', null],
  ])
})

test('A7: a last will for another topic is refused when the gateway connects', async () => {
  const will = { topic: telemetryTopic('gw-2', 'lift-7'), payload: Buffer.from('x'), qos: 1 as const, retain: false }
  await expect(gateway('gw-1', { will })).rejects.toMatchObject({ code: 5 })
  expect(refusals).toMatchObject([{ gatewayId: 'gw-1', reason: 'foreign-will' }])
})

test('A9: QoS 2 closes the connection', async () => {
  const client = await gateway('gw-1')
  const closed = once(client, 'close')
  client.publish(telemetryTopic('gw-1', 'lift-7'), 'x', { qos: 2 })
  await closed

  expect(journal.appended).toEqual([])
  expect(refusals).toMatchObject([{ gatewayId: 'gw-1', reason: 'qos-2' }])
})

test('a second connection of one gateway takes the place of the first', async () => {
  const first = await gateway('gw-1')
  const closed = once(first, 'close')
  const second = await gateway('gw-1')
  await closed
  await second.publishAsync(telemetryTopic('gw-1', 'lift-7'), 'x', { qos: 1 })
  expect(second.connected).toBe(true)
})

test('revoking a credential cuts its live connection, and only that', async () => {
  const revoked = await gateway('gw-1')
  const other = await gateway('gw-2')
  const closed = once(revoked, 'close')
  authenticator.replace([credential('gw-2')])
  broker.dropRevoked()
  await closed

  await expect(gateway('gw-1')).rejects.toMatchObject({ code: 4 })
  expect(other.connected).toBe(true)
})

test('stopping waits for what was received: it is written and acknowledged first', async () => {
  const client = await gateway('gw-1')
  held = []
  const published = client.publishAsync(telemetryTopic('gw-1', 'lift-7'), 'last words', { qos: 1 })
  await expect.poll(() => held).toHaveLength(1)
  const stopped = broker.stop()
  held[0]?.()
  await published
  await stopped
})

function options(): BrokerOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    journal,
    authenticator,
    storageProblem: () => storageProblem,
    guard: guardLimits,
    rate: { messagesPerSecond: 1_000, bytesPerSecond: 1_000_000 },
    clock: () => now,
    log: silentLog,
    onRefusal: (refusal) => refusals.push(refusal),
  }
}

function credential(gatewayId: string): GatewayCredential {
  return { id: `c-${gatewayId}`, gatewayId, ...hashSecret(`secret of ${gatewayId}`), createdAt: now, expiresAt: null }
}

function loginOf(id: string): IClientOptions {
  return { clientId: id, username: id, password: `secret of ${id}`, protocolVersion: 4, reconnectPeriod: 0 }
}

/** Logs in and says nothing more by itself. */
async function rawGateway(id: string, keepalive: number): Promise<Socket> {
  const { username, password } = { username: id, password: Buffer.from(`secret of ${id}`) }
  const socket = connectTcp(broker.port, '127.0.0.1')
  socket.write(
    generate({ cmd: 'connect', protocolVersion: 4, clientId: id, clean: true, keepalive, username, password }),
  )
  await new Promise((resolve) => socket.once('data', resolve))
  return socket
}

function publish(id: string, messageId: number): Buffer {
  const packet = { topic: telemetryTopic(id, 'lift-7'), payload: 'x', qos: 1, dup: false, retain: false } as const
  return generate({ cmd: 'publish', messageId, ...packet })
}

async function gateway(id: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = connect(`mqtt://127.0.0.1:${broker.port}`, { ...loginOf(id), ...options })
  clients.push(client)
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
  })
  client.on('error', () => {})
  return client
}

function once(client: MqttClient | Socket, event: 'close'): Promise<void> {
  return new Promise((resolve) => client.once(event, () => resolve()))
}

/** Notes what is appended; while `held` is a list, the callbacks wait in it. */
function observed(inner: Journal): Journal & { appended: JournalEntry[] } {
  const appended: JournalEntry[] = []
  return {
    ...inner,
    get head() {
      return inner.head
    },
    get pendingBytes() {
      return inner.pendingBytes
    },
    appended,
    append(entries, onDurable) {
      const copies = entries.map((entry) =>
        'payload' in entry ? { ...entry, payload: Buffer.from(entry.payload) } : entry,
      )
      appended.push(...copies)
      if (held === undefined) inner.append(copies, onDurable)
      else held.push((error) => (error ? onDurable(error) : inner.append(copies, onDurable)))
    },
  }
}
