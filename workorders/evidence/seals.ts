import { canonicalJson } from '../../core/canonical.ts'
import type { Clock } from '../../core/clock.ts'
import type { Operations, Seal } from '../../stores/operations/port.ts'
import { sha256 } from './chain.ts'

/** Orders per seal: a seal is one row. */
const headsPerSeal = 5_000
/** What the first seal is chained to. */
export const firstSealFollows = 'liftwatt'

/**
 * Writes down where every order's chain that has grown stands, chained to the seal before: an order that vanishes as a whole,
 * or that is cut short, is missed afterwards. The newest seal's hash, printed or sent elsewhere, vouches for everything up to it.
 * @param now ms since 1970
 */
export async function sealOnce(
  operations: Operations,
  now: number,
  mostHeads = headsPerSeal,
): Promise<Seal | undefined> {
  return operations.transaction(async (unit) => {
    const heads = await unit.takeUnsealedHeads(mostHeads)
    if (heads.length === 0) return undefined
    const last = await unit.lastSeal()
    const number = (last?.number ?? 0) + 1
    const body = { number, at: Math.trunc(now), heads }
    const seal = { ...body, hash: sealHash(last?.hash ?? firstSealFollows, body) }
    await unit.insertSeal(seal)
    return seal
  })
}

/** So that a stop does not wait for long. */
const mostSealsAtOnce = 20

/** Seal after seal while each is full: what is new does not wait for the next time behind much that is old. Answers how many. */
export async function sealAll(operations: Operations, clock: Clock, mostHeads = headsPerSeal): Promise<number> {
  for (let count = 0; count < mostSealsAtOnce; count++) {
    const seal = await sealOnce(operations, clock(), mostHeads)
    if (seal === undefined) return count
    if (seal.heads.length < mostHeads) return count + 1
  }
  return mostSealsAtOnce
}

export function sealHash(before: string, { number, at, heads }: Omit<Seal, 'hash'>): string {
  return sha256(`${before}\n${canonicalJson({ number, at, heads })}`)
}
