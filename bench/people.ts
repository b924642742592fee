import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MeasuredService } from './service.ts'

/** People of a district in a measured service, and the program behind their channels, which is this one. */
export interface District {
  /** performance.now() at which the first notice of an order came. */
  readonly told: ReadonlyMap<string, number>
  /** Notices that came, repeats too. */
  received(): number
  stop(): void
}

const everyDay = [1, 2, 3, 4, 5, 6, 7]

/** A duty room, crews, a supervisor and the district's office, each with two people, a roster around the clock and a webhook. */
export async function employDistrict(service: MeasuredService, crews: number): Promise<District> {
  const told = new Map<string, number>()
  let received = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request.setEncoding('utf8')) body += part
    const at = performance.now()
    const { data } = JSON.parse(body) as { data: { orderId?: string } }
    if (data.orderId !== undefined && !told.has(data.orderId)) told.set(data.orderId, at)
    received += 1
    response.writeHead(204).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const crewIds = Array.from({ length: crews }, (_, index) => `crew-${index + 1}`)
  const types = { 'duty-room': ['duty'], crew: crewIds, supervisor: ['supervisor'], district: ['district'] }
  for (const [type, ids] of Object.entries(types)) {
    for (const id of ids) await employTeam(service, { id, type, url: `http://127.0.0.1:${port}/${id}` })
  }
  return {
    told,
    received: () => received,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function employTeam(
  service: MeasuredService,
  { id, type, url }: { id: string; type: string; url: string },
): Promise<void> {
  const settings = { url, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`, allowPrivate: true }
  await service.api('POST', '/channels', { id, type: 'webhook', name: id, settings })
  await service.api('POST', '/teams', { id, type, name: id, addresses: [{ channelId: id, address: null }] })
  const [day, night] = [`${id}-day`, `${id}-night`]
  for (const member of [day, night]) await service.api('POST', '/members', { id: member, teamId: id, name: member })
  const shifts = [
    { days: everyDay, from: '08:00', until: '20:00', memberIds: [day] },
    { days: everyDay, from: '20:00', until: '08:00', memberIds: [night] },
  ]
  await service.api('PUT', `/teams/${id}/roster`, { version: 0, shifts })
}
