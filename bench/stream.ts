import { get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { machineText, milliseconds, quantile } from './figures.ts'
import { coresBetween, processUsage, residentMegabytes } from './process-usage.ts'
import { type MeasuredService, startService } from './service.ts'

export interface StreamOptions {
  readonly readers: number
  readonly orders: number
}

/** Fewer than one account may have. */
const readersOfAccount = 19
const connectingAtOnce = 50
const orderEveryMs = 100
const arriveWithinMs = 30_000

/** What the readers of one account see: everything, or a district of their own. */
interface Group {
  readonly token: string
  readonly districtId: string | null
}

/**
 * Many readers of the live stream: every second account sees everything, every other one district. Orders are opened by hand, one
 * after the other, each in one of the districts; `raisedAt` (the order's row) and the reader's clock are of one machine. An event is
 * its order's first one. The readers live in this process, and what it takes to read them counts in the delays.
 */
export async function benchStream({ readers, orders }: StreamOptions): Promise<void> {
  console.log(`stream: ${readers} readers, ${orders} orders; ${machineText()}`)
  const service = await startService()
  try {
    const groups = await makeGroups(service, Math.ceil(readers / readersOfAccount))
    const atRest = residentMegabytes(service.pid).now
    const listeners: Listener[] = []
    for (let first = 0; first < readers; first += connectingAtOnce) {
      const some = Array.from({ length: Math.min(connectingAtOnce, readers - first) }, (_, index) => first + index)
      const groupOf = (index: number) => groups[Math.floor(index / readersOfAccount)] as Group
      listeners.push(...(await Promise.all(some.map((index) => listen(service, groupOf(index))))))
    }
    await sleep(3_000) // all of them have caught up
    await idle(service, listeners.length, atRest)
    await deliver(service, listeners, groups, orders)
    for (const listener of listeners) listener.close()
  } finally {
    await service.stop()
  }
}

async function makeGroups(service: MeasuredService, count: number): Promise<Group[]> {
  const groups: Group[] = []
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
  for (let index = 0; index < count; index++) {
    const districtId = index % 2 === 0 ? null : `district-${index}`
    if (districtId !== null) {
      await service.api('POST', '/sites', { id: districtId, type: 'district', name: districtId })
    }
    const scope = { sites: districtId === null ? [] : [districtId] }
    const id = `watcher-${index}`
    await service.api('POST', '/accounts', { id, name: id, memberships: [{ role: 'duty-room', scope }] })
    const made = await service.api<{ secret: string }>('POST', `/accounts/${id}/tokens`, { name: 'bench', expiresAt })
    groups.push({ token: made.secret, districtId })
  }
  return groups
}

interface Listener {
  readonly group: Group
  /** Order → ms since 1970 at which it was heard of. */
  readonly heard: ReadonlyMap<string, number>
  close(): void
}

function listen(service: MeasuredService, group: Group): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${group.token}` }
    const request = get(`${service.url}/api/v1/stream`, { headers, agent: false }, (response: IncomingMessage) => {
      if (response.statusCode !== 200) return reject(new Error(`the stream answered ${response.statusCode}`))
      const heard = new Map<string, number>()
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
        const end = text.lastIndexOf('\n\n')
        if (end < 0) return
        for (const [, id = ''] of text.slice(0, end).matchAll(/"type":"order\.raised","subject":"([^"]+)"/g)) {
          if (!heard.has(id)) heard.set(id, Date.now())
        }
        text = text.slice(end + 2)
      })
      resolve({ group, heard, close: () => void request.destroy() })
    })
    request.on('error', reject)
  })
}

async function idle(service: MeasuredService, readers: number, atRest: number): Promise<void> {
  const [before, startedAt] = [processUsage(service.pid), performance.now()]
  await sleep(10_000)
  const seconds = (performance.now() - startedAt) / 1_000
  const { all, main } = coresBetween(service.pid, before, processUsage(service.pid), seconds)
  const { now } = residentMegabytes(service.pid)
  console.log(
    `${readers} readers, heartbeats alone: cores ${all.toFixed(2)}, main thread ${main.toFixed(2)}; memory ${now.toFixed(0)} MB, ${(((now - atRest) * 1_000) / readers).toFixed(0)} kB a reader`,
  )
}

async function deliver(service: MeasuredService, listeners: Listener[], groups: Group[], orders: number) {
  const districts = groups.flatMap(({ districtId }) => districtId ?? [])
  const opened: { id: string; districtId: string; raisedAt: number }[] = []
  const [before, startedAt] = [processUsage(service.pid), performance.now()]
  for (let index = 0; index < orders; index++) {
    const districtId = districts[index % districts.length] ?? ''
    const body = { siteId: districtId, summary: `The light is out (${index})`, severity: 'urgent' }
    const { id, raisedAt } = await service.api<{ id: string; raisedAt: string }>('POST', '/work-orders', body)
    opened.push({ id, districtId, raisedAt: Date.parse(raisedAt) })
    await sleep(orderEveryMs)
  }
  const seconds = (performance.now() - startedAt) / 1_000
  const { all, main } = coresBetween(service.pid, before, processUsage(service.pid), seconds)

  const sees = ({ group }: Listener, districtId: string) => group.districtId === null || group.districtId === districtId
  const wanted = opened.flatMap((order) =>
    listeners.filter((listener) => sees(listener, order.districtId)).map((listener) => ({ order, listener })),
  )
  const until = performance.now() + arriveWithinMs
  const missing = () => wanted.filter(({ order, listener }) => !listener.heard.has(order.id)).length
  while (missing() > 0 && performance.now() < until) await sleep(100)
  const delays = wanted.flatMap(({ order, listener }) => {
    const at = listener.heard.get(order.id)
    return at === undefined ? [] : [at - order.raisedAt]
  })
  const foreign = listeners.flatMap((listener) =>
    opened.filter(({ id, districtId }) => !sees(listener, districtId) && listener.heard.has(id)),
  )
  const [p50, p99, worst] = [0.5, 0.99, 1].map((share) => milliseconds(quantile(delays, share)))
  console.log(
    `order committed → received: p50 ${p50}, p99 ${p99}, worst ${worst}, of ${delays.length} deliveries of ${orders} orders, one every ${((seconds * 1_000) / orders).toFixed(0)} ms   (goal p99 500 ms); missing ${missing()}, foreign ${foreign.length}; cores ${all.toFixed(2)}, main thread ${main.toFixed(2)}`,
  )
}
