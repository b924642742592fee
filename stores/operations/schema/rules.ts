import { bigserial, boolean, index, pgTable, text } from 'drizzle-orm/pg-core'
import type { RuleScopeType, RuleSettings } from '../../../core/rule.ts'
import type { JournalNote } from '../port.ts'
import { instant, json, words } from './columns.ts'

/** Settings of rules as people changed them: versions, never overwritten. */
export const ruleChanges = pgTable(
  'rule_changes',
  {
    version: bigserial({ mode: 'number' }).primaryKey(),
    finding: text().notNull(),
    scopeType: text('scope_type').$type<RuleScopeType>().notNull(),
    scopeId: text('scope_id').notNull(),
    enabled: boolean(),
    settings: json().$type<RuleSettings>().notNull(),
    at: instant().notNull(),
    actor: words().notNull(),
    reason: words().notNull(),
  },
  (table) => [index('rule_changes_finding').on(table.finding, table.scopeType, table.scopeId, table.version)],
)

/** A transactional outbox: what happened in the database and belongs into the journal. */
export const journalNotes = pgTable('journal_notes', {
  id: bigserial({ mode: 'number' }).primaryKey(),
  note: json().$type<JournalNote>().notNull(),
})
