import type { Incident } from '../../core/incident.ts'
import { scopesOf } from '../../core/scope.ts'
import type { Operations } from '../../stores/operations/port.ts'

const outages: readonly string[] = ['electricity-meter/outage', 'elevator/mains-lost']

export function isOutage({ finding }: Pick<Incident, 'finding'>): boolean {
  return outages.includes(finding)
}

/**
 * What says now that an incident's device has no power: its own mains, and outages of its feeder and of the sites that it is in. Where
 * nobody knows its feeder, any feeder of its building may be that.
 */
export function noPowerAt(unit: Operations, incident: Incident): Promise<Incident[]> {
  const { feederId, path } = incident.place
  return unit.holdingIncidents(scopesOf(incident), outages, feederId === null ? path.building : undefined)
}
