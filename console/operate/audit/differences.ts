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
    .map((field) => ({ field, was: textOf(was[field]), is: textOf(is[field]) }))
    .filter((one) => one.was !== one.is)
}

function fieldsOf(thing: unknown): Readonly<Record<string, unknown>> {
  return typeof thing === 'object' && thing !== null ? (thing as Record<string, unknown>) : {}
}

/** An empty list says as little as none. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  if (Array.isArray(value) && value.length === 0) return null
  return plain(value)
}

/** Nested things as a person writes a list; what is empty in them is left out. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(value.some((one) => typeof one === 'object') ? '; ' : ', ')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .filter(([, part]) => textOf(part) !== null)
    .map(([name, part]) => `${name} ${plain(part)}`)
    .join(' · ')
}
