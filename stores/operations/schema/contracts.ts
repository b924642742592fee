import { bigint, bigserial, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import type { ContractType } from '../../../core/contract.ts'
import { instant, words } from './columns.ts'
import { devices } from './registry.ts'

const fen = (name: string) => bigint(name, { mode: 'number' })

/** Policies and contracts of maintenance as they are now; what they were is in `history`. */
export const contracts = pgTable(
  'contracts',
  {
    id: uuid().primaryKey(),
    seq: bigserial({ mode: 'number' }).notNull(),
    type: text().$type<ContractType>().notNull(),
    teamId: text('team_id').notNull(),
    number: words().notNull(),
    holder: words(),
    cover: words(),
    sumInsuredFen: fen('sum_insured_fen'),
    premiumFen: fen('premium_fen'),
    deductibleFen: fen('deductible_fen'),
    validFrom: instant('valid_from').notNull(),
    validUntil: instant('valid_until'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('contracts_seq').on(table.seq),
    uniqueIndex('contracts_number').on(table.type, table.teamId, table.number),
  ],
)

/** Which devices a contract covers, and when. Who answers for them (`device_parties`) follows from it. */
export const contractDevices = pgTable(
  'contract_devices',
  {
    contractId: uuid('contract_id')
      .notNull()
      .references(() => contracts.id),
    deviceId: text('device_id')
      .notNull()
      .references(() => devices.id),
    validFrom: instant('valid_from').notNull(),
    validUntil: instant('valid_until'),
  },
  (table) => [
    primaryKey({ columns: [table.contractId, table.deviceId, table.validFrom] }),
    index('contract_devices_device').on(table.deviceId),
  ],
)
