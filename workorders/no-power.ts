import type { Incident } from '../core/incident.ts'
import { scopesOf } from '../core/scope.ts'
import type { Operations } from '../stores/operations/port.ts'

const outages: readonly string[] = ['electricity-meter/outage', 'elevator/mains-lost']

export function isOutage({ finding }: Pick<Incident, 'finding'>): boolean {
  return outages.includes(finding)
}

/** What says now that an incident's device has no power: its own mains, and outages of its feeder and of the sites that it is in. */
export function noPowerAt(unit: Operations, incident: Incident): Promise<Incident[]> {
  return unit.holdingIncidents(scopesOf(incident), outages)
}
