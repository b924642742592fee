import { expect, test } from 'vitest'
import { hourMs, minuteMs } from '../core/clock.ts'
import { createLiveness, type HeardGateway } from './liveness.ts'

const start = Date.UTC(2026, 10, 24, 8)

const noQuarantine = { quarantinedSince: async () => new Map<string, number>() }

function open(
  heard: (ids: readonly string[]) => Promise<ReadonlyMap<string, HeardGateway>> = async () => new Map(),
  operations: Parameters<typeof createLiveness>[0]['operations'] = noQuarantine,
) {
  const time = { now: start }
  const connected = new Set<string>()
  const liveness = createLiveness({
    operations,
    clock: () => time.now,
    isConnected: (id) => connected.has(id),
    heard,
    patienceMs: 20,
  })
  return { time, connected, liveness, of: liveness.of }
}

test('counts what a gateway sent and was refused in the last hour, and forgets what is older', async () => {
  const { time, connected, liveness, of } = open()
  connected.add('gw-1')
  for (let minute = 0; minute < 120; minute += 1) {
    time.now = start + minute * minuteMs
    liveness.accepted('gw-1', time.now)
    if (minute < 30) liveness.refused({ gatewayId: 'gw-1' })
  }

  expect(await of('gw-1')).toEqual({
    ...{ connected: true, lastMessageAt: start + 119 * minuteMs, clockAheadMs: null },
    ...{ countedSince: start + hourMs, messages: 60, refusals: 0, wrongPasswords: 0 },
  })
  time.now += 3 * hourMs
  expect(await of('gw-1')).toMatchObject({ messages: 0, lastMessageAt: start + 119 * minuteMs })
})

test('a message of which something is in quarantine counts as refused, beside what the door refused, since the same moment', async () => {
  const asked: [readonly string[], number][] = []
  const { liveness, of } = open(undefined, {
    async quarantinedSince(ids, since) {
      asked.push([ids, since])
      return new Map([['gw-1', 62]])
    },
  })
  liveness.refused({ gatewayId: 'gw-1' })

  const [first, second] = await liveness.each([{ id: 'gw-1' }, { id: 'gw-2' }])
  expect([first?.liveness.refusals, second?.liveness.refusals]).toEqual([63, 0])
  expect(await of('gw-1')).toEqual(first?.liveness)
  expect(asked).toEqual([
    [['gw-1', 'gw-2'], start],
    [['gw-1'], start],
  ])
})

test('a wrong password counts for the gateway in whose name it was tried, and is no word of its own', async () => {
  const { liveness, of } = open()
  liveness.refused({ gatewayId: null, claimedId: 'gw-1' })
  liveness.refused({ gatewayId: null })

  expect(await liveness.each([{ id: 'gw-1' }])).toEqual([{ id: 'gw-1', liveness: await of('gw-1') }])
  expect(await of('gw-1')).toMatchObject({ wrongPasswords: 1, refusals: 0, lastMessageAt: null, connected: false })
})

test('after a restart it is known from the detectors when it was last heard, and how far its clock is off', async () => {
  const { time, liveness, of } = open(
    async (ids) => new Map(ids.map((id) => [id, { heardAt: start, clockAheadMs: -1_200 }])),
  )
  expect(await of('gw-1')).toMatchObject({ lastMessageAt: start, clockAheadMs: -1_200, countedSince: start })

  time.now = start + minuteMs
  liveness.accepted('gw-1', time.now)
  expect(await of('gw-1')).toMatchObject({ lastMessageAt: start + minuteMs })
})

test.each([
  ['fails', () => Promise.reject(new Error('gone'))],
  ['does not answer', () => new Promise<never>(() => {})],
])('while the detectors side %s, what the door knows is told', async (_, heard) => {
  const { time, liveness, of } = open(heard)
  liveness.accepted('gw-1', time.now)
  expect(await of('gw-1')).toMatchObject({ messages: 1, lastMessageAt: start, clockAheadMs: null })
})

test('a clock that was set back loses no count', async () => {
  const { time, liveness, of } = open()
  liveness.accepted('gw-1', time.now)
  time.now -= 20 * minuteMs
  liveness.accepted('gw-1', time.now)
  expect(await of('gw-1')).toMatchObject({ messages: 2 })
})
