import { explain } from '../installer/explain.ts'
import { faultText } from '../shared/fault-text.ts'
import { language } from '../shared/language.ts'
import type { TriedMessage } from './wire.ts'

/**
 * Why something of a message that a mapping was tried on is not used, in the reader's language. What any message may have wrong is
 * told to a Chinese reader as the installer's page tells it.
 */
export function triedText(
  { path, reason, text }: TriedMessage['faults'][number],
  { payload, receivedAt }: Pick<TriedMessage, 'payload' | 'receivedAt'>,
): string {
  const told = faultText(text)
  if (told !== text || language.value === 'en') return told
  const message = { deviceId: '', path, raw: payload, isMapped: true }
  const at = { gatewayId: '', deviceId: '' }
  const { title, mend } = explain({ at: Date.parse(receivedAt), reason, text, message }, at)
  return `${title}${mend}`
}
