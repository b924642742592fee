/*
 * Everything that goes over the wire. A schema's output is what our code holds (times in ms since 1970, bytes), its input is
 * what is sent: the codecs translate both ways, and what a schema does not name never leaves.
 */

export * from './schemas/accounts.ts'
export * from './schemas/audit.ts'
export * from './schemas/channels.ts'
export * from './schemas/contracts.ts'
export * from './schemas/devices.ts'
export * from './schemas/duty-log.ts'
export * from './schemas/erasures.ts'
export * from './schemas/evidence.ts'
export * from './schemas/gateways.ts'
export * from './schemas/handover.ts'
export * from './schemas/health.ts'
export * from './schemas/imports.ts'
export * from './schemas/incidents.ts'
export * from './schemas/inspections.ts'
export * from './schemas/maintenance.ts'
export * from './schemas/mappings.ts'
export * from './schemas/notices.ts'
export * from './schemas/overhauls.ts'
export * from './schemas/people.ts'
export * from './schemas/plans.ts'
export * from './schemas/quality.ts'
export * from './schemas/quarantine.ts'
export * from './schemas/readings.ts'
export * from './schemas/reports.ts'
export * from './schemas/rules.ts'
export * from './schemas/runbooks.ts'
export {
  IdentifierParams,
  Instant,
  isShownOnce,
  Problem,
  pageOf,
  pageShape,
  problemCodes,
  UuidParams,
} from './schemas/shared.ts'
export * from './schemas/sites.ts'
export * from './schemas/suppressions.ts'
export * from './schemas/work-orders.ts'
