import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { identifierPattern } from '../core/identifier.ts'
import type { OrderLinks } from '../workorders/notices/order-link.ts'

/**
 * What the label in a car says: `elv-0042.7k3f9x2m4qcd`, the device's id and 60 bits that nobody can make without our key. It is
 * made from the id each time and kept nowhere: a label is good as long as the key is, and a code that is not ours is known as such
 * without a look into the database.
 */
export interface LiftCodes {
  codeOf(deviceId: string): string
  /** The device of a code of ours, which may be gone; undefined for any other text. */
  deviceOf(code: string): string | undefined
}

const tagLength = 12
const tagPattern = /^[0-9a-hjkmnp-tv-z]{12}$/
/** Crockford's: no letter that is taken for a figure, for a code may have to be read out on the telephone. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** @param key 32 bytes, see `liftKeyOf` */
export function createLiftCodes(key: Uint8Array): LiftCodes {
  function tagOf(deviceId: string): string {
    const mac = createHmac('sha256', key).update(deviceId).digest()
    return Array.from(mac.subarray(0, tagLength), (byte) => alphabet[byte % 32]).join('')
  }
  return {
    codeOf: (deviceId) => `${deviceId}.${tagOf(deviceId)}`,
    deviceOf(code) {
      const [deviceId = '', tag = '', ...rest] = code.split('.')
      if (rest.length > 0 || !identifierPattern.test(deviceId) || !tagPattern.test(tag)) return undefined
      return timingSafeEqual(Buffer.from(tagOf(deviceId)), Buffer.from(tag)) ? deviceId : undefined
    },
  }
}

/**
 * The key of all labels, from the one of all order links: what that signs for an order that cannot be, over since 1970, which is good
 * as no link and the same at every start. Labels hang for years, so `lift-codes.test.ts` holds it to one value: a link
 * that is signed in another way must leave this one as it is.
 */
export function liftKeyOf(links: Pick<OrderLinks, 'sign'>): Uint8Array {
  const nobody = {
    orderId: '00000000-0000-0000-0000-000000000000',
    scope: 'watch',
    teamId: null,
    expiresAt: 0,
  } as const
  return createHash('sha256')
    .update(links.sign({ ...nobody, name: 'lift labels' }))
    .digest()
}
