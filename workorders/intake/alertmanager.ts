import { ExpectedError } from '../../core/errors.ts'
import type { Severity } from '../../core/severity.ts'
import type { WorkOrders } from '../life/act.ts'
import type { Report } from './report.ts'
import { isFinding } from './reported.ts'
import { isAboutPassengers, tellsOfTrapped } from './same-event.ts'

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
    const shown = faults.slice(0, mostToldFaults).map(({ path, message }) => `${path}: ${message}`)
    const more = faults.length > shown.length ? '; …' : ''
    super('invalid', `${refused} alerts were not taken: ${shown.join('; ')}${more}`)
    this.name = 'AlertsRefused'
    this.faults = faults.slice(0, mostFaults)
  }
}

/** As many that tell of nobody in danger are taken in one transaction. */
const together = 50
/** So many are done before Alertmanager gives up waiting. */
const alertsAtOnce = 2_500
/** Of so many groups it is kept how far they are; one that is forgotten begins anew, and nothing is opened twice. */
const mostBegun = 5

/** What Alertmanager sends together. */
interface Webhook {
  /** As it calls them; the same when it sends them again. */
  readonly groupKey: string
  readonly alerts: readonly (Alert | UnreadableAlert)[]
  readonly actor: string
}

interface Taken {
  /** With those that were taken when the same webhook came before. */
  readonly taken: number
  /** Taken when it comes again. */
  readonly left: number
  /** Where some are left, of those that were refused until now. */
  readonly faults: readonly Fault[]
}

/** How far a webhook is that holds more than are done at once. */
interface Progress {
  readonly done: ReadonlySet<string>
  /** What is wrong with each that was refused. */
  readonly refused: readonly (readonly Fault[])[]
}
const nothingDone: Progress = { done: new Set(), refused: [] }

/** Of a webhook that holds more, those are done each time that were not before. @throws {AlertsRefused} */
export function createAlertTaker(
  workOrders: Pick<WorkOrders, 'reportAll'>,
  mostAtOnce = alertsAtOnce,
): (webhook: Webhook) => Promise<Taken> {
  const begun = new Map<string, Progress>()
  return async ({ groupKey, alerts, actor }) => {
    const before = alerts.length > mostAtOnce ? begun.get(groupKey) : undefined
    const { progress, ...answer } = await takeAlerts(workOrders, alerts, actor, { before, mostAtOnce }).catch(
      (cause) => {
        if (cause instanceof AlertsRefused) begun.delete(groupKey)
        throw cause
      },
    )
    begun.delete(groupKey)
    if (answer.left > 0) begun.set(groupKey, progress)
    const [oldest] = begun.keys()
    if (begun.size > mostBegun && oldest !== undefined) begun.delete(oldest)
    return answer
  }
}

/**
 * Takes each alert on its own: those that cannot be read or name nothing we know are refused at the end, the others are done then.
 * Who is shut in comes first, and alone: nothing else delays them.
 * @param options.before what was done of the same webhook already
 * @throws {AlertsRefused} some were, and none is left
 */
export async function takeAlerts(
  workOrders: Pick<WorkOrders, 'reportAll'>,
  alerts: readonly (Alert | UnreadableAlert)[],
  actor: string,
  { before = nothingDone, mostAtOnce = alertsAtOnce }: { before?: Progress | undefined; mostAtOnce?: number } = {},
): Promise<Taken & { readonly progress: Progress }> {
  const faults = alerts.map((alert) => ('faults' in alert ? alert.faults : []))
  const told = alerts.flatMap((alert, index) => {
    if ('faults' in alert || before.done.has(keyOf(alert))) return []
    const report = reportOf(alert, actor)
    return [{ index, key: keyOf(alert), report, isOfPeople: isAboutPassengers(report) || tellsOfTrapped(report) }]
  })
  const people = told.filter(({ isOfPeople }) => isOfPeople).slice(0, mostAtOnce)
  const others = told.filter(({ isOfPeople }) => !isOfPeople).slice(0, mostAtOnce - people.length)
  const chosen = [...people, ...others]

  function refuse({ index, report }: Told, { message }: ExpectedError): void {
    const { alertname = '' } = report.evidence ?? {}
    faults[index] = [{ path: `alerts.${index}`, message: `${alertname || report.externalId}: ${message}` }]
  }

  /** In halves when it is refused, down to the single one that is; `unavailable` of a single one ends it. */
  async function take(some: readonly Told[]): Promise<void> {
    try {
      const unknown = await workOrders.reportAll(some.map(({ report }) => report))
      for (const [at, one] of some.entries()) {
        const cause = unknown.get(at)
        if (cause !== undefined) refuse(one, cause)
      }
    } catch (cause) {
      const [one] = some
      if (!(cause instanceof ExpectedError) || one === undefined) throw cause
      const middle = Math.ceil(some.length / 2)
      if (some.length > 1) return take(some.slice(0, middle)).then(() => take(some.slice(middle)))
      if (cause.code === 'unavailable') throw cause
      refuse(one, cause)
    }
  }

  for (const one of people) await take([one])
  for (let from = 0; from < others.length; from += together) await take(others.slice(from, from + together))
  const left = told.length - chosen.length
  const refused = [...before.refused, ...faults.filter(({ length }) => length > 0)]
  if (left === 0 && refused.length > 0) throw new AlertsRefused(refused.length, refused.flat())
  const done = new Set([...before.done, ...chosen.map(({ key }) => key)])
  const refusedNow = chosen.map(({ index }) => faults[index] ?? []).filter(({ length }) => length > 0)
  const progress = { done, refused: [...before.refused, ...refusedNow] }
  return { taken: alerts.length - refused.length - left, left, faults: refused.flat().slice(0, mostFaults), progress }
}

/** One that ended since, or began anew, is another. */
function keyOf({ fingerprint, startsAt, status }: Alert): string {
  return `${fingerprint}@${startsAt} ${status}`
}

interface Told {
  /** Its place in the webhook. */
  readonly index: number
  readonly key: string
  readonly report: Report
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
