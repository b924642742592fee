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

/** `name=value`, the value as JSON where it is some, else as text. */
export function settingOf(pair: string): [string, unknown] {
  const at = pair.indexOf('=')
  if (at < 1) throw new UsageError(`A setting is like warningCelsius=55, not ${pair}`)
  const text = pair.slice(at + 1)
  try {
    return [pair.slice(0, at), JSON.parse(text)]
  } catch {
    return [pair.slice(0, at), text]
  }
}
