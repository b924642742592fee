import { fieldName, valueText } from './names.ts'

export interface Difference {
  readonly field: string
  /** As it can be read; null = there was nothing. */
  readonly was: string | null
  readonly is: string | null
}

/** What of a thing differs between before and after, field by field; of one that came to be or went, what it had. */
export function differences(before: unknown, after: unknown): Difference[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .map((field) => ({ field, was: textOf(field, was[field]), is: textOf(field, is[field]) }))
    .filter((one) => one.was !== one.is)
}

function fieldsOf(thing: unknown): Readonly<Record<string, unknown>> {
  return typeof thing === 'object' && thing !== null ? (thing as Record<string, unknown>) : {}
}

/** What is empty says as little as none. */
function textOf(field: string, value: unknown): string | null {
  if (value === undefined || value === null) return null
  const text = plain(field, value)
  return text === '' ? null : text
}

/** Nested things as a person writes a list; what is empty in them is left out. */
function plain(field: string, value: unknown): string {
  if (Array.isArray(value)) {
    const texts = value.map((one) => plain(field, one))
    return texts.join(value.some((one) => typeof one === 'object') ? '; ' : ', ')
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return valueText(field, value)
  return Object.entries(value ?? {})
    .filter(([name, part]) => textOf(name, part) !== null)
    .map(([name, part]) => `${fieldName(name) ?? name} ${plain(name, part)}`)
    .join(' · ')
}
