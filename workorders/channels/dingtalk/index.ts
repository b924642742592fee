import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { checkReachable } from '../../notices/safe-fetch.ts'
import { postJson, type RobotCodes, reachOf, robotDelivery, webShape } from '../http.ts'
import { markdownOf, plainIn } from '../markdown.ts'
import { defineChannel } from '../port.ts'
import { hide, hideQuery } from '../secrets.ts'

/** As far as known; any other is tried again. Unverified: the vendor's list was not at hand. */
const codes: RobotCodes = {
  field: 'errcode',
  text: 'errmsg',
  hopeless: [300001, 310000, 400013, 400101, 400102, 430101, 430102, 430103, 430104],
  busy: [130101, 410100],
}
/** 20,000 bytes a message. Unverified, as above. */
const maxBytes = 18_000

/**
 * A group's custom robot of DingTalk. With a secret the query carries `timestamp` (ms) and `sign`, the base64 of
 * HMAC-SHA256(secret, timestamp + "\n" + secret). An address is a phone number to mention in the group.
 */
export const dingtalk = defineChannel({
  type: 'dingtalk',
  settings: z.strictObject({
    ...webShape,
    url: webShape.url.describe('As the robot shows it: https://oapi.dingtalk.com/robot/send?access_token=…'),
    secret: z.string().min(1).max(200).optional().describe('SEC…, when the robot asks for signatures'),
  }),
  hide: { url: hideQuery, secret: hide },
  check: (settings, tools) => checkReachable(settings.url, reachOf(settings, tools)),

  open: (settings, tools) => ({
    async send(message, { signal, clock }) {
      const url = new URL(settings.url)
      if (settings.secret !== undefined) {
        const timestamp = String(clock())
        url.searchParams.set('timestamp', timestamp)
        url.searchParams.set('sign', dingtalkSign(timestamp, settings.secret))
      }
      const { address } = message
      const head = `### ${plainIn(message.title)}${address === null ? '' : ` @${plainIn(address)}`}`
      const text = markdownOf(message, { maxBytes, separator: '\n\n', head })
      const body = {
        msgtype: 'markdown',
        markdown: { title: plainIn(message.title), text },
        at: { atMobiles: address === null ? [] : [address], isAtAll: false },
      }
      return robotDelivery(await postJson(url.href, body, { signal, reach: reachOf(settings, tools) }), codes)
    },
  }),
})

export function dingtalkSign(timestamp: string, secret: string): string {
  return createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64')
}
