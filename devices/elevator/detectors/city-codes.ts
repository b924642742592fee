import { findingTitles } from '../../../core/finding-titles.ts'
import { severities } from '../../../core/severity.ts'

/**
 * What a city's fault and event codes mean to us: a severity, the finding that detects the same by itself and takes the code as
 * its evidence, `work` for a mode in which people are at work, or `none`. `*` stands for any code that is not named.
 *
 * A city that numbers otherwise changes `codes` of `elevator/fault-code`, and `faultCodes` and `workCodes` of the others.
 *
 * Source  GB/T 24476 as public implementations number it: most agree on 01 to 08, 40 to 47 and 90, the others are one city's
 */
export const cityCodes: Readonly<Record<string, string>> = {
  '00': 'none',
  '01': 'elevator/safety-circuit',
  '02': 'elevator/door-fault',
  '03': 'elevator/door-fault',
  '04': 'elevator/stopped-outside-zone',
  '05': 'elevator/unintended-movement',
  '06': 'elevator/run-time-limiter',
  // position lost, restart prevented, overshoot at the top, overshoot into the pit
  '07': 'warning',
  '08': 'warning',
  '09': 'warning',
  '10': 'warning',
  '11': 'elevator/entrapment',
  // back to automatic, mains lost, out of service, inspection, fire return, firefighter, emergency power, earthquake
  '40': 'none',
  '41': 'elevator/mains-lost',
  '42': 'elevator/out-of-service',
  '43': 'work',
  '44': 'work',
  '45': 'work',
  '46': 'info',
  '47': 'info',
  '90': 'elevator/alarm-button',
  '99': 'warning',
  '*': 'info',
}

/** The codes with this meaning, for the settings of the detector that takes them. */
export function codesOf(meaning: string): readonly string[] {
  return Object.keys(cityCodes).filter((code) => cityCodes[code] === meaning)
}

/** What a code may be said to mean. */
export const codeMeanings: readonly string[] = [
  ...['none', 'work', ...severities],
  ...Object.keys(findingTitles('en')).filter((finding) => finding.startsWith('elevator/')),
]
