import type { Device } from '../core/device.ts'
import { type Incident, lookBackMs } from '../core/incident.ts'
import { idIn, nowhere } from '../core/scope.ts'
import { type Operations, pagesOf } from '../stores/operations/port.ts'
import type { RecordedEpisode } from './recorded.ts'
import { isOfLife, matchesFinding } from './stages/finding.ts'
import { holdOffMs } from './stages/hold-off.ts'
import { type InhibitionRule, isSource, shippedInhibitions } from './stages/inhibition.ts'

/** While something else was found that explains a finding, ms since 1970; `to` is Infinity while it lasts. */
export interface Explaining {
  readonly from: number
  readonly to: number
}

const pageSize = 1_000

/**
 * What was really found in the period and explains this finding: device → when. A back-test runs one rule, so what the others found is
 * taken as it was. Rules that look into the explained finding itself (`means`) are left out: what they explain is information.
 */
export async function explainedThen(
  operations: Operations,
  finding: string,
  devices: readonly Device[],
  { from, to }: { from: number; to: number },
): Promise<Map<string, Explaining[]>> {
  const explained = new Map<string, Explaining[]>()
  const rules = isOfLife(finding) ? [] : shippedInhibitions.filter((rule) => explains(rule, finding))
  if (rules.length === 0) return explained

  const places = await operations.placesOf(devices.map(({ id }) => id))
  for (const [source, some] of grouped(rules)) {
    for (const incident of await foundBetween(operations, source, from - lookBackMs, to)) {
      for (const rule of some.filter((one) => isSource(incident, one))) {
        const key = idIn(incident, rule.equal)
        if (key === null) continue
        const span = { from: incident.detectedAt, to: endOf(incident) }
        for (const { id } of devices) {
          const there = idIn({ deviceId: id, place: places.get(id) ?? nowhere }, rule.equal)
          if (there === key) explained.set(id, [...(explained.get(id) ?? []), span])
        }
      }
    }
  }
  return explained
}

/**
 * The order that an episode would have had. None when it is over before what explains it: what goes on is released, and sent then. What is found
 * up to ten minutes later explains it too; its order then ends as merged.
 */
export function orderBeside(
  { order, detectedAt, clearedAt }: Pick<RecordedEpisode, 'order' | 'detectedAt' | 'clearedAt'>,
  explaining: readonly Explaining[],
): RecordedEpisode['order'] {
  const endedAt = clearedAt ?? Number.POSITIVE_INFINITY
  // only what still holds is released: what is over by then sends nobody, though its hold-off has not passed
  const isExplained = explaining.some(
    ({ from, to }) => from - lookBackMs <= detectedAt && from < endedAt + holdOffMs && endedAt <= to,
  )
  return isExplained ? null : order
}

function explains({ targets, means }: InhibitionRule, finding: string): boolean {
  return means === undefined && targets.some((target) => matchesFinding(target, finding))
}

function grouped(rules: readonly InhibitionRule[]): Map<string, InhibitionRule[]> {
  const bySource = new Map<string, InhibitionRule[]>()
  for (const rule of rules) bySource.set(rule.source.finding, [...(bySource.get(rule.source.finding) ?? []), rule])
  return bySource
}

async function foundBetween(operations: Operations, finding: string, from: number, to: number): Promise<Incident[]> {
  const found: Incident[] = []
  for await (const incidents of pagesOf(pageSize, (page) => operations.incidents({ finding, ...page }))) {
    found.push(...incidents.filter((incident) => incident.detectedAt < to && endOf(incident) > from))
  }
  return found
}

function endOf({ state, clearedAt }: Incident): number {
  return state === 'cleared' && clearedAt !== null ? clearedAt + holdOffMs : Number.POSITIVE_INFINITY
}
