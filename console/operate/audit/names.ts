import { localDate, localTime, shanghai } from '../../../core/local-time.ts'
import { siteTypeNames } from '../../shared/site-words.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { peopleWords } from '../people/people-words.ts'
import { fieldWords, stateFields, valueWords } from './field-words.ts'

/** What people call a field of the audit with this in it; undefined = nothing. */
export function fieldName(field: string, text = ''): string | undefined {
  const isState = (field === 'from' || field === 'to') && Object.values(sharedWords().states).includes(text)
  const names: Readonly<Record<string, string>> = isState ? stateFields() : fieldWords()
  return Object.hasOwn(names, field) ? names[field] : undefined
}

const instant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/
/** Kept as ms since 1970, where a thing is written down as it is stored. */
const time = /At$|^(?:since|from|to|validFrom|validUntil|cutOff)$/
const long = 1e11

/** Words of ours, times and sums as the reader of the page has them; everything else as it stands. */
export function valueText(field: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? valueWords().yes : valueWords().no
  if (typeof value === 'number' && field.endsWith('Fen')) return `¥ ${(value / 100).toFixed(2)}`
  if (typeof value === 'number') return value > long && time.test(field) ? timeOf(value) : String(value)
  if (instant.test(value)) return timeOf(Date.parse(value))
  const texts = textsOf(field)
  return (Object.hasOwn(texts, value) ? texts[value] : undefined) ?? value
}

/** "2026-11-24 02:11", where the elevators are. */
function timeOf(at: number): string {
  return `${localDate(at, shanghai)} ${localTime(at, shanghai)}`
}

function textsOf(field: string): Readonly<Record<string, string>> {
  const { states, severities, outcomes, causes } = sharedWords()
  const { verdict, items, kind, dueFrom, purpose, type } = valueWords()
  const ofField = {
    ...{ from: states, to: states, state: states, severity: severities, outcome: outcomes, causeClass: causes },
    ...{ verdict, items, kind, dueFrom, purpose, type: { ...peopleWords().teamTypes, ...siteTypeNames(), ...type } },
  }
  return Object.hasOwn(ofField, field) ? ofField[field as keyof typeof ofField] : {}
}
