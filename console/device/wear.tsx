import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { findingTitle } from '../shared/finding.ts'
import { setQuery } from '../shared/router.ts'
import { daysLeft } from './forecast.ts'
import { measure, metricName } from './metrics.ts'
import type { Known } from './read.ts'
import type { Upkeep, WearForecast } from './wire.ts'
import { words } from './words.ts'

/** What will be at its limit and when, what the data support no forecast of, and what maintenance is due. */
export function Wear({ known: { health, upkeep } }: { readonly known: Known }) {
  const say = words()
  const forecasts = health?.forecasts ?? []
  const ahead = forecasts.filter(({ days }) => days !== null)
  const refused = forecasts.filter(({ days }) => days === null)
  if (forecasts.length === 0 && (upkeep?.items.length ?? 0) === 0) return null
  return (
    <section class="card device-wear" aria-labelledby="wear-title">
      <h2 id="wear-title">{say.forecasts}</h2>
      {ahead.map((forecast) => (
        <Ahead key={`${forecast.finding} ${forecast.quantity}`} forecast={forecast} />
      ))}
      {refused.length > 0 && (
        <details open={false}>
          <summary>
            {say.forecastNone} · {refused.length}
          </summary>
          <ul class="plain-list">
            {refused.map((forecast) => (
              <li key={`${forecast.finding} ${forecast.quantity}`}>
                {nameOf(forecast)}: <span class="muted">{levelsOf(forecast)}; </span>
                {refusedText(forecast)}
              </li>
            ))}
          </ul>
        </details>
      )}
      {upkeep !== null && <Due upkeep={upkeep} />}
    </section>
  )
}

function Ahead({ forecast }: { readonly forecast: WearForecast }) {
  const say = words()
  const left = daysLeft(forecast, now.peek())
  if (left === null) return null
  return (
    <p>
      <strong>{nameOf(forecast)}</strong>: {left.high === 0 ? say.forecastOver : say.forecastText(left.low, left.high)}{' '}
      <span class="muted">
        ({say.forecastLikely(left.days)}; {levelsOf(forecast)})
      </span>{' '}
      <Button
        look="link"
        onClick={() => setQuery({ range: '90d', from: null, to: null, view: null, forecast: 'shown' })}
      >
        {say.showForecast}
      </Button>
    </p>
  )
}

/** A quantity that is made of several metrics has no word: its finding has one. */
function nameOf({ quantity, finding }: WearForecast): string {
  const isMetric = metricName(quantity) !== quantity && !/\s[a-z]+ [a-z]+/.test(metricName(quantity))
  return isMetric ? metricName(quantity) : (findingTitle(finding) ?? quantity)
}

function levelsOf({ quantity, level, limit }: WearForecast): string {
  return words().forecastNow(measure(level, quantity), measure(limit, quantity))
}

function refusedText({ refused = '' }: WearForecast): string {
  const say = words()
  return (say.refused as Readonly<Record<string, string>>)[refused] ?? say.forecastNone
}

function Due({ upkeep: { items } }: { readonly upkeep: Upkeep }) {
  const say = words()
  if (items.length === 0) return null
  const nameOfItem = (item: string) => (say.items as Readonly<Record<string, string>>)[item] ?? item
  return (
    <>
      <h3>{say.upkeep}</h3>
      <ul class="plain-list">
        {items.map(({ item, dueDate, overdueDays, lastDoneAt }) => (
          <li key={item} class={overdueDays > 0 ? 'wrong' : ''}>
            {overdueDays > 0 ? say.upkeepLate(nameOfItem(item), overdueDays) : say.upkeepDue(nameOfItem(item), dueDate)}
            {lastDoneAt !== null && <span class="muted"> · {say.upkeepLast(lastDoneAt.slice(0, 10))}</span>}
          </li>
        ))}
      </ul>
    </>
  )
}
