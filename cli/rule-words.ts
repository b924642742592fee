import { UsageError } from './output.ts'

/** Where it is to hold, as options say it. */
export interface ScopeOptions {
  readonly kind?: boolean
  readonly site?: string
  readonly device?: string
}

/** The path of a finding's rule. @throws {UsageError} */
export function pathOf(finding: string): string {
  const [kind, name, ...more] = finding.split('/')
  if (!kind || !name || more.length > 0) throw new UsageError(`A finding is like elevator/entrapment, not ${finding}`)
  return `${encodeURIComponent(kind)}/${encodeURIComponent(name)}`
}

/** Where a change is to hold. @throws {UsageError} unless exactly one is said */
export function scopeOf(finding: string, { kind, site, device }: ScopeOptions): { type: string; id: string } {
  const given = [kind === true, site !== undefined, device !== undefined].filter(Boolean).length
  if (given !== 1) throw new UsageError('Say where it holds: one of --kind, --site <id>, --device <id>')
  if (site !== undefined) return { type: 'site', id: site }
  if (device !== undefined) return { type: 'device', id: device }
  return { type: 'kind', id: finding.split('/')[0] ?? '' }
}

/** Of `name=value` each, the value as JSON where it is some, else as text. @throws {UsageError} */
export function settingsOf(pairs: readonly string[]): Record<string, unknown> {
  const settings = new Map<string, unknown>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`A setting is like warningCelsius=55, not ${pair}`)
    const name = pair.slice(0, at)
    if (settings.has(name)) throw new UsageError(`${name} is set twice; say which value holds`)
    settings.set(name, readValue(pair.slice(at + 1)))
  }
  return Object.fromEntries(settings)
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
