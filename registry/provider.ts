import * as openid from 'openid-client'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { ProvenPerson } from './person.ts'

/** What the browser takes along to the provider and must come back with. Secret, and good for this one time. */
export interface Errand {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

export type ProviderAnswer =
  | { readonly outcome: 'proven'; readonly person: ProvenPerson }
  /** They, or the provider, would rather not. */
  | { readonly outcome: 'declined' }
  /** It is not the answer to this errand, or was used: whoever it is may begin anew. */
  | { readonly outcome: 'unproven' }
  /** The provider cannot be reached, is in trouble, or does not know us. */
  | { readonly outcome: 'unavailable' }

/**
 * Another service at which people prove who they are: OpenID Connect Core 1.0, authorization code flow, with PKCE (RFC 7636),
 * `state`, `nonce`, and the issuer checked in the answer (RFC 9207) and in the ID token, whose signature is checked too.
 * OWASP ASVS 5.0, V10.1, V10.2 and V10.5.
 */
export interface Provider {
  /** Where the browser goes; undefined while the provider cannot be reached. */
  begin(): Promise<{ readonly url: string; readonly errand: Errand } | undefined>
  /** @param query with which the browser came back, from `?` on */
  finish(query: string, errand: Errand): Promise<ProviderAnswer>
}

export interface ProviderSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where the browser comes back to, as the provider knows it. */
  readonly redirectUrl: string
}

/** Somebody waits. Unverified defaults. */
const patienceSeconds = 5
const clockToleranceSeconds = 60
const scope = 'openid email'
/** OpenID Connect Core 1.0, 2. */
const subjectPattern = /^[\x20-\x7e]{1,255}$/

export function createProvider(settings: ProviderSettings, log: Pick<Log, 'warn'>): Provider {
  const { issuer, redirectUrl } = settings
  let discovered: Promise<openid.Configuration> | undefined

  /** Asked for when somebody comes: a provider that is down keeps no service from starting. */
  function configuration(): Promise<openid.Configuration> {
    discovered ??= discover(settings)
    return discovered
  }
  /** Whatever is wrong may be what we know of it: the next one asks anew. */
  function forget(cause: unknown, text: string): void {
    discovered = undefined
    log.warn({ issuer, reason: reasonsOf(cause) }, text)
  }

  return {
    async begin() {
      const errand = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        codeVerifier: openid.randomPKCECodeVerifier(),
      }
      try {
        const { href: url } = openid.buildAuthorizationUrl(await configuration(), {
          ...{ redirect_uri: redirectUrl, scope, state: errand.state, nonce: errand.nonce },
          code_challenge: await openid.calculatePKCECodeChallenge(errand.codeVerifier),
          code_challenge_method: 'S256',
        })
        return { url, errand }
      } catch (cause) {
        forget(cause, 'the OpenID Connect provider cannot be asked')
        return undefined
      }
    },

    async finish(query, { state, nonce, codeVerifier }) {
      try {
        const config = await configuration()
        const tokens = await openid.authorizationCodeGrant(config, new URL(query, redirectUrl), {
          ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true },
        })
        const claims = tokens.claims()
        if (claims === undefined) return { outcome: 'unproven' }
        // who is asked for by scope is told at the UserInfo endpoint, and in the token by some (OpenID Connect Core 1.0, 5.4)
        const isTold = claims.email_verified !== undefined || config.serverMetadata().userinfo_endpoint === undefined
        const said = isTold ? claims : await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
        const identity = { issuer: claims.iss, subject: claims.sub }
        if (!subjectPattern.test(identity.subject)) return { outcome: 'unproven' }
        return { outcome: 'proven', person: { identity, email: verifiedEmail(said) } }
      } catch (cause) {
        const outcome = outcomeOf(cause)
        if (outcome === 'unavailable') forget(cause, 'the OpenID Connect provider does not answer for somebody')
        else log.warn({ issuer, reason: reasonsOf(cause) }, 'nobody is signed in by the OpenID Connect provider')
        return { outcome }
      }
    },
  }
}

async function discover({ issuer, clientId, clientSecret }: ProviderSettings): Promise<openid.Configuration> {
  const isPlain = new URL(issuer).protocol === 'http:' // the settings allow it on this machine alone
  return openid.discovery(
    new URL(issuer),
    clientId,
    { [openid.clockTolerance]: clockToleranceSeconds },
    (server, client, body, headers) => {
      // what is not said is `client_secret_basic` (OpenID Connect Discovery 1.0, 3)
      const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
      const prove = methods.includes('client_secret_basic') ? openid.ClientSecretBasic : openid.ClientSecretPost
      prove(clientSecret)(server, client, body, headers)
    },
    {
      timeout: patienceSeconds,
      execute: [openid.enableNonRepudiationChecks, ...(isPlain ? [openid.allowInsecureRequests] : [])],
    },
  )
}

const declines = ['access_denied', 'login_required', 'interaction_required', 'consent_required']
const troubles = ['server_error', 'temporarily_unavailable', 'invalid_client', 'unauthorized_client']

function outcomeOf(cause: unknown): 'declined' | 'unproven' | 'unavailable' {
  if (cause instanceof openid.AuthorizationResponseError || cause instanceof openid.ResponseBodyError) {
    if (declines.includes(cause.error)) return 'declined'
    return troubles.includes(cause.error) ? 'unavailable' : 'unproven'
  }
  if (cause instanceof openid.ClientError) return unreached.includes(cause.code ?? '') ? 'unavailable' : 'unproven'
  return 'unavailable' // no connection, no name, no TLS
}

/** No answer, or one that is not from an OpenID Connect provider in health. */
const unreached = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']

/** Never a message of the library alone: it says that something is invalid, and its cause says what. No token stands in either. */
function reasonsOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? `: ${reasonOf(cause.cause)}` : ''
  return `${reasonOf(cause)}${inner}`
}

/**
 * Signs beyond ASCII are never small letters of it ("K", the Kelvin sign, becomes "k"): an address that has some is nobody's
 * here. Only the word `true` is a promise.
 */
function verifiedEmail({ email, email_verified: isVerified }: openid.UserInfoResponse | openid.IDToken): string | null {
  if (isVerified !== true || typeof email !== 'string' || !/^[\x21-\x7e]{3,254}$/.test(email)) return null
  return email.toLowerCase()
}
