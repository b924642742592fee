import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/canonical.ts'
import { type Clock, minuteMs } from '../core/clock.ts'
import { type Contract, type Covered, roleOfContract } from '../core/contract.ts'
import type { Operations } from '../stores/operations/port.ts'

const subjectType = 'contract'
const system = 'liftwatt'
/** Who answers for a device follows from its contracts within a minute. */
const settledWithinMs = 10 * minuteMs
const mostUnsettled = 100_000
const contractsAtOnce = 100

/** `found`: by a version that kept a chain, of what one before it had written. */
type ContractEvent = 'added' | 'changed' | 'found'

interface Recorded {
  readonly type: ContractEvent
  readonly contract: Contract
  readonly covered: readonly Covered[]
}

/** What contracts are by now, at the end of the chain of each. Callers hold them, or have just made them. */
export async function recordContracts(
  unit: Operations,
  contracts: readonly Recorded[],
  { at, actor }: { readonly at: number; readonly actor: string },
): Promise<void> {
  const events = contracts.map(({ type, contract, covered }) => {
    return { subjectType, subjectId: contract.id, at, type, actor, data: told(contract, covered) }
  })
  await unit.appendRecordEvents(...events)
}

/** Of contracts of a version that kept no chain of them. Answers how many got one. */
export async function recordOldContracts(operations: Operations, now: number): Promise<number> {
  for (let count = 0; ; ) {
    const ids = await operations.contractsWithoutEvents(contractsAtOnce)
    for (const id of ids) await operations.transaction((unit) => recordOld(unit, id, now))
    count += ids.length
    if (ids.length < contractsAtOnce) return count
  }
}

async function recordOld(unit: Operations, id: string, now: number): Promise<void> {
  const contract = await unit.lockContract(id)
  if (contract === undefined) return
  const covered = await unit.coverageOfContracts([id])
  await recordContracts(unit, [{ type: 'found', contract, covered }], { at: now, actor: system })
}

/**
 * What a contract says otherwise than its last event, and whether somebody else answers for what it covers; undefined = nothing. What begins
 * or ends within minutes is not looked at yet.
 */
export function contractCheck(clock: Clock) {
  return async (unit: Operations, id: string): Promise<string | undefined> => {
    const contract = await unit.lockContract(id)
    if (contract === undefined) return 'The contract is gone'
    const said = (await unit.recordEventsOf(id)).at(-1)?.data
    const { record, covered } = told(contract, await unit.coverageOfContracts([id]))
    if (canonicalJson(record) !== canonicalJson(said?.record)) return 'The contract is not as its last event says'
    if (canonicalJson(covered) !== canonicalJson(said?.covered))
      return 'It covers other devices than its last event says'
    const now = clock()
    const deviceId = await unit.deviceOfOthers(id, roleOfContract[contract.type], now - settledWithinMs)
    if (deviceId === undefined) return undefined
    // after a long stop, what has begun meanwhile is still to be settled
    const unsettled = await unit.unsettledDevices(now, mostUnsettled)
    if (unsettled.some((one) => one.deviceId === deviceId)) return undefined
    return `Somebody else answers for ${deviceId}, which it covers`
  }
}

/** Thousands of devices are one hash; what they were is in the history. */
function told(contract: Contract, covered: readonly Covered[]) {
  const sha256 = createHash('sha256')
    .update(canonicalJson(inOrder(covered)))
    .digest('hex')
  return { record: contract, covered: { periods: covered.length, sha256 } }
}

export function inOrder(covered: readonly Covered[]): Covered[] {
  return covered
    .map(plain)
    .toSorted((one, other) =>
      one.deviceId === other.deviceId ? one.validFrom - other.validFrom : one.deviceId < other.deviceId ? -1 : 1,
    )
}

export function plain({ deviceId, validFrom, validUntil }: Covered): Covered {
  return { deviceId, validFrom, validUntil }
}
