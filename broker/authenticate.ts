import type { Clock } from '../core/clock.ts'
import { minuteMs } from '../core/clock.ts'
import { setNewest } from '../core/newest-keys.ts'
import { hashSecret, isSecret, makeSecret } from '../core/secret.ts'
import type { GatewayCredential } from '../stores/operations/port.ts'

/** CONNACK return codes [MQTT-3.2.2.3]. */
export interface Refusal {
  readonly returnCode: 2 | 4 | 5
  /** Whom the password has proven it to be all the same; null when it has not. */
  readonly gatewayId: string | null
  /** In whose name a wrong password was tried, where that is a gateway of ours. */
  readonly claimedId?: string
  readonly reason: string
  readonly text: string
}

export interface Login {
  readonly clientId: string
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
}

export interface Authenticator {
  /** Answers who it is, or why not; a wrong password and an unknown gateway get the same answer in the same time. */
  check(login: Login): { gatewayId: string; credentialId: string } | Refusal
  isValid(credentialId: string): boolean
  replace(credentials: readonly GatewayCredential[]): void
}

const wrong: Refusal = {
  returnCode: 4,
  gatewayId: null,
  reason: 'wrong-credentials',
  text: 'The user name or the password is wrong',
}

/** Keeps every valid credential in memory, so that gateways can connect while the database cannot be reached. */
export function createAuthenticator(clock: Clock): Authenticator {
  const nobody = hashSecret(makeSecret())
  let byGateway = new Map<string, GatewayCredential[]>()
  let byId = new Map<string, GatewayCredential>()

  const isCurrent = ({ expiresAt }: GatewayCredential) => expiresAt === null || clock() < expiresAt

  return {
    check({ clientId, username = '', password = new Uint8Array() }) {
      const [first, second] = byGateway.get(username) ?? []
      // two comparisons always, so that the time says nothing
      const firstFits = isSecret(password, first ?? nobody)
      const secondFits = isSecret(password, second ?? nobody)
      const credential =
        firstFits && first && isCurrent(first) ? first : secondFits && second && isCurrent(second) ? second : undefined
      if (credential === undefined) return byGateway.has(username) ? { ...wrong, claimedId: username } : wrong
      if (clientId !== username) {
        // whoever puts a password into the wrong field must not read it again in the refusals and the audit
        const isPassword = [first, second].some((secret) => secret !== undefined && isSecret(clientId, secret))
        const given = isPassword ? 'a password' : `"${clientId.slice(0, 64)}"`
        const text = `The MQTT client id must be the gateway's id (${username}), this is ${given}`
        return { returnCode: 2, gatewayId: username, reason: 'wrong-client-id', text }
      }
      return { gatewayId: username, credentialId: credential.id }
    },

    isValid(credentialId) {
      const credential = byId.get(credentialId)
      return credential !== undefined && isCurrent(credential)
    },

    replace(credentials) {
      byId = new Map(credentials.map((credential) => [credential.id, credential]))
      byGateway = new Map()
      const newestFirst = [...credentials].sort((a, b) => b.createdAt - a.createdAt)
      for (const credential of newestFirst) {
        byGateway.set(credential.gatewayId, [...(byGateway.get(credential.gatewayId) ?? []), credential])
      }
    },
  }
}

const forgetAfterMs = 10 * minuteMs
const longestDelayMs = 5_000
const addressesKept = 10_000

/**
 * Answers to failed logins come later and later per address (0.1 s, doubling, up to 5 s). The right password is never held
 * back: many gateways share one address, and a guesser among them must not lock the others out.
 */
export function createBackoff(clock: Clock) {
  const failures = new Map<string, { count: number; at: number }>()
  return {
    /** ms to wait before the answer to this failure. */
    failed(address: string): number {
      const now = clock()
      const before = failures.get(address)
      const count = before && now - before.at < forgetAfterMs ? before.count + 1 : 1
      setNewest(failures, address, { count, at: now }, addressesKept)
      return Math.min(longestDelayMs, 100 * 2 ** Math.min(count - 1, 10))
    },
  }
}
