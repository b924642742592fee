import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { namingError } from '../core/errors.ts'
import type { Settings } from '../core/settings.ts'

/** What the MQTT door over TLS opens with. */
export interface TlsDoor {
  readonly port: number
  readonly cert: Buffer
  readonly key: Buffer
}

/**
 * Undefined without such a door.
 * @throws {Error} with the setting to look at: a file cannot be read, is no PEM, or the key is not that of the certificate
 */
export function tlsOf({ MQTTS_PORT, TLS_CERT, TLS_KEY }: Settings): TlsDoor | undefined {
  if (MQTTS_PORT === undefined || TLS_CERT === undefined || TLS_KEY === undefined) return undefined
  const cert = pem('TLS_CERT', TLS_CERT, (file) => createSecureContext({ cert: file }))
  const key = pem('TLS_KEY', TLS_KEY, (file) => createSecureContext({ key: file }))
  // OpenSSL takes an RSA certificate and an EC key without a word, for it could have one of each
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error('TLS_CERT and TLS_KEY: the key is not that of the certificate')
  return { port: MQTTS_PORT, cert, key }
}

function pem(setting: string, path: string, load: (file: Buffer) => unknown): Buffer {
  try {
    const file = readFileSync(path)
    load(file)
    return file
  } catch (cause) {
    throw namingError(setting, cause)
  }
}
