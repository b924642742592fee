/** What stands where a secret is; sent back, it means the secret that is there. */
export const hidden = '••••'

export function hide(value: unknown): unknown {
  return value === undefined ? undefined : hidden
}

/** Names are shown, values are not. */
export function hideValues(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return hide(value)
  return Object.fromEntries(Object.keys(value).map((name) => [name, hidden]))
}

/** Keys of robots stand in the query. */
export function hideQuery(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/([?&][^=&#]+=)[^&#]+/g, `$1${hidden}`) : hide(value)
}

/** Some robots have their key as the last part of the path. */
export function hideLastPart(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/[^/]+\/?$/, hidden) : hide(value)
}

type Fields = Readonly<Record<string, unknown>>

export function hideSecrets(settings: Fields, hiders: Readonly<Record<string, (value: unknown) => unknown>>): Fields {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, hiders[name]?.(value) ?? value]))
}

/** What was given, with the secrets that are there wherever it says what was shown of them. */
export function restoreSecrets(given: unknown, shown: unknown, kept: unknown): unknown {
  if (given === shown) return kept
  if (!isFields(given) || !isFields(shown) || !isFields(kept)) return given
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, restoreSecrets(value, shown[name], kept[name])]),
  )
}

/** Where a hidden secret stands that there is none for. */
export function findHidden(value: unknown, path = ''): string | undefined {
  if (typeof value === 'string') return value.includes(hidden) ? path : undefined
  if (!isFields(value)) return undefined
  for (const [name, part] of Object.entries(value)) {
    const found = findHidden(part, path === '' ? name : `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
