import { Webhook } from 'standardwebhooks'
import { z } from 'zod'
import { checkReachable } from '../../notices/safe-fetch.ts'
import { postJson, reachOf, statusProblem, webShape } from '../http.ts'
import { defineChannel, type Message } from '../port.ts'
import { hide, hideQuery } from '../secrets.ts'

/**
 * JSON to any program, signed as Standard Webhooks says (standardwebhooks.com, v1): `webhook-id` is the key of the notice,
 * the same at every try; every 2xx is taken as "I have it".
 */
export const webhook = defineChannel({
  type: 'webhook',
  settings: z.strictObject({
    ...webShape,
    secret: z
      .string()
      .regex(
        /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
        'must be whsec_ and 24 to 64 bytes in base64 (openssl rand -base64 32)',
      )
      .describe('Shared with the receiver, who checks the signature with it'),
  }),
  hide: { url: hideQuery, secret: hide },
  check: (settings, tools) => checkReachable(settings.url, reachOf(settings, tools)),

  open(settings, tools) {
    const signer = new Webhook(settings.secret)
    return {
      async send(message, { signal, clock }) {
        const at = new Date(clock())
        const body = JSON.stringify(payloadOf(message))
        const headers = {
          'webhook-id': message.key,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
          'webhook-signature': signer.sign(message.key, at, body),
        }
        const answer = await postJson(settings.url, body, { signal, headers, reach: reachOf(settings, tools) })
        return statusProblem(answer) ?? { outcome: 'delivered' }
      },
    }
  },
})

function payloadOf(message: Message) {
  const { reason, severity, locale, address, name, title, lines, link, data } = message
  return {
    type: `notice.${reason}`,
    timestamp: new Date(message.at).toISOString(),
    data: { ...data, reason, severity, locale, to: { name, address }, title, text: lines.join('\n'), link },
  }
}
