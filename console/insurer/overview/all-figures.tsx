import { place } from '../../shared/router.ts'
import { wordsOf } from '../definitions.ts'
import { ChangeText, HowComputed, Value } from '../figure.tsx'
import { intervalText, places, valueText } from '../figure-text.ts'
import { sameFilter } from '../filter.ts'
import { words } from '../words.ts'
import type { Overview } from './read.ts'

/** Every figure of the portfolio with what it is made of. */
export function AllFigures({ overview: { definitions, review } }: { readonly overview: Overview }) {
  const say = words()
  return (
    <details class="card review-all">
      <summary>
        <h2>{say.allFigures}</h2>
      </summary>
      <div class="review-wide">
        <table class="review-table">
          <thead>
            <tr>
              <th scope="col">{say.figure}</th>
              <th scope="col" class="review-number">
                {say.value}
              </th>
              <th scope="col">{say.interval}</th>
              <th scope="col" class="review-number">
                {say.counted('n', 'N')}
              </th>
              <th scope="col" class="review-number">
                {say.coverageLong}
              </th>
              <th scope="col">{say.yearBefore}</th>
            </tr>
          </thead>
          <tbody>
            {definitions.map((definition) => {
              const figure = review.total.kpis[definition.id]
              return (
                <tr key={definition.id}>
                  <th scope="row">
                    {wordsOf(definition).name} <HowComputed definition={definition} figure={figure} />
                  </th>
                  <td class="review-number">
                    <Value
                      definition={definition}
                      figure={figure}
                      href={`/review/figures/${definition.id}${sameFilter(place.value.query)}`}
                    />
                  </td>
                  <td>{figure !== undefined && intervalText(figure, definition.unit)}</td>
                  <td class="review-number">
                    {figure !== undefined && say.counted(places(figure.numerator), places(figure.denominator))}
                  </td>
                  <td class="review-number">{figure?.coverage != null && valueText(figure.coverage, 'share')}</td>
                  <td>
                    {figure !== undefined && figure.value !== null && (
                      <ChangeText definition={definition} figure={figure} />
                    )}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </details>
  )
}
