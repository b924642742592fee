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

/** An alert that cannot be read: what is wrong, with which of its fields. */
export interface UnreadableAlert {
  readonly faults: readonly Fault[]
}

interface Fault {
  readonly path: string
  readonly message: string
}

/** In the answer, and in its one sentence. */
const mostFaults = 1_000
const mostToldFaults = 3

/** Alerts that could not be taken, by their place in the webhook. */
export class AlertsRefused extends ExpectedError {
  readonly faults: readonly Fault[]

  constructor(refused: number, faults: readonly Fault[]) {
    const shown = faults.slice(0, mostToldFaults).map(({ message }) => message)
    const more = faults.length > shown.length ? '; …' : ''
    super('invalid', `${refused} alerts were not taken: ${shown.join('; ')}${more}`)
    this.name = 'AlertsRefused'
    this.faults = faults.slice(0, mostFaults)
  }
}

/**
 * Takes each alert on its own: those that cannot be read or name nothing we know are refused at the end, the others are done then.
 * @throws {AlertsRefused}
 */
export async function takeAlerts(
  workOrders: Pick<WorkOrders, 'report'>,
  alerts: readonly (Alert | UnreadableAlert)[],
  actor: string,
): Promise<{ taken: number }> {
  const faults: Fault[] = []
  let taken = 0
  for (const [index, alert] of alerts.entries()) {
    if ('faults' in alert) {
      faults.push(...alert.faults)
      continue
    }
    try {
      await workOrders.report(reportOf(alert, actor))
      taken += 1
    } catch (cause) {
      if (!(cause instanceof ExpectedError) || cause.code === 'unavailable') throw cause
      faults.push({
        path: `alerts.${index}`,
        message: `${alert.labels.alertname ?? alert.fingerprint}: ${cause.message}`,
      })
    }
  }
  if (taken < alerts.length) throw new AlertsRefused(alerts.length - taken, faults)
  return { taken }
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
    severity: severityWords[labels.severity?.toLowerCase() ?? ''] ?? 'urgent',
    summary: (annotations.summary ?? annotations.description ?? name).slice(0, 2_000),
    occurredAt: startsAt,
    evidence: Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value.slice(0, 1_000)])),
  }
}

/** Words that people label their alerts with; what is not here, or not said, is urgent: nobody knows that it can wait. */
const severityWords: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  emergency: 'critical',
  page: 'urgent',
  urgent: 'urgent',
  error: 'urgent',
  high: 'urgent',
  warning: 'warning',
  warn: 'warning',
  minor: 'warning',
  low: 'warning',
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
