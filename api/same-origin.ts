import type { FastifyRequest } from 'fastify'

const safe = ['GET', 'HEAD', 'OPTIONS']
/** What a form of any page can send without asking. */
const formTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']

/**
 * Whether a browser says that this request comes from one of our own pages (OWASP Cross-Site Request Forgery Prevention Cheat
 * Sheet: Fetch Metadata, else Origin against the address asked for). A browser sends its cookie by itself, and so what changes
 * something and comes with a cookie must say it; a token is put there on purpose.
 *
 * @param publicUrl the address at which people reach us, when a proxy asks for another
 */
export function isOfOurPages(request: FastifyRequest, publicUrl: string | undefined): boolean {
  if (safe.includes(request.method)) return true
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? ''
  return !formTypes.includes(type) && originOf(request, publicUrl) === 'ours'
}

/** `unknown` where the browser, or a program, says nothing. */
export function originOf(request: FastifyRequest, publicUrl: string | undefined): 'ours' | 'theirs' | 'unknown' {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' ? 'ours' : 'theirs'
  if (origin === undefined) return 'unknown'
  if (publicUrl !== undefined && URL.canParse(publicUrl) && new URL(publicUrl).origin === origin) return 'ours'
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase() ? 'ours' : 'theirs'
}
