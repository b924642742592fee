import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { z } from 'zod'
import { reasonOf } from '../../../core/errors.ts'
import { checkHost, safeConnect, withinMs } from '../../notices/safe-fetch.ts'
import { reachOf } from '../http.ts'
import { type Delivery, defineChannel, type Message } from '../port.ts'
import { hide } from '../secrets.ts'

/** Relay, submission (RFC 6409), submission over TLS (RFC 8314), and what hosting companies offer instead. */
const mailPorts = [25, 465, 587, 2525]

const oneMailbox = /^[^\s@,;<>"]+@[^\s@,;<>"]+$/

/** E-mail by SMTP; the address is a mailbox. Plain text; `Message-ID` is made of the key, so a mailbox may drop a repeat. */
export const email = defineChannel({
  type: 'email',
  settings: z
    .strictObject({
      host: z.string().trim().min(1).max(253),
      port: z.int().min(1).max(65_535),
      security: z
        .enum(['tls', 'starttls', 'none'])
        .describe(
          'tls: from the first byte (465); starttls: or nothing is sent (587); none: only to a relay of your own',
        ),
      username: z.string().min(1).max(320).optional(),
      password: z.string().min(1).max(1_000).optional(),
      from: z.email(),
      allowPrivate: z.boolean().default(false).describe('The server may be in a private network, at any port'),
    })
    .refine(({ username, password }) => (username === undefined) === (password === undefined), {
      error: 'needs both, or neither',
      path: ['password'],
    })
    .refine(({ security, password }) => security !== 'none' || password === undefined, {
      error: 'is not sent over a connection that anyone can read',
      path: ['password'],
    }),
  hide: { password: hide },
  check: (settings, tools) => checkHost(settings.host, settings.port, mailPorts, reachOf(settings, tools)),

  open(settings, tools) {
    const { host, port, security, username, password, from } = settings
    return {
      async send(message, { signal }) {
        if (message.address === null || !oneMailbox.test(message.address)) {
          return { outcome: 'refused', reason: 'no mailbox is named for this recipient' }
        }
        const target = { host, port, ports: mailPorts, signal }
        const socket = await safeConnect(target, reachOf(settings, tools))
        const transport = createTransport({
          ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls' },
          ignoreTLS: security === 'none',
          ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
          greetingTimeout: withinMs,
          socketTimeout: withinMs,
          disableFileAccess: true,
          disableUrlAccess: true,
          getSocket: (_options, done) => done(null, { connection: socket }),
        })
        try {
          await transport.sendMail({
            ...mailOf(message, from),
            to: { name: message.name, address: message.address },
            signal,
          })
          return { outcome: 'delivered' }
        } catch (cause) {
          return problemOf(cause)
        } finally {
          socket.destroy()
        }
      },
    }
  },
})

function mailOf(message: Message, from: string) {
  const { key, title, lines, link, linkText, severity, at } = message
  return {
    from: { name: 'Liftwatt', address: from },
    subject: title,
    date: new Date(at),
    text: [...lines, ...(link === null ? [] : ['', `${linkText}: ${link}`])].join('\n'),
    messageId: `<${createHash('sha256').update(key).digest('hex').slice(0, 32)}@liftwatt>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
    priority: severity === 'critical' || severity === 'urgent' ? ('high' as const) : ('normal' as const),
  }
}

/** 4yz: later; 5yz: never (RFC 5321, 4.2.1). */
function problemOf(cause: unknown): Delivery {
  const status = cause instanceof Error && 'responseCode' in cause ? Number(cause.responseCode) : 0
  return { outcome: status >= 500 ? 'refused' : 'retry', reason: reasonOf(cause) }
}
