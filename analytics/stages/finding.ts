import { isEntrapment } from '../../core/incident.ts'

/**
 * Findings that mean danger to a life here and now, beside people who are trapped, whoever has seen them. Nothing explains them
 * away: no larger incident, no storm, no maintenance, and they cannot be shelved. A rule of this service, not of a standard.
 */
const ofLife: readonly string[] = ['elevator/unintended-movement']

export function isOfLife(finding: string): boolean {
  return isEntrapment({ finding }) || ofLife.includes(finding)
}

/** That a device or a gateway says nothing any more; what was open there is unknown meanwhile. */
export function isSilence(finding: string): boolean {
  return finding.endsWith('/silent')
}

/** `*` stands for anything: `elevator/*`, or the silence of every kind. */
export function matchesFinding(pattern: string, finding: string): boolean {
  const [before, after] = pattern.split('*')
  if (after === undefined) return pattern === finding
  return finding.startsWith(before ?? '') && finding.endsWith(after)
}
