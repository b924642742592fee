import { fastifyCookie } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Errand } from '../registry/provider.ts'

const { parse, serialize } = fastifyCookie

/** What a browser has in hand between us and the provider, and where it wanted to go. */
export interface RememberedErrand extends Errand {
  readonly next: string
  /** The id of the session that it had, which is to end: its own cookie, a strict one, does not come along on the way back. */
  readonly session?: string | undefined
}

const Remembered = z.strictObject({
  ...{ state: z.string(), nonce: z.string(), codeVerifier: z.string(), next: z.string() },
  session: z.string().optional(),
})

/** To sign in there takes a person a minute or two. Unverified default. */
const livesSeconds = 600

/**
 * The provider sends the browser back from a page of its own, and a strict cookie would not come along. It is as secret as the
 * browser keeps it, good for nothing but this errand, and gone when the browser is back. The prefix keeps neighbours of our
 * domain from planting one of theirs (RFC 6265bis, 4.1.3.2).
 */
const options = { path: '/', httpOnly: true, sameSite: 'lax' } as const
const nameOf = (isSecure: boolean) => (isSecure ? '__Host-liftwatt-errand' : 'liftwatt-errand')

export function rememberErrand(reply: FastifyReply, errand: RememberedErrand, isSecure: boolean): void {
  const text = Buffer.from(JSON.stringify(errand)).toString('base64url')
  put(reply, text, livesSeconds, isSecure)
}

export function forgetErrand(reply: FastifyReply, isSecure: boolean): void {
  put(reply, '', 0, isSecure)
}

/** Undefined when there is none, or what is there is not one. */
export function rememberedErrand({ headers }: FastifyRequest, isSecure: boolean): RememberedErrand | undefined {
  const text = headers.cookie === undefined ? undefined : parse(headers.cookie)[nameOf(isSecure)]
  if (text === undefined) return undefined
  try {
    return Remembered.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data
  } catch {
    return undefined
  }
}

function put(reply: FastifyReply, text: string, maxAge: number, secure: boolean): void {
  reply.header('set-cookie', serialize(nameOf(secure), text, { ...options, secure, maxAge }))
}
