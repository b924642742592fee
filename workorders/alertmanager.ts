import { ExpectedError } from '../core/errors.ts'
import type { Severity } from '../core/severity.ts'
import type { WorkOrders } from './act.ts'
import type { Report } from './report.ts'
import { isFinding } from './reported.ts'

/** An alert as Prometheus Alertmanager posts it (webhook payload, version 4). */
export interface Alert {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** ms since 1970. */
  readonly startsAt: number
  readonly fingerprint: string
}

/** Alerts that could not be taken, by their place in the webhook. */
export class AlertsRefused extends ExpectedError {
  readonly faults: readonly { readonly path: string; readonly message: string }[]

  constructor(faults: readonly { readonly path: string; readonly message: string }[]) {
    super('invalid', `${faults.length} alerts were not taken: ${faults.map(({ message }) => message).join('; ')}`)
    this.name = 'AlertsRefused'
    this.faults = faults
  }
}

/**
 * Takes each alert on its own: those that name nothing we know are refused at the end, the others are done then.
 * @throws {AlertsRefused}
 */
export async function takeAlerts(
  workOrders: Pick<WorkOrders, 'report'>,
  alerts: readonly Alert[],
  actor: string,
): Promise<{ taken: number }> {
  const faults: { path: string; message: string }[] = []
  for (const [index, alert] of alerts.entries()) {
    try {
      await workOrders.report(reportOf(alert, actor))
    } catch (cause) {
      if (!(cause instanceof ExpectedError) || cause.code !== 'invalid') throw cause
      faults.push({
        path: `alerts.${index}`,
        message: `${alert.labels.alertname ?? alert.fingerprint}: ${cause.message}`,
      })
    }
  }
  if (faults.length > 0) throw new AlertsRefused(faults)
  return { taken: alerts.length }
}

/** The fingerprint says which alert it is, not when it began: one that fires again tomorrow is another incident. */
export function reportOf({ status, labels, annotations, startsAt, fingerprint }: Alert, actor: string): Report {
  const name = labels.alertname ?? fingerprint
  return {
    ...whereaboutsOf(labels),
    actor,
    source: 'alertmanager',
    externalId: `${fingerprint}@${new Date(startsAt).toISOString()}`,
    samePrefix: `${fingerprint}@`,
    state: status === 'firing' ? 'open' : 'cleared',
    finding: findingOf(labels.finding, name),
    severity: severityWords[labels.severity?.toLowerCase() ?? ''] ?? 'warning',
    summary: (annotations.summary ?? annotations.description ?? name).slice(0, 2_000),
    occurredAt: startsAt,
    evidence: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value.slice(0, 1_000)])),
  }
}

/** Words that people label their alerts with; what is not here is a warning. */
const severityWords: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  emergency: 'critical',
  page: 'urgent',
  urgent: 'urgent',
  error: 'urgent',
  high: 'urgent',
  warning: 'warning',
  info: 'info',
  none: 'info',
}

/** The nearest thing that the labels name. */
function whereaboutsOf(labels: Alert['labels']): Pick<Report, 'deviceId' | 'siteId' | 'gatewayId'> {
  const named = (...names: string[]) => names.map((name) => labels[name]).find((value) => value !== undefined)
  const deviceId = named('device_id', 'deviceId', 'device')
  if (deviceId !== undefined) return { deviceId }
  const siteId = named('site_id', 'siteId', 'site')
  if (siteId !== undefined) return { siteId }
  const gatewayId = named('gateway_id', 'gatewayId', 'gateway')
  return gatewayId === undefined ? {} : { gatewayId }
}

function findingOf(given: string | undefined, name: string): string {
  if (given !== undefined && isFinding(given)) return given
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
  const slug = words.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '')
  return `alertmanager/${slug.slice(0, 64) || 'alert'}`
}
