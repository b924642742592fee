import { expect, test } from 'vitest'
import { hashSecret } from '../core/secret.ts'
import type { GatewayCredential } from '../stores/operations/port.ts'
import { createAuthenticator, createBackoff, type Refusal } from './authenticate.ts'

const noon = Date.UTC(2026, 10, 24, 12)

function credential(gatewayId: string, secret: string, options: Partial<GatewayCredential> = {}): GatewayCredential {
  return {
    id: `${gatewayId}:${secret}`,
    gatewayId,
    ...hashSecret(secret),
    createdAt: noon,
    expiresAt: null,
    ...options,
  }
}

function login(username: string, password: string, clientId = username) {
  return { clientId, username, password: Buffer.from(password) }
}

test('the right password lets a gateway in, under its own id only', () => {
  const authenticator = createAuthenticator(() => noon)
  authenticator.replace([credential('gw-1', 'right'), credential('gw-2', 'other')])

  expect(authenticator.check(login('gw-1', 'right'))).toEqual({ gatewayId: 'gw-1', credentialId: 'gw-1:right' })
  expect(authenticator.check(login('gw-1', 'right', 'gw-2'))).toMatchObject({
    returnCode: 2,
    gatewayId: 'gw-1',
    reason: 'wrong-client-id',
    text: 'The MQTT client id must be the gateway\'s id (gw-1), this is "gw-2"',
  })
})

test('a wrong password is told to the gateway in whose name it was tried, where there is one', () => {
  const authenticator = createAuthenticator(() => noon)
  authenticator.replace([credential('gw-1', 'right')])

  expect(authenticator.check(login('gw-1', 'wrong'))).toMatchObject({ gatewayId: null, claimedId: 'gw-1' })
  expect(authenticator.check(login('gw-9', 'wrong'))).not.toHaveProperty('claimedId')
})

test('a password that was put into the client id is not repeated', () => {
  const authenticator = createAuthenticator(() => noon)
  authenticator.replace([credential('gw-1', 'right'), credential('gw-1', 'the one before', { createdAt: noon - 1 })])
  for (const clientId of ['right', 'the one before']) {
    expect(authenticator.check(login('gw-1', 'right', clientId))).toMatchObject({
      text: "The MQTT client id must be the gateway's id (gw-1), this is a password",
    })
  }
})

test('whatever is wrong, the answer is the same', () => {
  const authenticator = createAuthenticator(() => noon)
  authenticator.replace([credential('gw-1', 'right')])
  /** What the door answers and writes down; in whose name it was tried stays in the house. */
  const answered = (...given: Parameters<typeof authenticator.check>) => {
    const { claimedId: _, ...said } = authenticator.check(...given) as Refusal
    return said
  }

  const wrong = answered(login('gw-1', 'wrong'))
  expect(wrong).toMatchObject({ returnCode: 4, gatewayId: null })
  expect(answered(login('nobody', 'right'))).toEqual(wrong)
  expect(answered(login('gw-1', 'wrong', 'gw-2'))).toEqual(wrong)
  expect(answered({ clientId: 'gw-1', username: undefined, password: undefined })).toEqual(wrong)
  expect(answered(login('__proto__', ''))).toEqual(wrong)
})

test('while a password is rotated, both are valid; the old one ends at its time', () => {
  let now = noon
  const authenticator = createAuthenticator(() => now)
  authenticator.replace([
    credential('gw-1', 'old', { createdAt: noon - 1, expiresAt: noon + 1_000 }),
    credential('gw-1', 'new'),
  ])

  expect(authenticator.check(login('gw-1', 'old'))).toMatchObject({ gatewayId: 'gw-1' })
  expect(authenticator.check(login('gw-1', 'new'))).toMatchObject({ gatewayId: 'gw-1' })
  now += 1_000
  expect(authenticator.check(login('gw-1', 'old'))).toMatchObject({ returnCode: 4 })
  expect(authenticator.isValid('gw-1:old')).toBe(false)
  expect(authenticator.check(login('gw-1', 'new'))).toMatchObject({ gatewayId: 'gw-1' })
})

test('answers to failures come later and later, per address, and are quick again after a while', () => {
  let now = noon
  const backoff = createBackoff(() => now)
  const delays = Array.from({ length: 8 }, () => backoff.failed('10.0.0.1'))

  expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  expect(backoff.failed('10.0.0.2')).toBe(100)
  now += 11 * 60_000
  expect(backoff.failed('10.0.0.1')).toBe(100)
})
