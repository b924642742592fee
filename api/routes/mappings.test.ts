import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApi, type TestApi } from '../../test/test-api.ts'

const mapping = {
  rules: [
    {
      ...{ topic: 'acme/up', each: '$.list', device: { path: '@.sn' }, time: { path: '$.t', format: 'epoch-s' } },
      metrics: { watts: { path: '@.P', scale: 1_000 }, terminalCelsius: { path: '@.T' } },
    },
  ],
  ignore: ['acme/hello'],
  devices: { '4711': 'meter-1' },
}

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  for (const id of ['gw-1', 'gw-2', 'gw-try']) await api.send('POST', '/gateways', { id })
  const kind = 'electricity-meter'
  await api.send('POST', '/devices', { id: 'meter-1', kind, gatewayId: 'gw-try' })
  await api.send('POST', '/devices', { id: 'meter-2', kind, gatewayId: 'gw-2' })
})
afterAll(() => api?.stop())

const put = (body: object) => api.send('PUT', '/gateways/gw-1/mapping', { reason: 'x', ...body })

test('a mapping lives: none, saved, read, switched off; each version stays, with who and why', async () => {
  expect((await api.send('GET', '/gateways/gw-1/mapping')).json()).toMatchObject({ version: 0, mapping: null })
  const saved = await put({ mapping, version: 0, reason: 'A meter maker’s own JSON' })
  expect(saved.json()).toMatchObject({
    gatewayId: 'gw-1',
    version: 1,
    actor: 'operator',
    mapping: { devices: mapping.devices },
  })
  expect((await put({ mapping, version: 1 })).json()).toMatchObject({ version: 1 }) // nothing was changed
  expect(await api.operations.mappingsInForce()).toMatchObject([{ gatewayId: 'gw-1', version: 1 }])

  const late = await put({ mapping: null, version: 0 })
  expect([late.statusCode, late.json().detail]).toEqual([
    409,
    expect.stringContaining('Somebody else changed the mapping'),
  ])
  api.time.now += 1_000
  expect((await put({ mapping: null, version: 1, reason: 'It was replaced' })).json()).toMatchObject({ version: 2 })
  expect(await api.operations.mappingsInForce()).toEqual([])
  const first = await api.send('GET', '/gateways/gw-1/mapping?version=1')
  expect(first.json()).toMatchObject({ version: 1, mapping: { rules: [{ topic: 'acme/up' }] } })
  expect((await api.send('GET', '/gateways/gw-1/mapping?version=7')).statusCode).toBe(404)

  const { items } = (await api.send('GET', '/audit?action=gateway-mapped')).json()
  expect(items).toMatchObject([
    { subject: 'gw-1', data: { version: 2, on: false, reason: 'It was replaced' }, after: null },
    { subject: 'gw-1', data: { version: 1, on: true }, before: null, after: { devices: mapping.devices } },
  ])
})

test('what is wrong in a mapping is named by its path, and nothing is saved', async () => {
  const [rule] = mapping.rules
  const wrong = { rules: [{ ...rule, metrics: { watts: { path: '@.P' }, wats: { path: '@.P' } } }] }
  const unknown = await api.send('PUT', '/gateways/gw-2/mapping', { mapping: wrong, version: 0, reason: 'x' })
  expect(unknown.statusCode).toBe(400)
  expect(unknown.json().errors).toEqual([
    { path: 'mapping.rules.0.metrics.wats', message: 'no kind has a metric of this name' },
  ])
  const ours = { rules: [{ ...rule, topic: 'liftwatt/v1/gw-1/x' }] }
  const refused = await api.send('PUT', '/gateways/gw-2/mapping', { mapping: ours, version: 0, reason: 'x' })
  expect(refused.json().errors).toMatchObject([{ path: 'mapping.rules.0.topic' }])
  expect((await api.send('GET', '/gateways/gw-2/mapping')).json()).toMatchObject({ version: 0 })

  const revoked = await api.send('POST', '/gateways', { id: 'gw-gone' })
  expect(revoked.statusCode).toBe(201)
  await api.send('DELETE', '/gateways/gw-gone')
  const gone = await api.send('PUT', '/gateways/gw-gone/mapping', { mapping, version: 0, reason: 'x' })
  expect([gone.statusCode, gone.json().code]).toEqual([409, 'already-done'])
})

const tried = (body: object) => api.send('POST', '/gateways/gw-try/mapping/try', { mapping, ...body })

test('tried on messages, it says what each would become, or what is wrong and where, and stores nothing', async () => {
  const t = api.time.now / 1_000
  const list = [
    { sn: 4711, P: '1.25', T: 9_000 },
    { sn: 'meter-2', P: 1 },
    { sn: 'SN 9', P: 1 },
    { sn: 'none', P: 1 },
  ]
  const answer = await tried({
    samples: [
      { topic: 'acme/up', payload: JSON.stringify({ t, list }) },
      { topic: 'liftwatt/v1/gw-try/raw/acme/hello', payload: 'anything' },
      { topic: 'acme/down', payload: '{}' },
      { topic: 'acme/up', payload: '{"t": ' },
    ],
  })
  const [first, hello, down, broken] = answer.json().items
  expect(first).toMatchObject({
    ...{ source: 'given', topic: 'acme/up', isMapped: true },
    readings: [{ deviceId: 'meter-1', kind: 'electricity-meter', values: { watts: 1_250 } }],
    faults: [
      { path: '$.list[2].sn', reason: 'unknown-device' },
      { path: '$.list[0].T', reason: 'out-of-range' },
      { path: '$.list[1]', reason: 'foreign-device' },
      { path: '$.list[3]', reason: 'unknown-device' },
    ],
  })
  expect(first.readings[0].at).toBe(new Date(api.time.now).toISOString())
  expect(hello).toMatchObject({ isMapped: true, readings: [], faults: [] })
  expect(down).toMatchObject({ isMapped: false, readings: [], faults: [] })
  expect(broken.faults).toMatchObject([{ reason: 'bad-json', text: expect.stringContaining('ends too early') }])
  expect((await api.send('GET', '/quarantine?gatewayId=gw-try')).json().items).toEqual([])
})

test('without messages it is tried on what came last in the gateway’s own words and was not understood', async () => {
  const topics = ['acme/up', ...Array<null>(10).fill(null)]
  await api.operations.insertQuarantine(
    randomUUID(),
    topics.map((topic, position) => ({
      ...{
        position,
        receivedAt: api.time.now,
        gatewayId: 'gw-try',
        deviceId: '',
        topic,
        reason: 'not-mapped' as const,
      },
      faults: [{ path: '$', reason: 'not-mapped', text: 'x' }],
      raw: Buffer.from(`{"t": ${api.time.now / 1_000}, "list": [{"sn": "meter-1", "P": 2}]}`),
    })),
  )
  expect((await tried({})).json().items).toMatchObject([
    { source: 'quarantine', topic: 'acme/up', isMapped: true, readings: [{ values: { watts: 2_000 } }], faults: [] },
  ])
})
