import { connect as connectTcp } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeWithEngine } from '../test/engines/describe.ts'
import { mosquittoPub, mosquittoSub, startMosquitto } from '../test/engines/mosquitto.ts'
import { startConformanceBroker } from './conformance.ts'
import { guardLimits } from './limits.ts'

interface Running {
  readonly port: number
  stop(): Promise<void>
}

const limits = { ...guardLimits, maxBytesBeforeConnack: 256 * 1024, maxBytes: 268_435_455 }
const ours = () => startConformanceBroker(0, limits)

let broker: Running
const clients: MqttClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  await broker.stop()
})

async function connected(clientId: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = connect(`mqtt://127.0.0.1:${broker.port}`, {
    clientId,
    username: 'conf',
    reconnectPeriod: 0,
    ...options,
  })
  clients.push(client)
  await new Promise((resolve, reject) => client.once('connect', resolve).once('error', reject))
  return client
}

/** What the client is sent, as `topic payload`, with `retained` before it where the flag is set. */
function inbox(client: MqttClient): string[] {
  const messages: string[] = []
  client.on('message', (topic, payload, { retain }) => {
    messages.push(`${retain ? 'retained ' : ''}${topic} ${payload}`)
  })
  return messages
}

/** What protocol suites ask for, of which the service itself offers little. The same of ours and of a broker that everybody knows. */
function conformance(open: () => Promise<Running>) {
  beforeEach(async () => {
    broker = await open()
  })

  test.each([0, 1, 2] as const)('a message of QoS %i reaches a subscriber once, by wildcard', async (qos) => {
    const subscriber = await connected('subscriber')
    const messages = inbox(subscriber)
    await subscriber.subscribeAsync('a/+/#', { qos })
    const publisher = await connected('publisher')
    await publisher.publishAsync('a/b/c', 'first', { qos })
    await publisher.publishAsync('a/b', 'last', { qos })
    await expect.poll(() => messages).toEqual(['a/b/c first', 'a/b last'])
  })

  test('a retained message is there for who comes later, until an empty one takes it away', async () => {
    const publisher = await connected('publisher')
    await publisher.publishAsync('kept', 'value', { qos: 1, retain: true })
    const later = await connected('later')
    const messages = inbox(later)
    await later.subscribeAsync('kept', { qos: 1 })
    await expect.poll(() => messages).toEqual(['retained kept value'])

    await publisher.publishAsync('kept', '', { qos: 1, retain: true })
    const last = await connected('last')
    const none = inbox(last)
    await last.subscribeAsync('kept', { qos: 1 })
    await publisher.publishAsync('kept', 'live', { qos: 1 })
    await expect.poll(() => none).toEqual(['kept live'])
  })

  test('a session that is kept gets what came while it was away', async () => {
    const first = await connected('sleeper', { clean: false })
    await first.subscribeAsync('missed', { qos: 1 })
    await first.endAsync()
    const publisher = await connected('publisher')
    await publisher.publishAsync('missed', 'news', { qos: 1 })

    const again = connect(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'sleeper', username: 'conf', clean: false })
    clients.push(again)
    const messages = inbox(again)
    await expect.poll(() => messages).toEqual(['missed news'])
  })

  test('a last will comes when the connection breaks, not when it is ended', async () => {
    const watcher = await connected('watcher')
    const messages = inbox(watcher)
    await watcher.subscribeAsync('gone', { qos: 1 })
    const will = (payload: string) =>
      ({ will: { topic: 'gone', payload: Buffer.from(payload), qos: 1, retain: false } }) as const
    await (await connected('polite', will('polite'))).endAsync()
    const broken = await connected('broken', will('broken'))
    broken.stream.destroy()
    await expect.poll(() => messages).toEqual(['gone broken'])
  })

  test('a payload of 300 KiB goes through, as the suites send them', async () => {
    const subscriber = await connected('subscriber')
    const sizes: number[] = []
    subscriber.on('message', (_topic, payload) => sizes.push(payload.length))
    await subscriber.subscribeAsync('large', { qos: 1 })
    await (await connected('publisher')).publishAsync('large', Buffer.alloc(300 * 1024), { qos: 1 })
    await expect.poll(() => sizes).toEqual([300 * 1024])
  })

  test('without a client id there is a clean session, or CONNACK 2 [MQTT-3.1.3-8]', async () => {
    await connected('', { clean: true })
    const connectUnclean = Buffer.from('100c00044d515454040000050000', 'hex') // by hand: no client makes it
    const socket = connectTcp(broker.port, '127.0.0.1').end(connectUnclean)
    expect((await buffer(socket)).toString('hex')).toBe('20020002')
  })
}

describe('the broker for protocol suites', () => {
  conformance(ours)

  test('one topic may not be subscribed, which is what the suites ask for: SUBACK 0x80', async () => {
    const client = await connected('subscriber')
    await expect(client.subscribeAsync('test/nosubscribe', { qos: 1 })).rejects.toThrow()
    expect(await client.subscribeAsync('test/other', { qos: 1 })).toMatchObject([{ qos: 1 }])
  })
})

await describeWithEngine('mosquitto', 'mosquitto, asked the same', () => {
  conformance(() => startMosquitto())
})

await describeWithEngine('mosquitto', "mosquitto's own clients at the broker for protocol suites", () => {
  test.each(['0', '1', '2'])('QoS %s, retained, from its publisher to its subscriber', async (qos) => {
    broker = await ours()
    const at = ['-h', '127.0.0.1', '-p', String(broker.port), '-u', 'conf', '-P', 'any', '-q', qos, '-t', 'a/b']
    expect(await mosquittoPub([...at, '-r', '-m', 'hello'])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await mosquittoSub([...at, '-C', '1', '-W', '10', '-v'])).toMatchObject({
      exitCode: 0,
      stdout: 'a/b hello\n',
    })
  })
})
