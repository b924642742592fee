import type { Message } from './port.ts'

/**
 * For the robots' markdown, each of which has another dialect and none a way to escape: what would be markup, a mention or a
 * link in names and texts of devices becomes its full-width twin, which is only a character.
 */
export function plainIn(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[[\]<>*`~|\\]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))
}

/** Lines, cut to so many bytes of UTF-8 as the receiver takes; the link always stays. */
export function markdownOf(message: Message, options: { maxBytes: number; separator: string; head: string }): string {
  const { maxBytes, separator, head } = options
  const end = message.link === null ? [] : [`[${plainIn(message.linkText)}](${message.link})`]
  const kept: string[] = []
  let bytes = Buffer.byteLength([head, ...end].join(separator))
  for (const line of message.lines.map(plainIn)) {
    bytes += Buffer.byteLength(line) + separator.length
    if (bytes > maxBytes) break
    kept.push(line)
  }
  return [head, ...kept, ...end].join(separator)
}
