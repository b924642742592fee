import { serverNow } from '../../shared/clock.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { place } from '../../shared/router.ts'
import { askedFor } from '../filter.ts'
import { FilterBar } from '../filter-bar.tsx'
import { Frame } from '../frame.tsx'
import { words } from '../words.ts'
import { AllFigures } from './all-figures.tsx'
import { Comparison } from './comparison.tsx'
import { readTotal } from './read.ts'
import { Tiles } from './tiles.tsx'

/** How well all are maintained, and who of them how well: each figure opens what is behind it. */
export function Page() {
  const say = words()
  const { query } = place.value
  const asked = askedFor(query, serverNow())
  const { loaded } = useLoaded(() => readTotal(asked), { keys: [JSON.stringify(asked)] })
  const overview = loaded.value.value
  return (
    <Frame tab="overview">
      <FilterBar isDated>
        {overview !== null && (
          <p class="review-span">
            <strong>{say.elevatorsCount(overview.review.total.elevators)}</strong>
            <span class="muted">
              {' '}
              · {say.asOf} <Moment at={overview.review.asOf} />
              {overview.review.pending > 0 && ` · ${say.pending(overview.review.pending)}`}
            </span>
          </p>
        )}
      </FilterBar>
      <LoadState of={loaded.value} />
      {overview !== null && overview.review.total.elevators === 0 && (
        <EmptyState title={say.nothingYet} hint={say.nothingYetHint} />
      )}
      {overview !== null && overview.review.total.elevators > 0 && (
        <>
          <Tiles overview={overview} />
          <Comparison overview={overview} asked={asked} />
          <AllFigures overview={overview} />
        </>
      )}
    </Frame>
  )
}
