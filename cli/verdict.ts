import { setTimeout as delay } from 'node:timers/promises'
import { secondMs } from '../core/clock.ts'
import type { ServiceClient } from './service.ts'

/*
 * An acknowledged message is on disk; whether it is accepted shows only when the service has read it. Here is asked for that.
 */

interface QuarantineRow {
  receivedAt: string
  deviceId: string
  reason: string
  faults: { text: string }[]
}

interface Page {
  items: QuarantineRow[]
  nextCursor: string | null
}

export interface NotAccepted {
  readonly messages: number
  readonly first: { readonly deviceId: string; readonly reason: string; readonly text: string } | null
}

type Requests = Pick<ServiceClient, 'request'>

const pauseMs = secondMs / 5
const defaultPatienceMs = 60 * secondMs

/** When the gateway's newest quarantined message so far was received, by the service's clock. */
export async function newestQuarantined(service: Requests, gatewayId: string): Promise<string | null> {
  const { items } = await service.request<Page>('GET', quarantinePath(gatewayId, 1, null))
  return items[0]?.receivedAt ?? null
}

/** What was quarantined after that, and the oldest of it: usually the rest fails for the same reason. */
export async function notAcceptedSince(
  service: Requests,
  gatewayId: string,
  before: string | null,
): Promise<NotAccepted> {
  let messages = 0
  let oldest: QuarantineRow | undefined
  let cursor: string | null = null
  do {
    const page: Page = await service.request<Page>('GET', quarantinePath(gatewayId, 100, cursor))
    const fresh = page.items.filter(({ receivedAt }) => before === null || receivedAt > before)
    messages += fresh.length
    oldest = fresh.at(-1) ?? oldest
    cursor = fresh.length === page.items.length ? page.nextCursor : null
  } while (cursor !== null)
  if (oldest === undefined) return { messages, first: null }
  const { deviceId, reason, faults } = oldest
  return { messages, first: { deviceId, reason, text: faults[0]?.text ?? '' } }
}

function quarantinePath(gatewayId: string, limit: number, cursor: string | null): string {
  const query = new URLSearchParams({ gatewayId, limit: String(limit), ...(cursor !== null && { cursor }) })
  return `/quarantine?${query}`
}

/**
 * Waits until the service has read everything that is in its journal now.
 * @throws {Error} when it has not come any further for `patienceMs`
 */
export async function untilRead(serviceUrl: string, patienceMs = defaultPatienceMs): Promise<void> {
  const { head } = await progressOf(serviceUrl)
  let furthest = -1
  let givenUpAt = 0
  for (;;) {
    const { slowest } = await progressOf(serviceUrl)
    if (slowest >= head) return
    if (slowest > furthest) {
      furthest = slowest
      givenUpAt = Date.now() + patienceMs
    }
    if (Date.now() >= givenUpAt) {
      throw new Error('All is acknowledged, but the service does not get to reading it; /readyz says what it waits for')
    }
    await delay(pauseMs)
  }
}

/** How far the journal goes and how far its slowest reader is; -1 when none has said so yet. */
async function progressOf(serviceUrl: string): Promise<{ head: number; slowest: number }> {
  const metrics = await (await fetch(`${serviceUrl}/metrics`)).text()
  const head = /^liftwatt_journal_head (\S+)$/m.exec(metrics)?.[1]
  const positions = [...metrics.matchAll(/^liftwatt_consumer_position\{.*\} (\S+)$/gm)].map(([, value]) =>
    Number(value),
  )
  if (head === undefined) throw new Error(`${serviceUrl}/metrics does not say how far the journal goes`)
  return { head: Number(head), slowest: positions.length === 0 ? -1 : Math.min(...positions) }
}
