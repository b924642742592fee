import { words as sharedWords } from '../../shared/words.ts'
import { auditWords } from './audit-words.ts'

/** What people call a field of the audit; undefined = nothing. */
export function fieldName(field: string): string | undefined {
  const names: Readonly<Record<string, string>> = auditWords().fields
  return Object.hasOwn(names, field) ? names[field] : undefined
}

/** States, severities, outcomes and causes in the language of the page; everything else as it stands. */
export function valueText(field: string, value: string): string {
  const { states, severities, outcomes, causes } = sharedWords()
  const ofField = {
    from: states,
    to: states,
    state: states,
    severity: severities,
    outcome: outcomes,
    causeClass: causes,
  }
  const known = Object.hasOwn(ofField, field) ? ofField[field as keyof typeof ofField] : {}
  const texts: Readonly<Record<string, string>> = known
  return Object.hasOwn(texts, value) ? (texts[value] ?? value) : value
}
