import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** What reached somebody. */
export interface Received {
  /** The last part of the URL: whose channel it came by. */
  readonly who: string
  /** `webhook-id`: what a receiver knows a repeat by. */
  readonly key: string
  readonly reason: string
  readonly orderId: string
  /** The goal that was missed, in an escalation. */
  readonly missed: string | null
}

/** Another program, outside of us: takes webhooks, checks their signatures, and remembers all that came, repeats too. */
export async function startReceiver() {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const signer = new Webhook(secret)
  const received: Received[] = []
  const refused: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    try {
      for await (const part of request.setEncoding('utf8')) body += part
      const { 'webhook-id': key, 'webhook-timestamp': seconds, 'webhook-signature': signature } = request.headers
      // compared here, for under an injected clock its time is none that the library would take
      const expected = signer.sign(String(key), new Date(Number(seconds) * 1_000), body)
      if (signature !== expected) throw new Error(`${key} has a wrong signature`)
      const { reason, orderId, missed } = (JSON.parse(body) as { data: Omit<Received, 'who' | 'key'> }).data
      received.push({ who: request.url?.slice(1) ?? '', key: String(key), reason, orderId, missed })
      response.writeHead(204).end()
    } catch (cause) {
      // whoever was killed in the middle of a request has told nobody anything
      if (request.complete) refused.push(`${cause}`)
      response.writeHead(400).end()
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    received,
    /** Why what came was not taken: it must stay empty. */
    refused,
    settingsFor: (who: string) => ({ url: `http://127.0.0.1:${port}/${who}`, secret, allowPrivate: true }),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/**
 * Every occasion of an order on which somebody was told, with the keys under which it came: one each, however often it came.
 * An occasion is told apart without its key: by receiver, reason and missed goal.
 */
export function keysByOccasion(received: readonly Received[]): Map<string, Set<string>> {
  const keys = new Map<string, Set<string>>()
  for (const { who, key, reason, missed } of received) {
    const occasion = [who, reason, missed].filter(Boolean).join(' ')
    keys.set(occasion, (keys.get(occasion) ?? new Set()).add(key))
  }
  return keys
}
