import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Severity } from '../../../core/severity.ts'
import { checkReachable } from '../../notices/safe-fetch.ts'
import { postJson, type RobotCodes, reachOf, robotDelivery, webShape } from '../http.ts'
import { markdownOf, plainIn } from '../markdown.ts'
import { defineChannel, type Message } from '../port.ts'
import { hide, hideLastPart } from '../secrets.ts'

/** As far as known; any other is tried again. Unverified: the vendor's list was not at hand. */
const codes: RobotCodes = {
  field: 'code',
  text: 'msg',
  hopeless: [9499, 19001, 19002, 19021, 19022, 19024],
  busy: [11232, 11233],
}
/** 20 KB a message. Unverified, as above. */
const maxBytes = 16_000

const colours: Readonly<Record<Severity, string>> = {
  critical: 'red',
  urgent: 'orange',
  warning: 'yellow',
  info: 'blue',
}

/**
 * A group's custom robot of Feishu. With a secret the body carries `timestamp` (s) and `sign`, the base64 of HMAC-SHA256 with
 * the key timestamp + "\n" + secret over nothing. An address is the open id to mention.
 */
export const feishu = defineChannel({
  type: 'feishu',
  settings: z.strictObject({
    ...webShape,
    url: webShape.url.describe('As the robot shows it: https://open.feishu.cn/open-apis/bot/v2/hook/…'),
    secret: z.string().min(1).max(200).optional().describe('When the robot asks for signatures'),
  }),
  hide: { url: hideLastPart, secret: hide },
  check: (settings, tools) => checkReachable(settings.url, reachOf(settings, tools)),

  open: (settings, tools) => ({
    async send(message, { signal, clock }) {
      const timestamp = String(Math.floor(clock() / 1_000))
      const signed = settings.secret !== undefined && { timestamp, sign: feishuSign(timestamp, settings.secret) }
      const body = { ...signed, msg_type: 'interactive', card: cardOf(message) }
      return robotDelivery(await postJson(settings.url, body, { signal, reach: reachOf(settings, tools) }), codes)
    },
  }),
})

export function feishuSign(timestamp: string, secret: string): string {
  return createHmac('sha256', `${timestamp}\n${secret}`).digest('base64')
}

/** A title coloured by severity, the lines, and the link as a button. */
function cardOf(message: Message) {
  const mention = message.address === null ? '' : `<at id=${message.address.replace(/[^\w-]/g, '')}></at>`
  const content = markdownOf({ ...message, link: null }, { maxBytes, separator: '\n', head: mention }).trim()
  const button = message.link !== null && {
    tag: 'button',
    text: { tag: 'plain_text', content: message.linkText },
    type: 'primary',
    url: message.link,
  }
  return {
    config: { wide_screen_mode: true },
    header: { title: { tag: 'plain_text', content: plainIn(message.title) }, template: colours[message.severity] },
    elements: [{ tag: 'markdown', content }, ...(button ? [{ tag: 'action', actions: [button] }] : [])],
  }
}
