import { words as sharedWords } from '../../shared/words.ts'
import { auditWords } from './audit-words.ts'

/** What people call a field of the audit; undefined = nothing. */
export function fieldName(field: string): string | undefined {
  const names: Readonly<Record<string, string>> = auditWords().fields
  return Object.hasOwn(names, field) ? names[field] : undefined
}

const ofState: readonly string[] = ['from', 'to', 'state']

/** States and severities in the language of the page; everything else as it stands. */
export function valueText(field: string, value: string): string {
  const { states, severities } = sharedWords()
  const known = field === 'severity' ? severities : ofState.includes(field) ? states : {}
  const texts: Readonly<Record<string, string>> = known
  return Object.hasOwn(texts, value) ? (texts[value] ?? value) : value
}
