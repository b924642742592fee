import { place } from '../../shared/router.ts'
import { wordsOf } from '../definitions.ts'
import { ChangeText, HowComputed, Value } from '../figure.tsx'
import { intervalText, valueText } from '../figure-text.ts'
import { sameFilter } from '../filter.ts'
import type { Definition, Figure } from '../wire.ts'
import { words } from '../words.ts'
import type { Overview } from './read.ts'

const shown = [
  ...(['entrapment-rate', 'failure-rate', 'arrived-in-30-minutes'] as const),
  ...(['availability', 'maintenance-on-time', 'verified-visits'] as const),
]

/** The portfolio at a glance. */
export function Tiles({ overview: { definitions, review } }: { readonly overview: Overview }) {
  return (
    <ul class="review-tiles">
      {shown.map((id) => {
        const definition = definitions.find((one) => one.id === id)
        return definition === undefined ? null : (
          <Tile key={id} definition={definition} figure={review.total.kpis[id]} />
        )
      })}
    </ul>
  )
}

function Tile({ definition, figure }: { readonly definition: Definition; readonly figure: Figure | undefined }) {
  const say = words()
  const { name, unit } = wordsOf(definition)
  const isRate = definition.unit === 'per-elevator-year' || definition.unit === 'per-100-elevators-month'
  return (
    <li class="card review-tile">
      <h2>
        {name} <HowComputed definition={definition} figure={figure} />
      </h2>
      <p class="review-value">
        <Value
          definition={definition}
          figure={figure}
          href={`/review/figures/${definition.id}${sameFilter(place.value.query)}`}
        />
      </p>
      {figure !== undefined && figure.value !== null && (
        <>
          <p class="muted">
            {isRate && `${unit} · `}
            {intervalText(figure, definition.unit)}
          </p>
          <p>
            <ChangeText definition={definition} figure={figure} />
          </p>
          {figure.coverage !== null && <p class="muted">{say.coverage(valueText(figure.coverage, 'share'))}</p>}
        </>
      )}
    </li>
  )
}
