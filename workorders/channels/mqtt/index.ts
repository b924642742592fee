import { z } from 'zod'
import { ExpectedError } from '../../../core/errors.ts'
import { Identifier, isIdentifier } from '../../../core/identifier.ts'
import { defineChannel } from '../port.ts'

/**
 * To the `commands` topic of a gateway, which drives a buzzer or a screen in the room: JSON with `type: "notice"`. The address
 * is the gateway's id, where the channel is not for one gateway alone. Delivered means published at QoS 1 to a gateway that is
 * there; whether it rang, it cannot say.
 */
export const mqtt = defineChannel({
  type: 'mqtt',
  settings: z.strictObject({
    gatewayId: Identifier.optional().describe('The gateway that gets every notice of this channel that names no other'),
  }),
  hide: {},
  check: async () => {},

  open: ({ gatewayId }, { publish }) => ({
    async send({ key, reason, severity, locale, address, at, title, lines, link, data }) {
      const gateway = address ?? gatewayId
      if (gateway === undefined || !isIdentifier(gateway)) {
        return { outcome: 'refused', reason: 'neither the channel nor the address names a gateway' }
      }
      const { orderId = null, arriveBy = null } = data
      const text = lines.join('\n')
      const notice = { type: 'notice', key, at, reason, severity, locale, title, text, link, orderId, arriveBy }
      try {
        await publish(gateway, JSON.stringify(notice))
        return { outcome: 'delivered' }
      } catch (cause) {
        if (cause instanceof ExpectedError && cause.code === 'not-found')
          return { outcome: 'refused', reason: cause.message }
        throw cause
      }
    },
  }),
})
