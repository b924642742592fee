/** Where a value is put decides how it is escaped. */
export type Place = 'json' | 'url' | 'header'

const placeholder = /\{\{\s*([\w.]+)\s*\}\}/g

/** Names between double braces. */
export function placeholdersOf(template: string): string[] {
  return [...template.matchAll(placeholder)].map(([, name = '']) => name)
}

/** Puts values in; one that is filled in is never looked at again, so a text with braces fills nothing. */
export function fill(template: string, values: Readonly<Record<string, string>>, place: Place): string {
  return template.replace(placeholder, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? whole : escaped(value, place)
  })
}

function escaped(value: string, place: Place): string {
  if (place === 'url') return encodeURIComponent(value.toWellFormed())
  // within a string: without the quotes around it
  if (place === 'json') return JSON.stringify(value).slice(1, -1)
  return value.replace(/[^\x20-\x7e]/g, '?')
}
