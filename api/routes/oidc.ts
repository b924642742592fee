import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { idOfKey } from '../../registry/key.ts'
import { createProvider, type ProviderSettings } from '../../registry/provider.ts'
import type { SignIn } from '../../registry/sign-in.ts'
import { forgetErrand, rememberErrand, rememberedErrand } from '../errand-cookie.ts'
import { sessionKeyOf, setSessionKey } from '../session-cookie.ts'
import { createWrongTries } from '../wrong-tries.ts'
import { fromOf } from './me.ts'

export interface ProviderOptions extends Omit<ProviderSettings, 'redirectUrl'> {
  /** Address at which people reach us, and to which the provider sends them back. */
  readonly publicUrl: string
}

const beginPath = '/sign-in/oidc'
const endPath = '/sign-in/oidc/callback'

export function beginUrl(publicUrl: string): string {
  return publicUrl + beginPath
}

/** What the sign-in page has a sentence for. */
type SignInProblem = 'unknown' | 'declined' | 'unproven' | 'unavailable' | 'too-many'

/**
 * To the OpenID Connect provider and back. Both ends are pages of ours: whatever happens, the browser lands on the sign-in page,
 * which goes on to `next` for who is in, or says why not. No other address is ever sent to, so that `next` needs no trust here.
 */
export async function oidcRoutes(
  app: FastifyInstance,
  options: { provider: ProviderOptions; signIn: SignIn; clock: Clock; log: Log },
): Promise<void> {
  const { signIn } = options
  const { publicUrl } = options.provider
  const provider = createProvider({ ...options.provider, redirectUrl: publicUrl + endPath }, options.log)
  const isSecure = publicUrl.startsWith('https:')
  /** Apart from wrong passwords: these can come by a link of a foreign page, which must not keep anybody from signing in with one. */
  const unproven = createWrongTries(options.clock)
  const route = { config: { public: true }, schema: { hide: true } } as const

  app.get<{ Querystring: { next?: string | string[] } }>(beginPath, route, async (request, reply) => {
    const next = nextOf(request.query.next)
    if (isTooMany(request)) return toSignIn(reply, next, 'too-many')
    const begun = await provider.begin()
    if (begun === undefined) return toSignIn(reply, next, 'unavailable')
    const session = idOfKey(sessionKeyOf(request) ?? '')
    rememberErrand(reply, { ...begun.errand, next, ...(session && { session }) }, isSecure)
    return reply.redirect(begun.url)
  })

  app.get(endPath, route, async (request, reply) => {
    const errand = rememberedErrand(request, isSecure)
    forgetErrand(reply, isSecure)
    const next = errand?.next ?? ''
    if (isTooMany(request)) return toSignIn(reply, next, 'too-many')
    // without it, it was another browser that went there: somebody would sign this one in as themselves
    if (errand === undefined) return toSignIn(reply, next, 'unproven')

    const answer = await provider.finish(request.url.slice(endPath.length), errand)
    if (answer.outcome === 'unproven') unproven.count(request.ip)
    if (answer.outcome !== 'proven') return toSignIn(reply, next, answer.outcome)
    const entered = await signIn.signInAs(answer.person, fromOf(request), errand.session)
    if (entered.outcome !== 'in') return toSignIn(reply, next, 'unknown')
    setSessionKey(reply, entered.session.key, signIn.limits.longestMs, isSecure)
    return toSignIn(reply, next)
  })

  function isTooMany(request: FastifyRequest): boolean {
    return unproven.waitSeconds(request.ip) > 0
  }
}

function toSignIn(reply: FastifyReply, next: string, problem?: SignInProblem): FastifyReply {
  const query = new URLSearchParams({ ...(next && { next }), ...(problem && { problem }) })
  return reply.redirect(`/console/sign-in${query.size > 0 ? `?${query}` : ''}`)
}

const nextCharacters = 500

/** The page that was asked for; a cookie has room for one that is not too long. */
function nextOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && given.length <= nextCharacters ? given : ''
}
