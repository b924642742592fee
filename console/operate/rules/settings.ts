import type { RuleScope, Settings } from '../wire.ts'

/** What is written into the field of a setting; numbers and texts as they are, lists and maps as JSON. */
export function settingText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * The setting that somebody wrote, of the type that it ships with.
 * @returns undefined when it is none
 */
export function settingOf(text: string, shipped: unknown): unknown {
  const written = text.trim()
  if (typeof shipped === 'string') return written === '' ? undefined : written
  try {
    const value: unknown = JSON.parse(written)
    const isSame = typeof value === typeof shipped && Array.isArray(value) === Array.isArray(shipped) && value !== null
    return isSame ? value : undefined
  } catch {
    return undefined
  }
}

/** Those of a form that differ from the shipped ones, and the names of those that are none. */
export function settingsOf(
  written: Readonly<Record<string, string>>,
  shipped: Settings,
): { readonly settings: Settings; readonly wrong: readonly string[] } {
  const settings: Record<string, unknown> = {}
  const wrong: string[] = []
  for (const [name, usual] of Object.entries(shipped)) {
    const text = written[name]
    if (text === undefined || text.trim() === '') continue
    const value = settingOf(text, usual)
    if (value === undefined) wrong.push(name)
    else settings[name] = value
  }
  return { settings, wrong }
}

export interface Proposal {
  readonly scope: RuleScope
  /** Null = as in the wider scope. */
  readonly enabled: boolean | null
  readonly settings: Settings
}

/** Whether a back-test was of exactly this: only then it may be switched on. */
export function isSame(one: Proposal | null, other: Proposal): boolean {
  return one !== null && JSON.stringify(one) === JSON.stringify(other)
}
