import { localDate, shanghai } from '../../../core/local-time.ts'
import { serverNow } from '../../shared/clock.ts'
import { Moment } from '../../shared/components/moment.tsx'
import { Select } from '../../shared/components/select.tsx'
import { base, place, setQuery } from '../../shared/router.ts'
import { Name } from '../name.tsx'
import { Paged } from '../paged.tsx'
import { usePages } from '../use-pages.ts'
import type { RiskList } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'
import { lastQuarters } from './quarters.ts'
import { RiskParts } from './risk-parts.tsx'

/** The elevators of a portfolio that are most likely to fail, by quarter. */
export function RiskView() {
  const say = inspectionWords()
  const quarters = lastQuarters(localDate(serverNow(), shanghai))
  const quarter = place.value.query.get('quarter') ?? quarters[0] ?? ''
  const pages = usePages<RiskList>('/quality/risk-lists', { quarter })
  return (
    <>
      <div class="review-bar">
        <Select label={say.quarter} value={quarter} onChange={(one) => setQuery({ quarter: one })}>
          {quarters.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </Select>
        <p class="muted">{say.weightHint}</p>
      </div>
      <Paged of={pages} none={say.riskNone} noneHint={say.riskNoneHint}>
        {(lists) => lists.map((one) => <OneList key={one.insurerId} of={one} />)}
      </Paged>
    </>
  )
}

function OneList({ of: { insurerId, madeAt, items } }: { readonly of: RiskList }) {
  return (
    <section class="card review-list">
      <h2>
        <Name of="insurerId" id={insurerId} />
      </h2>
      <p class="muted">
        <Moment at={madeAt} />
      </p>
      <ol class="review-risky">
        {items.map(({ deviceId, ...risk }) => (
          <li key={deviceId}>
            <a href={`${base}/review/elevators/${encodeURIComponent(deviceId)}`}>
              <Name of="deviceId" id={deviceId} />
            </a>
            <RiskParts risk={risk} />
          </li>
        ))}
      </ol>
    </section>
  )
}
