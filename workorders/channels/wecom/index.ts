import { z } from 'zod'
import { checkReachable } from '../../notices/safe-fetch.ts'
import { postJson, type RobotCodes, reachOf, robotDelivery, webShape } from '../http.ts'
import { markdownOf, plainIn } from '../markdown.ts'
import { defineChannel } from '../port.ts'
import { hideQuery } from '../secrets.ts'

/** As far as known; any other is tried again. Unverified: the vendor's list was not at hand. */
const codes: RobotCodes = {
  field: 'errcode',
  text: 'errmsg',
  hopeless: [40008, 40058, 44004, 93000, 93004, 93008],
  busy: [45009, 45033],
}
/** 4,096 bytes of markdown a message. Unverified, as above. */
const maxBytes = 4_000

/** A group's robot of WeCom: its key stands in the URL, nothing is signed. An address is the user id to mention. */
export const wecom = defineChannel({
  type: 'wecom',
  settings: z.strictObject({
    ...webShape,
    url: webShape.url.describe('As the robot shows it: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…'),
  }),
  hide: { url: hideQuery },
  check: (settings, tools) => checkReachable(settings.url, reachOf(settings, tools)),

  open: (settings, tools) => ({
    async send(message, { signal }) {
      const mention = message.address === null ? '' : ` <@${plainIn(message.address)}>`
      const head = `**${plainIn(message.title)}**${mention}`
      const content = markdownOf(message, { maxBytes, separator: '\n', head })
      const body = { msgtype: 'markdown', markdown: { content } }
      return robotDelivery(await postJson(settings.url, body, { signal, reach: reachOf(settings, tools) }), codes)
    },
  }),
})
