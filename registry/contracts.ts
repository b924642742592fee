import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../core/clock.ts'
import {
  type Contract,
  type ContractType,
  type Covered,
  endOf,
  overlap,
  type PartyPeriod,
  partiesFrom,
  roleOfContract,
} from '../core/contract.ts'
import { ExpectedError } from '../core/errors.ts'
import { groupedBy } from '../core/grouped.ts'
import type { TeamType } from '../core/people.ts'
import type { CoveredBy, Operations, PartyRole } from '../stores/operations/port.ts'
import { inOrder, plain, recordContracts } from './contract-record.ts'
import { type Fault, WrongFields } from './fields.ts'
import { faultOfParty } from './parties.ts'
import { named } from './sites.ts'

/** What is not said of a device is as the contract's own period. */
export interface NewCovered {
  readonly deviceId: string
  readonly validFrom?: number | undefined
  readonly validUntil?: number | null | undefined
}

type Terms = Pick<
  Contract,
  'holder' | 'cover' | 'sumInsuredFen' | 'premiumFen' | 'deductibleFen' | 'validFrom' | 'validUntil'
>
type Maybe<T> = { readonly [Field in keyof T]?: T[Field] | undefined }

export type NewContract = Pick<Contract, 'type' | 'teamId' | 'number' | 'validFrom'> &
  Maybe<Omit<Terms, 'validFrom'>> & { readonly devices?: readonly NewCovered[] | undefined }

/**
 * What is undefined stays; devices are replaced as a whole. What was covered from the beginning or to the end of the contract moves
 * with it.
 */
export type ContractUpdate = Maybe<Terms> & { readonly devices?: readonly NewCovered[] | undefined }

/**
 * Policies and contracts of maintenance. Who insures and who maintains a device follows from them: each change is one transaction
 * with the parties that follow, its audit row, its history and the event in its chain. Every method throws `StoreUnavailable` when the database cannot be
 * reached.
 */
export interface Contracts {
  /** @throws {ExpectedError} `already-exists`; `invalid` (`WrongFields`): its team, its period, or what it covers */
  add(contract: NewContract, actor: string): Promise<Contract>
  /** @throws {ExpectedError} `not-found`; `invalid` as for `add` */
  update(id: string, update: ContractUpdate, actor: string): Promise<Contract>
  /** Parties of contracts that have begun or ended since. Answers of how many devices. */
  settle(): Promise<number>
}

export const noTerms = {
  ...{ holder: null, cover: null, sumInsuredFen: null, premiumFen: null, deductibleFen: null },
  validUntil: null,
} as const satisfies Partial<Contract>

export function createContracts({ operations, clock }: { operations: Operations; clock: Clock }): Contracts {
  return {
    add: (given, actor) =>
      operations.transaction(async (unit) => {
        const { devices = [], ...terms } = given
        const at = clock()
        const contract: Contract = { ...noTerms, ...named(terms), id: randomUUID(), createdAt: at }
        await mustBeNew(unit, contract)
        const covered = devices.map((device) => coveredBy(contract, device))
        await writeOne(unit, { before: null, contract, covered }, { at, actor })
        return contract
      }),

    update: (id, update, actor) =>
      operations.transaction(async (unit) => {
        const before = await unit.lockContract(id)
        if (before === undefined) throw new ExpectedError('not-found', `There is no contract ${id}`)
        const { devices, ...terms } = update
        const contract: Contract = { ...before, ...named(terms) }
        const was = (await unit.coverageOfContracts([id])).map(plain)
        const covered =
          devices === undefined ? moved(was, before, contract) : devices.map((one) => coveredBy(contract, one))
        const isSame = isDeepStrictEqual(contract, before) && isDeepStrictEqual(inOrder(covered), inOrder(was))
        if (!isSame) await writeOne(unit, { before, contract, covered, was }, { at: clock(), actor })
        return contract
      }),

    async settle() {
      let settled = 0
      for (;;) {
        const some = await operations.transaction(async (unit) => {
          const now = clock()
          const unsettled = await unit.unsettledDevices(now, settledAtOnce)
          await settleParties(unit, unsettled, now)
          return unsettled.length
        })
        settled += some
        if (some < settledAtOnce) return settled
      }
    },
  }
}

const settledAtOnce = 500

interface Written {
  readonly before: Contract | null
  readonly contract: Contract
  readonly covered: readonly Covered[]
  /** What it covered before. */
  readonly was?: readonly Covered[]
}

interface By {
  readonly at: number
  readonly actor: string
}

async function writeOne(unit: Operations, written: Written, by: By): Promise<void> {
  const { before, contract, covered } = written
  await unit.lockDevices(idsOf([...covered, ...(written.was ?? [])]))
  const known = await lookUp(unit, [contract], covered)
  const ofDevice = groupedBy(covered, ({ deviceId }) => deviceId)
  const faults = [
    ...faultsOfContract(contract, known),
    ...covered.flatMap((one, index) => {
      const others = (ofDevice.get(one.deviceId) ?? []).filter((other) => other !== one)
      return faultsOfCovered(contract, one, others, known).map(({ path, message }) => {
        return { path: `devices.${index}.${path}`, message }
      })
    }),
  ]
  if (faults.length > 0) throw new WrongFields(faults)
  await writeContracts(unit, [written], by)
  const action = before === null ? 'contract-added' : 'contract-changed'
  const data = { type: contract.type, teamId: contract.teamId, number: contract.number, devices: covered.length }
  await unit.insertAudit({ ...by, action, subject: contract.id, data })
}

/** With their history, their chains, and the parties that follow. Callers hold the contracts and the devices. */
export async function writeContracts(unit: Operations, written: readonly Written[], by: By): Promise<void> {
  await unit.saveContracts(written.map(({ contract }) => contract))
  await unit.replaceCoverage(
    written.map(({ contract }) => contract.id),
    written.flatMap(({ contract, covered }) => covered.map((one) => ({ ...one, contractId: contract.id }))),
  )
  await unit.insertHistory(
    ...written.map(({ before, contract, covered, was = [] }) => {
      const whole = (terms: Contract, devices: readonly Covered[]) => ({
        ...terms,
        devices: inOrder(devices).map(dated),
      })
      const subject = { subjectType: 'contract', subjectId: contract.id }
      return { ...by, ...subject, before: before && whole(before, was), after: whole(contract, covered) }
    }),
  )
  const events = written.map(({ before, contract, covered }) => {
    return { type: before === null ? ('added' as const) : ('changed' as const), contract, covered }
  })
  await recordContracts(unit, events, by)
  const touched = written.flatMap(({ contract, covered, was = [] }) =>
    idsOf([...covered, ...was]).map((deviceId) => ({ deviceId, role: roleOfContract[contract.type] })),
  )
  await settleParties(unit, touched, by.at)
}

/** For the history, which people read. */
function dated({ deviceId, validFrom, validUntil }: Covered) {
  const time = (at: number) => new Date(at).toISOString()
  return { deviceId, validFrom: time(validFrom), validUntil: validUntil === null ? null : time(validUntil) }
}

/** Makes who answers for these devices what their contracts say. */
async function settleParties(
  unit: Operations,
  touched: readonly { deviceId: string; role: PartyRole }[],
  now: number,
): Promise<void> {
  for (const role of ['insurer', 'maintainer'] as const) {
    const ids = [...new Set(touched.filter((one) => one.role === role).map(({ deviceId }) => deviceId))]
    if (ids.length === 0) continue
    await unit.lockDevices(ids)
    const known = (await unit.partyPeriodsOf(role, ids)).map(ofDevice)
    const contracted = (await unit.coverageOf(ids)).filter(({ type }) => roleOfContract[type] === role)
    const saidOf = groupedBy(known, ({ deviceId }) => deviceId)
    const coveredOf = groupedBy(contracted, ({ deviceId }) => deviceId)
    const periods = ids.flatMap((deviceId) => {
      const said = (saidOf.get(deviceId) ?? []).filter(({ contractId }) => contractId === null)
      return partiesFrom(said.map(period), (coveredOf.get(deviceId) ?? []).map(period), now).map((one) => {
        return ofDevice({ deviceId, ...one })
      })
    })
    // what stays is not written again: whoever counts by it would count anew
    await unit.changePartyPeriods(role, without(known, periods), without(periods, known))
  }
}

function period<Id extends string | null>(one: PartyPeriod & { readonly contractId: Id }) {
  const { teamId, validFrom, validUntil, contractId } = one
  return { teamId, validFrom, validUntil, contractId }
}

function without<One>(all: readonly One[], others: readonly One[]): One[] {
  const known = new Set(others.map((one) => JSON.stringify(one)))
  return all.filter((one) => !known.has(JSON.stringify(one)))
}

function ofDevice({ deviceId, ...one }: PartyPeriod & { readonly deviceId: string }) {
  return { deviceId, ...period(one) }
}

/** What contracts are held against. */
export interface KnownToContracts {
  readonly teams: ReadonlyMap<string, TeamType>
  readonly deviceIds: ReadonlySet<string>
  /** By device: what other contracts cover, and these as they were. */
  readonly coverage: ReadonlyMap<string, readonly CoveredBy[]>
}

export async function lookUp(
  unit: Operations,
  contracts: readonly Pick<Contract, 'teamId'>[],
  covered: readonly Pick<Covered, 'deviceId'>[],
): Promise<KnownToContracts> {
  const ids = idsOf(covered)
  const [teams, devices, coverage] = [
    await unit.teamTypes([...new Set(contracts.map(({ teamId }) => teamId))]),
    await unit.devicesByIds(ids),
    await unit.coverageOf(ids),
  ]
  return {
    teams,
    deviceIds: new Set(devices.map(({ id }) => id)),
    coverage: groupedBy(coverage, ({ deviceId }) => deviceId),
  }
}

export function faultsOfContract(contract: Contract, { teams }: Pick<KnownToContracts, 'teams'>): Fault[] {
  const { type, teamId, validFrom } = contract
  const ofTeam = faultOfParty(roleOfContract[type], teamId, teams)
  return [
    ...(ofTeam === undefined ? [] : [{ path: 'teamId', message: ofTeam }]),
    ...(endOf(contract) > validFrom ? [] : [{ path: 'validUntil', message: 'is not after validFrom' }]),
  ]
}

/** @param others what else this contract covers of the same device */
export function faultsOfCovered(
  contract: Contract,
  covered: Covered,
  others: readonly Covered[],
  { deviceIds, coverage }: KnownToContracts,
): Fault[] {
  const { deviceId, validFrom } = covered
  if (!deviceIds.has(deviceId)) return [{ path: 'deviceId', message: `there is no device ${deviceId}` }]
  if (endOf(covered) <= validFrom) return [{ path: 'validUntil', message: 'is not after validFrom' }]
  if (validFrom < contract.validFrom) return [{ path: 'validFrom', message: 'lies before the contract begins' }]
  if (endOf(covered) > endOf(contract)) return [{ path: 'validUntil', message: 'lies after the end of the contract' }]
  if (others.some((one) => overlap(one, covered))) {
    return [{ path: 'deviceId', message: `${deviceId} stands in it twice for the same time` }]
  }
  const other = (coverage.get(deviceId) ?? []).find(
    (one) => one.contractId !== contract.id && one.type === contract.type && overlap(one, covered),
  )
  if (other === undefined) return []
  const message = `the contract ${other.number} of ${other.teamId} covers ${deviceId} at that time already`
  return [{ path: 'deviceId', message }]
}

export function coveredBy(contract: Contract, { deviceId, validFrom, validUntil }: NewCovered): Covered {
  return {
    deviceId,
    validFrom: validFrom ?? contract.validFrom,
    validUntil: validUntil === undefined ? contract.validUntil : validUntil,
  }
}

/** What was covered from the beginning or to the end of the contract still is. */
export function moved(was: readonly Covered[], before: Contract, after: Contract): Covered[] {
  return was.map((one) => ({
    ...one,
    validFrom: one.validFrom === before.validFrom ? after.validFrom : one.validFrom,
    validUntil: one.validUntil === before.validUntil ? after.validUntil : one.validUntil,
  }))
}

/** Why nobody sets these parties by hand; undefined where no contract in force says otherwise. */
export async function faultsOfContracted(
  unit: Operations,
  changes: readonly { readonly deviceId: string; readonly role: PartyRole }[],
  at: number,
): Promise<ReadonlyMap<string, Fault>> {
  const coverage = await unit.coverageOf([...new Set(changes.map(({ deviceId }) => deviceId))])
  const inForce = coverage.filter((one) => one.validFrom <= at && endOf(one) > at)
  return new Map(
    changes.flatMap(({ deviceId, role }) => {
      const of = inForce.find((one) => one.deviceId === deviceId && roleOfContract[one.type] === role)
      if (of === undefined) return []
      const message = `follows from the contract ${of.number} of ${of.teamId}: change that`
      return [[`${deviceId} ${role}`, { path: `${role}Id`, message }] as const]
    }),
  )
}

async function mustBeNew(unit: Operations, { type, teamId, number }: Contract): Promise<void> {
  const same = await unit.lockContractsNumbered([number])
  const other = same.find((one) => one.type === type && one.teamId === teamId)
  if (other === undefined) return
  const what: Record<ContractType, string> = { policy: 'policy', maintenance: 'contract of maintenance' }
  throw new ExpectedError('already-exists', `A ${what[type]} ${number} of ${teamId} exists already: ${other.id}`)
}

function idsOf(covered: readonly Pick<Covered, 'deviceId'>[]): string[] {
  return [...new Set(covered.map(({ deviceId }) => deviceId))]
}
