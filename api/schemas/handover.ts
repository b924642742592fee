import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import { severities } from '../../core/severity.ts'
import { Evidence, Finding, Instant, Note, takenShape, Whereabouts } from './shared.ts'

export const NewIncident = z
  .strictObject({
    source: Identifier.describe('The other system'),
    externalId: z.string().trim().min(1).max(200).describe('Its own id; each new beginning has another one'),
    state: z.enum(['open', 'cleared']).default('open'),
    ...Whereabouts,
    gatewayId: Identifier.optional(),
    finding: Finding,
    severity: z.enum(severities),
    summary: Note,
    occurredAt: Instant.optional(),
    evidence: Evidence.optional(),
  })
  .meta({ id: 'NewIncident', description: 'About a device, a site or a gateway' })

const Labels = z.record(z.string().max(200), z.string().max(10_000))

export const Alert = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: Labels,
  annotations: Labels.default({}),
  startsAt: Instant,
  fingerprint: z.string().regex(/^[0-9a-fA-F]{1,64}$/, 'must be hexadecimal'),
})

/** More than fit, as Alertmanager writes them. */
export const mostAlerts = 40_000
export const mostAlertBytes = 8 * 1024 * 1024
/** With alerts that may be wrong one by one. */
export const UnreadAlerts = z.looseObject({
  groupKey: z.string().optional().catch(undefined),
  alerts: z.array(z.unknown()).max(mostAlerts),
})

export const AlertmanagerWebhook = z
  .looseObject({ groupKey: z.string().optional(), alerts: z.array(Alert).max(mostAlerts) })
  .meta({ id: 'AlertmanagerWebhook', description: 'As Prometheus Alertmanager posts it, version 4' })

export const AlertsTaken = z.object({ taken: z.int() }).meta({ id: 'AlertsTaken' })
export const PastRecordsQuery = z.strictObject({
  apply: z.stringbool().default(false).describe('Else it says only what would be done'),
})
export const OrdersImport = z
  .object({ orders: z.int().describe('In the file'), ...takenShape('their number') })
  .meta({ id: 'OrdersImport' })
