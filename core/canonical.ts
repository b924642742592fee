/**
 * PostgreSQL takes neither NUL nor half a surrogate pair in text and jsonb, and devices send both: each becomes U+FFFD, for
 * one such message must not stop what comes behind it.
 */
export function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}

/**
 * One text per value, whoever writes it: keys sorted, what JSON cannot say left out or null as `JSON.stringify` does, text as a
 * database can keep it. Hashes are taken of this.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(value) ?? 'null')))
}

function sorted(value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, part]) => [storable(key), sorted(part)] as const)
  // without a prototype, so that a key `__proto__` stays a key
  return Object.assign(Object.create(null), Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))))
}
