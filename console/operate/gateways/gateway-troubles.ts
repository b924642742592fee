import { list } from '../../shared/api.ts'
import type { Incident } from '../../shared/wire.ts'

const findings = ['gateway/silent', 'gateway/clock-ahead'] as const

/** Of gateways that are not heard of, or whose clock is ahead: the open incidents, for the list of gateways does not say it. */
export async function gatewayTroubles(): Promise<Incident[]> {
  const lists = findings.map((finding) => list<Incident>('/incidents', { state: 'open', finding }))
  return (await Promise.all(lists)).flat()
}
