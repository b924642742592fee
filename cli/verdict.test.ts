import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { newestQuarantined, notAcceptedSince, untilRead } from './verdict.ts'

let server: Server | undefined
afterEach(() => {
  server?.close()
  server?.closeAllConnections()
})

/** Rows as the API gives them, newest first, in pages of two. */
function quarantineOf(...minutes: number[]) {
  const rows = minutes.toSorted((one, other) => other - one).map(quarantined)
  const asked: string[] = []
  return {
    asked,
    request: async <T>(_method: string, path: string) => {
      asked.push(path)
      const query = new URLSearchParams(path.split('?')[1])
      const from = Number(query.get('cursor') ?? 0)
      const to = from + Math.min(2, Number(query.get('limit')))
      return { items: rows.slice(from, to), nextCursor: to < rows.length ? String(to) : null } as T
    },
  }
}

function quarantined(minute: number) {
  const text = `of minute ${minute}`
  return { receivedAt: receivedAt(minute), deviceId: 'meter-1', reason: 'unknown-device', faults: [{ text }] }
}

function receivedAt(minute: number): string {
  return new Date(Date.UTC(2026, 10, 24, 8, minute)).toISOString()
}

test('messages quarantined since are counted over all pages, and the first of them is told', async () => {
  const service = quarantineOf(1, 2, 11, 12, 13)
  expect(await notAcceptedSince(service, 'gw-7', receivedAt(2))).toEqual({
    messages: 3,
    first: { deviceId: 'meter-1', reason: 'unknown-device', text: 'of minute 11' },
  })
  expect(service.asked).toHaveLength(2)
  expect(service.asked[0]).toMatch(/^\/quarantine\?gatewayId=gw-7&/)
  expect(await notAcceptedSince(service, 'gw-7', null)).toMatchObject({ messages: 5, first: { text: 'of minute 1' } })
})

test('what was quarantined before is not held against this run', async () => {
  const service = quarantineOf(1, 2)
  const before = await newestQuarantined(service, 'gw-7')
  expect(before).toBe(receivedAt(2))
  expect(await notAcceptedSince(service, 'gw-7', before)).toEqual({ messages: 0, first: null })
  expect(await newestQuarantined(quarantineOf(), 'gw-7')).toBeNull()
})

test('it waits until the slowest reader is where the journal ended, though the journal goes on', async () => {
  let asked = 0
  const url = await serveMetrics(() => {
    asked += 1
    const [head, history] = asked === 1 ? [100, 90] : [100 + asked, 96 + asked]
    return metrics(head, { history, analytics: 110 })
  })
  await untilRead(url)
  expect(asked).toBe(4)
})

test('readers that stand still, or have not said anything, are given up after a while', async () => {
  await expect(untilRead(await serveMetrics(() => metrics(100, { history: 7 })), 300)).rejects.toThrow(/readyz/)
  server?.close()
  await expect(untilRead(await serveMetrics(() => metrics(0, {})), 300)).rejects.toThrow(/readyz/)
})

function metrics(head: number, positions: Record<string, number>): string {
  const lines = Object.entries(positions).map(
    ([consumer, position]) => `liftwatt_consumer_position{consumer="${consumer}"} ${position}`,
  )
  return ['# TYPE liftwatt_journal_head gauge', `liftwatt_journal_head ${head}`, ...lines, ''].join('\n')
}

async function serveMetrics(answer: () => string): Promise<string> {
  const listening = createServer((_request, response) => response.end(answer()))
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}
