import { now } from '../shared/clock.ts'
import { findingTitle } from '../shared/finding.ts'
import { listText } from '../shared/language.ts'
import { daysLeft } from './forecast.ts'
import { metricName } from './metrics.ts'
import type { Known } from './read.ts'
import type { DeviceHealth, HealthPart } from './wire.ts'
import { words } from './words.ts'

const inTheSentence = 3

/** The score, the largest three deductions as a sentence, and each point when somebody asks. */
export function Health({ known: { health, device } }: { readonly known: Known }) {
  const say = words()
  if (health === null) return null
  const parts = [...health.parts].sort((one, other) => other.points - one.points)
  return (
    <section class="card device-health" aria-labelledby="health-title">
      <h2 id="health-title">{say.health}</h2>
      <p class={`device-score ${toneOf(health.score)}`}>
        {health.score === null ? say.healthUnknown : say.healthOf(health.score)}
      </p>
      <p>{parts.length === 0 ? say.healthFull : sentence(parts, health)}</p>
      {parts.length > 0 && (
        <details>
          <summary>{say.everyPoint}</summary>
          <dl class="device-points">
            {parts.map((part) => (
              <div key={`${part.cause} ${part.finding}`}>
                <dt>{say.points(part.points)}</dt>
                <dd>
                  {partText(part, health)} <span class="muted">{whyOf(part)}</span>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {device.rulesOff.length > 0 && (
        <details>
          <summary>{say.rulesOff(device.rulesOff.length)}</summary>
          <ul class="plain-list">
            {device.rulesOff.map(({ finding, missingFacts }) => (
              <li key={finding}>
                {findingTitle(finding) ?? finding} <span class="muted">{say.rulesOffWhy}</span> {listText(missingFacts)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function toneOf(score: number | null): string {
  if (score === null) return 'muted'
  return score >= 80 ? 'tone-ok' : score >= 60 ? 'tone-warning' : 'tone-critical'
}

function sentence(parts: readonly HealthPart[], health: DeviceHealth): string {
  const say = words()
  const largest = parts.slice(0, inTheSentence).map((part) => `${partText(part, health)} ${say.points(part.points)}`)
  const others = parts.length - largest.length
  return say.healthSentence([...largest, ...(others > 0 ? [say.more(others)] : [])].join(say.and))
}

/** The API says it in English; here it is said again from its figures. */
function partText({ cause, finding, text }: HealthPart, { forecasts, coverage }: DeviceHealth): string {
  const say = words()
  if (cause === 'coverage') return say.partCoverage(`${Math.round(coverage * 100)} %`)
  if (cause === 'repeats') return say.partRepeats(/^\d+/.exec(text)?.[0] ?? '')
  if (cause === 'finding') return findingTitle(finding ?? '') ?? text
  const forecast = forecasts.find((one) => one.finding === finding && one.days !== null)
  const left = forecast === undefined ? null : daysLeft(forecast, now.peek())
  if (forecast === undefined || left === null) return text
  return say.partForecast(metricName(forecast.quantity), left.low, left.high)
}

function whyOf({ cause }: HealthPart): string {
  const say = words()
  switch (cause) {
    case 'finding':
      return say.whyFinding
    case 'forecast':
      return say.whyForecast
    case 'repeats':
      return say.whyRepeats
    case 'coverage':
      return say.whyCoverage
  }
}
