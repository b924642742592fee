import type { AccountTables } from './port/accounts.ts'
import type { AnswerTables } from './port/answers.ts'
import type { ContractTables } from './port/contracts.ts'
import type { DutyLogTables } from './port/duty-log.ts'
import type { ErasureTables } from './port/erasures.ts'
import type { EvidenceTables } from './port/evidence.ts'
import type { HealthTables } from './port/health.ts'
import type { InspectionTables } from './port/inspections.ts'
import type { MappingTables } from './port/mappings.ts'
import type { NoticeTables } from './port/notices.ts'
import type { ObjectionTables } from './port/objections.ts'
import type { OrderTables } from './port/orders.ts'
import type { OverhaulTables } from './port/overhauls.ts'
import type { PeopleTables } from './port/people.ts'
import type { PlanTables } from './port/plans.ts'
import type { QualityTables } from './port/quality.ts'
import type { RecordEventTables } from './port/record-events.ts'
import type { RecordTables } from './port/records.ts'
import type { RegistryTables } from './port/registry.ts'
import type { ReportTables } from './port/reports.ts'
import type { RuleTables } from './port/rules.ts'
import type { SightTables } from './port/sight.ts'
import type { SiteTables } from './port/sites.ts'
import type { SuppressionTables } from './port/suppressions.ts'
import type { VisitTables } from './port/visits.ts'

export * from './port/accounts.ts'
export * from './port/answers.ts'
export * from './port/contracts.ts'
export * from './port/duty-log.ts'
export * from './port/erasures.ts'
export * from './port/evidence.ts'
export * from './port/health.ts'
export * from './port/inspections.ts'
export * from './port/mappings.ts'
export * from './port/notices.ts'
export * from './port/objections.ts'
export * from './port/orders.ts'
export * from './port/overhauls.ts'
export * from './port/page.ts'
export * from './port/people.ts'
export * from './port/plans.ts'
export * from './port/quality.ts'
export * from './port/record-events.ts'
export * from './port/records.ts'
export * from './port/registry.ts'
export * from './port/reports.ts'
export * from './port/rules.ts'
export * from './port/sight.ts'
export * from './port/sites.ts'
export * from './port/suppressions.ts'
export * from './port/visits.ts'

/**
 * Everything that people and rules decide: registry, incidents, orders, quarantine, audit.
 * Every method throws `StoreUnavailable` when the database cannot be reached, and loses nothing then.
 */
export interface Operations
  extends RegistryTables,
    OrderTables,
    RecordTables,
    RecordEventTables,
    InspectionTables,
    SiteTables,
    ContractTables,
    ObjectionTables,
    OverhaulTables,
    ErasureTables,
    PeopleTables,
    PlanTables,
    NoticeTables,
    EvidenceTables,
    SuppressionTables,
    VisitTables,
    ReportTables,
    RuleTables,
    MappingTables,
    HealthTables,
    QualityTables,
    SightTables,
    AccountTables,
    AnswerTables,
    DutyLogTables {
  /** All of it or none of it. Of two that wait for each other one is run again from its start: keep what the work does within the unit. */
  transaction<T>(work: (unit: Operations) => Promise<T>): Promise<T>
}

export interface OperationsStore extends Operations {
  /** Resolves when the database answers. @throws {StoreUnavailable} */
  ping(): Promise<void>
  close(): Promise<void>
}
