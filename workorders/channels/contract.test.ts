import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { type Channel, channelTypes } from '../../core/notice.ts'
import { type Receiver, receivers } from '../../test/fixtures/receivers.ts'
import { channelKinds, checkSettings, openChannel, withoutSecrets } from './index.ts'
import { toGateways } from './mqtt/to-gateways.ts'
import type { Delivery, Message } from './port.ts'
import { hideSecrets, restoreSecrets } from './secrets.ts'

const link = 'https://liftwatt.example/o/abc-DEF_123'
const message: Message = {
  key: 'order-1:raised:v1:channel-1:channel',
  reason: 'raised',
  severity: 'critical',
  locale: 'zh-CN',
  address: null,
  name: '张伟',
  at: Date.UTC(2026, 10, 24, 18),
  title: '[特急] 新工单: 电梯困人 (3幢 2单元)',
  lines: ['地点: 西湖区 / 幸福小区', '到场时限: 11-25 02:30, 剩余 30 分钟', 'a "quoted" word\\ and a tab\t'],
  link,
  linkText: '打开工单',
  data: { orderId: 'order-1', arriveBy: '2026-11-24T18:30:00.000Z' },
}

/** Promises of the port, against the receiver of each type, which checks what its vendor checks. */
describe.each(channelTypes)('%s', (type) => {
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await receivers[type]()
  })
  afterEach(() => receiver.stop())

  const send = (given: Partial<Message> = {}, settings = receiver.settings, withinMs = 10_000): Promise<Delivery> => {
    const channel: Channel = { id: 'c', type, name: 'c', settings, enabled: true, createdAt: 0 }
    const open = openChannel(channel, { publish: (gatewayId, payload) => receiver.publish(gatewayId, payload) })
    const full = { ...message, address: receiver.address, ...given }
    return open.send(full, { signal: AbortSignal.timeout(withinMs), clock: systemClock })
  }

  test('what, where, how long and the link arrive, and the receiver finds the signature right', async () => {
    expect(await send()).toEqual({ outcome: 'delivered' })
    await expect.poll(() => receiver.received.length).toBe(1)
    const { text = '' } = receiver.received[0] ?? {}
    for (const part of ['电梯困人', '西湖区 / 幸福小区', '剩余 30 分钟', link]) expect(text).toContain(part)
  })

  test('sent again, it carries what it carried before, so that the receiver may know it', async () => {
    await send()
    await send()
    await expect.poll(() => receiver.received.length).toBe(2)
    const [first, second] = receiver.received
    expect(second).toEqual(first)
  })

  test('without a link, it says what it has', async () => {
    expect(await send({ link: null })).toEqual({ outcome: 'delivered' })
    await expect.poll(() => receiver.received[0]?.text).toContain('电梯困人')
  })

  test('a receiver that is too busy is tried again; one that is well afterwards gets it', async () => {
    receiver.mood = 'busy'
    expect(await send()).toMatchObject({ outcome: 'retry', reason: expect.stringMatching(/./) })
    expect(receiver.received).toEqual([])
    receiver.mood = 'well'
    expect(await send()).toEqual({ outcome: 'delivered' })
  })

  test('what the receiver will never take is refused, with its reason', async () => {
    receiver.mood = 'unwilling'
    const delivery = type === 'mqtt' ? await send({ address: 'no gateway' }) : await send()
    expect(delivery).toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/./) })
    expect(receiver.received).toEqual([])
  })

  test('a receiver that says nothing is let go of when the time is over', async () => {
    receiver.mood = 'silent'
    expect(await send({}, receiver.settings, 300)).toEqual({ outcome: 'retry', reason: 'no answer in time' })
  })

  test('a wrong secret delivers nothing', async () => {
    if (receiver.wrongSettings === null) return
    expect(await send({}, receiver.wrongSettings)).toMatchObject({ outcome: 'refused' })
    expect(receiver.received).toEqual([])
  })

  test('its settings pass their own check, and shown, they hold no secret; sent back as shown, they keep it', async () => {
    const tools = { publish: receiver.publish }
    const settings = await checkSettings(type, receiver.settings, tools)
    const shown = withoutSecrets({ id: 'c', type, name: 'c', settings, enabled: true, createdAt: 0 })
    for (const secret of receiver.secrets) expect(JSON.stringify(shown)).not.toContain(secret)
    expect(restoreSecrets(structuredClone(shown.settings), shown.settings, settings)).toEqual(settings)
    expect(hideSecrets(settings, channelKinds[type].hide)).toEqual(shown.settings)
    await expect(checkSettings(type, { ...receiver.settings, colour: 'red' }, tools)).rejects.toMatchObject({
      code: 'invalid',
    })
  })
})

test.each(['dingtalk', 'wecom', 'feishu'] as const)(
  '%s: names of devices cannot become links, mentions or markup',
  async (type) => {
    const receiver = await receivers[type]()
    const channel: Channel = { id: 'c', type, name: 'c', settings: receiver.settings, enabled: true, createdAt: 0 }
    const hostile = '[click](http://evil.example) <at id=all></at> <@all> **x**'
    const given = { ...message, address: receiver.address, title: hostile, lines: [hostile] }
    const open = openChannel(channel, { publish: receiver.publish })
    await open.send(given, { signal: AbortSignal.timeout(5_000), clock: systemClock })
    await receiver.stop()

    const { text = '' } = receiver.received[0] ?? {}
    expect(text).toContain('［click］')
    for (const markup of ['[click]', '<at id=all>', '<@all>', '**x**']) expect(text).not.toContain(markup)
  },
)

test('a long list is cut to what WeCom takes, and its link stays', async () => {
  const receiver = await receivers.wecom()
  const { settings } = receiver
  const channel: Channel = { id: 'c', type: 'wecom', name: 'c', settings, enabled: true, createdAt: 0 }
  const lines = Array.from({ length: 400 }, (_, n) => `${n}: 幸福小区三幢二单元停电`)
  const delivery = await openChannel(channel, { publish: receiver.publish }).send(
    { ...message, lines },
    { signal: AbortSignal.timeout(5_000), clock: systemClock },
  )
  await receiver.stop()
  expect(delivery).toEqual({ outcome: 'delivered' })
  expect(receiver.received[0]?.text).toContain(link)
  expect(receiver.received[0]?.text).toContain('0: 幸福')
})

const sms = { url: 'https://sms.example/send', body: '{"text": "{{text}}"}' }
const tools = { publish: async () => {}, resolve: async () => [{ address: '93.184.216.34', family: 4 }] }

test.each([
  ['an unknown placeholder', { body: '{"text": "{{txt}}"}' }, /\{\{txt\}\} is not one of/],
  ['a body that is no JSON once filled in', { body: '{"text": {{text}}}' }, /is not JSON/],
  ['a placeholder for the host', { url: 'https://{{name}}.example/' }, /host/],
  ['a header that is ours', { headers: { Host: 'x' } }, /must not set/],
  ['a header with a line of its own', { headers: { 'X-A': 'a\r\nB: c' } }, /visible ASCII/],
  ['a secret that is not there', { body: '{"t": "{{secret.none}}"}' }, /\{\{secret\.none\}\}/],
])('a template with %s is not saved', async (_, given, why) => {
  await expect(checkSettings('http-template', { ...sms, ...given }, tools)).rejects.toThrow(why)
})

test('a template that is right is saved, JSON or form, with what is left out filled in', async () => {
  expect(await checkSettings('http-template', sms, tools)).toMatchObject({
    method: 'POST',
    success: {},
    allowPrivate: false,
  })
  const form = { ...sms, headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'text={{text}}' }
  expect(await checkSettings('http-template', form, tools)).toMatchObject(form)
})

test('a password is not given to a mail server that anyone can listen to', async () => {
  const mail = { host: 'mail.example', port: 25, security: 'none', from: 'a@b.example', username: 'u', password: 'p' }
  await expect(checkSettings('email', mail, tools)).rejects.toThrow(/anyone can read/)
  expect(await checkSettings('email', { ...mail, port: 465, security: 'tls' }, tools)).toMatchObject({ port: 465 })
})

test('a gateway that is away is tried again; one that there is not, never', async () => {
  const away = () => Promise.reject(new Error('it is not connected'))
  const registered = { gateway: async (id: string) => (id === 'gw-7' ? ({} as never) : undefined) }
  const channel: Channel = { id: 'c', type: 'mqtt', name: 'c', settings: {}, enabled: true, createdAt: 0 }
  const buzzer = openChannel(channel, { publish: toGateways(registered, away) })
  const send = (address: string) =>
    buzzer.send({ ...message, address }, { signal: AbortSignal.timeout(5_000), clock: systemClock })

  expect(await send('gw-7')).toEqual({ outcome: 'retry', reason: 'it is not connected' })
  expect(await send('gw-8')).toEqual({ outcome: 'refused', reason: 'There is no gateway gw-8' })
})
