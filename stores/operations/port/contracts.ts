import type { Contract, ContractType, Covered, PartyPeriod } from '../../../core/contract.ts'
import type { Sight } from '../../../core/sight.ts'
import type { InSight, Page, PageRequest } from './page.ts'
import type { PartyRole } from './sites.ts'

export interface ContractFilter {
  readonly type?: ContractType
  readonly teamId?: string
  /** That cover it, at whatever time. */
  readonly deviceId?: string
  /** In force then, ms since 1970. */
  readonly at?: number
}

/** A device that a contract covers, with what it says of the contract. */
export interface CoveredBy extends Covered, Pick<Contract, 'type' | 'teamId' | 'number'> {
  readonly contractId: string
}

/** A device of a portfolio, with each period in which the team answered for it. */
export interface PortfolioDevice {
  readonly deviceId: string
  readonly kind: string
  readonly name: string | null
  readonly siteId: string | null
  readonly periods: readonly (Omit<PartyPeriod, 'teamId'> & { role: PartyRole; contractNumber: string | null })[]
}

/** Policies and contracts of maintenance, and what they cover. */
export interface ContractTables {
  /** Inserts or replaces; `type`, `teamId`, `number` and `createdAt` of those that exist stay. */
  saveContracts(contracts: readonly Contract[]): Promise<void>
  contract(id: string): Promise<Contract | undefined>
  lockContract(id: string): Promise<Contract | undefined>
  /** Those with one of these numbers, locked, in the order of their ids. */
  lockContractsNumbered(numbers: readonly string[]): Promise<Contract[]>
  /** Newest first. */
  contracts(page: PageRequest & InSight & ContractFilter): Promise<Page<Contract>>
  /** By device, each with its periods in order of time. */
  coveredDevices(
    contractId: string,
    page: PageRequest & InSight,
  ): Promise<Page<{ deviceId: string; periods: Covered[] }>>
  /** All that cover one of these devices, at whatever time; by device and time. */
  coverageOf(deviceIds: readonly string[]): Promise<CoveredBy[]>
  /** @param sight what of it is answered; undefined = all */
  coverageOfContracts(contractIds: readonly string[], sight?: Sight): Promise<CoveredBy[]>
  /** What these contracts cover is replaced by this. */
  replaceCoverage(contractIds: readonly string[], covered: readonly (Covered & { contractId: string })[]): Promise<void>

  /** Ids of contracts of which no event says how they came to be; at most `limit`. */
  contractsWithoutEvents(limit: number): Promise<string[]>
  /**
   * A device that this contract covers, and that its team does not answer for alone in all of the time that it covers, up to `before`, ms;
   * undefined = none.
   */
  deviceOfOthers(contractId: string, role: PartyRole, before: number): Promise<string | undefined>

  /** Devices whose party is not what the contract in force says, or is of one that ended; at most `limit`. */
  unsettledDevices(now: number, limit: number): Promise<{ deviceId: string; role: PartyRole }[]>
  /** Of these devices in this role, by device and time. */
  partyPeriodsOf(role: PartyRole, deviceIds: readonly string[]): Promise<(PartyPeriod & { deviceId: string })[]>
  /** Takes some away and puts others in their place. */
  changePartyPeriods(
    role: PartyRole,
    gone: readonly { deviceId: string; validFrom: number }[],
    come: readonly (PartyPeriod & { deviceId: string })[],
  ): Promise<void>

  /** Devices for which a team answered at some moment from `from` (inclusive) to `to` (exclusive), ms, by id. */
  portfolio(
    teamId: string,
    period: { from: number; to: number },
    page: PageRequest & InSight,
  ): Promise<Page<PortfolioDevice>>
}
