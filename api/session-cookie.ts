import { fastifyCookie } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

const { parse, serialize } = fastifyCookie

/** The prefix makes a browser take it over TLS only, from this host and for all of it (RFC 6265bis, 4.1.3.2). */
const overTls = '__Host-liftwatt'
const plain = 'liftwatt'
const options = { path: '/', httpOnly: true, sameSite: 'strict' } as const

/** What the browser holds, whatever it is worth. */
export function sessionKeyOf({ headers }: FastifyRequest): string | undefined {
  if (headers.cookie === undefined) return undefined
  const cookies = parse(headers.cookie)
  return cookies[overTls] ?? cookies[plain]
}

export function setSessionKey(
  reply: FastifyReply,
  key: string,
  livesMs: number,
  secure: boolean = isOverTls(reply.request),
): void {
  const maxAge = Math.floor(livesMs / 1_000)
  reply.header('set-cookie', serialize(secure ? overTls : plain, key, { ...options, secure, maxAge }))
}

/** Under either name. */
export function forgetSessionKey(reply: FastifyReply): void {
  reply.header('set-cookie', [
    serialize(overTls, '', { ...options, secure: true, maxAge: 0 }),
    serialize(plain, '', { ...options, maxAge: 0 }),
  ])
}

/** Behind a proxy that ends TLS, only the page that asks says so. */
function isOverTls({ protocol, headers }: FastifyRequest): boolean {
  return protocol === 'https' || headers.origin?.startsWith('https://') === true
}
