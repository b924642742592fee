import { serverNow } from '../../shared/clock.ts'
import { Moment } from '../../shared/components/moment.tsx'
import { Select } from '../../shared/components/select.tsx'
import { base, place, setQuery } from '../../shared/router.ts'
import { askedFor, sameFilter } from '../filter.ts'
import { FilterBar } from '../filter-bar.tsx'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import { Paged } from '../paged.tsx'
import { usePages } from '../use-pages.ts'
import type { Objection, Visit } from '../wire-records.ts'
import { VisitRows } from './visit-rows.tsx'
import { visitWords } from './visit-words.ts'

const verdicts = ['not-proven', 'cannot-tell', 'proven'] as const

/** Visits that were claimed, and whether telemetry shows them. */
export function Page() {
  const say = visitWords()
  const { query } = place.value
  const verdict = verdicts.find((known) => known === query.get('verdict'))
  const { from = '', to = '', maintainerId, deviceId } = askedFor(query, serverNow())
  const pages = usePages<Visit>('/visits', {
    ...{ from, to },
    ...(maintainerId !== undefined && { teamId: maintainerId }),
    ...(deviceId !== undefined && { deviceId }),
    ...(verdict !== undefined && { verdict }),
  })
  return (
    <Frame tab="visits">
      <FilterBar narrows={['maintainerId', 'deviceId']} />
      <section class="card review-list">
        <div class="review-bar">
          <Select
            label={say.verdict}
            value={verdict ?? ''}
            onChange={(one) => setQuery({ verdict: one === '' ? null : one })}
          >
            <option value="">{say.every}</option>
            {verdicts.map((one) => (
              <option key={one} value={one}>
                {say.verdicts[one]}
              </option>
            ))}
          </Select>
        </div>
        <Paged of={pages} none={say.none} noneHint={say.noneHint}>
          {(visits) => <VisitRows visits={visits} />}
        </Paged>
      </section>
      <Objections />
    </Frame>
  )
}

function Objections() {
  const say = visitWords()
  const pages = usePages<Objection>('/objections', { state: 'open' })
  return (
    <section class="card review-list">
      <h2>{say.openObjections}</h2>
      <Paged of={pages} none={say.noObjections} noneHint={say.noObjectionsHint}>
        {(objections) => (
          <ul class="review-events">
            {objections.map(({ id, visitId, deviceId, reason, raisedAt }) => (
              <li key={id}>
                <a href={`${base}/review/visits/${visitId}${sameFilter(place.value.query)}`}>
                  <Name of="deviceId" id={deviceId} />
                </a>{' '}
                <Moment at={raisedAt} /> <span class="muted">{reason}</span>
              </li>
            ))}
          </ul>
        )}
      </Paged>
    </section>
  )
}
