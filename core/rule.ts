import type { Detector } from './detector.ts'
import { isWithin, rangeOf, rangeWords, type SettingRange } from './setting-range.ts'

/** Where a change of a rule holds: all devices of the finding's kind, all in a site, or one device. The narrower one wins. */
export const ruleScopeTypes = ['kind', 'site', 'device'] as const
export type RuleScopeType = (typeof ruleScopeTypes)[number]

export interface RuleScope {
  readonly type: RuleScopeType
  readonly id: string
}

export type RuleSettings = Readonly<Record<string, unknown>>

/** What people decided about a rule at one place. The newest of a finding and scope holds; none is ever overwritten. */
export interface RuleChange {
  /** Rises with every change of any rule. */
  readonly version: number
  readonly finding: string
  readonly scope: RuleScope
  /** Null = as in the wider scope. */
  readonly enabled: boolean | null
  /** Those that differ from the wider scope; the others are inherited. */
  readonly settings: RuleSettings
  readonly at: number
  readonly actor: string
  readonly reason: string
}

/** A rule as it is for one device. */
export interface RuleInForce {
  readonly enabled: boolean
  readonly settings: RuleSettings
  /** Of the newest change behind it; 0 = as it ships. */
  readonly version: number
}

/** What is wrong with a setting, by its name. */
export interface SettingFault {
  readonly setting: string
  readonly message: string
}

/** @param changes those that concern the device, from the widest scope to the narrowest */
export function ruleInForce({ settings }: Pick<Detector, 'settings'>, changes: readonly RuleChange[]): RuleInForce {
  let inForce: RuleInForce = { enabled: true, settings: settings as RuleSettings, version: 0 }
  for (const change of changes) {
    inForce = {
      enabled: change.enabled ?? inForce.enabled,
      settings:
        Object.keys(change.settings).length === 0 ? inForce.settings : { ...inForce.settings, ...change.settings },
      version: Math.max(inForce.version, change.version),
    }
  }
  return inForce
}

type RuleOfSettings = Pick<Detector, 'id' | 'settings' | 'rising' | 'bounds'> & {
  readonly about: Pick<Detector['about'], 'severities'>
}

/**
 * What is wrong with settings that somebody wants to change.
 * @param inherited those of the wider scope, into which they are put
 */
export function settingFaults(
  detector: RuleOfSettings,
  changed: RuleSettings,
  inherited: RuleSettings,
): SettingFault[] {
  const faults = valueFaults(detector, changed)
  return faults.length > 0 ? faults : orderFaults(detector, changed, inherited)
}

/** Those that are wrong whatever the others are; of what was set before the range was known, too. */
export function valueFaults(detector: RuleOfSettings, changed: RuleSettings): SettingFault[] {
  const defaults = detector.settings as RuleSettings
  return Object.entries(changed).flatMap(([setting, value]) => {
    if (!Object.hasOwn(defaults, setting)) {
      const known = Object.keys(defaults).join(', ')
      return [{ setting, message: `${detector.id} has no such setting; it has ${known === '' ? 'none' : known}` }]
    }
    const message = valueFault(setting, defaults[setting], value, detector)
    return message === undefined ? [] : [{ setting, message }]
  })
}

/** What each number of a rule may be, by its name. */
export function settingRanges(detector: RuleOfSettings): Record<string, SettingRange> {
  const numbers = Object.entries(detector.settings).flatMap(([setting, ships]): [string, SettingRange][] =>
    typeof ships === 'number' ? [[setting, rangeIn(detector, setting, ships)]] : [],
  )
  return Object.fromEntries(numbers)
}

function rangeIn({ about, bounds }: RuleOfSettings, setting: string, ships: number): SettingRange {
  return rangeOf(setting, ships, about.severities.includes('critical'), bounds[setting])
}

function valueFault(setting: string, usual: unknown, value: unknown, detector: RuleOfSettings): string | undefined {
  if (typeof usual === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number'
    const range = rangeIn(detector, setting, usual)
    return isWithin(value, range) ? undefined : rangeWords(range)
  }
  if (Array.isArray(usual)) {
    if (!Array.isArray(value) || value.length === 0) return 'must be a list with something in it'
    const messages = value.map((item) => valueFault(setting, usual[0], item, detector))
    return messages.find((message) => message !== undefined)
  }
  if (typeof usual === 'object' && usual !== null) return mapFault(setting, usual as RuleSettings, value, detector)
  if (typeof value !== typeof usual) return `must be a ${typeof usual}`
  if (isBlank(value)) return blank
  const words: readonly unknown[] | undefined = detector.bounds[setting]
  return words === undefined || words.includes(value) ? undefined : `must be one of ${words.join(', ')}`
}

/** A map may have other keys; its values are of the kind that it ships with. */
function mapFault(setting: string, usual: RuleSettings, value: unknown, detector: RuleOfSettings): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object'
  if (Object.keys(value).length === 0) return 'must not be empty'
  const [example] = Object.values(usual)
  for (const [key, item] of Object.entries(value)) {
    const message = isBlank(key) ? blank : valueFault(setting, usual[key] ?? example, item, detector)
    if (message !== undefined) return `${key}: ${message}`
  }
  return undefined
}

const blank = 'must not be empty, nor begin or end with a blank'

/** Of a text: no device ever says such a code. */
function isBlank(value: unknown): boolean {
  return typeof value === 'string' && (value === '' || value !== value.trim())
}

/** Settings that would not rise in the order that their rule wants. */
export function orderFaults(
  { rising }: Pick<Detector, 'rising'>,
  changed: RuleSettings,
  inherited: RuleSettings,
): SettingFault[] {
  const settings = { ...inherited, ...changed }
  return rising.flatMap((order) =>
    order.slice(1).flatMap((upper, index) => {
      const lower = order[index] as string
      if ((settings[lower] as number) <= (settings[upper] as number)) return []
      const setting = Object.hasOwn(changed, upper) ? upper : lower
      const message = `${lower} (${settings[lower]}) must not be above ${upper} (${settings[upper]})`
      return [{ setting, message }]
    }),
  )
}
