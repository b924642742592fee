import { serverNow } from '../../shared/clock.ts'
import { Moment } from '../../shared/components/moment.tsx'
import { Select } from '../../shared/components/select.tsx'
import { findingTitle } from '../../shared/finding.ts'
import { base, place, setQuery } from '../../shared/router.ts'
import { askedFor, sameFilter } from '../filter.ts'
import { FilterBar } from '../filter-bar.tsx'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import { Paged } from '../paged.tsx'
import { usePages } from '../use-pages.ts'
import type { Overhaul, StandingWarning } from '../wire-records.ts'
import { OverhaulRows } from './overhaul-rows.tsx'
import { overhaulWords } from './overhaul-words.ts'

const states = ['proposed', 'approved', 'refused', 'done'] as const

/** Parts and overhauls that were proposed, and where nobody proposes anything. */
export function Page() {
  const say = overhaulWords()
  const { query } = place.value
  const state = states.find((one) => one === query.get('state'))
  const { from = '', to = '', maintainerId, deviceId } = askedFor(query, serverNow())
  const pages = usePages<Overhaul>('/overhauls', {
    ...{ from, to },
    ...(maintainerId !== undefined && { teamId: maintainerId }),
    ...(deviceId !== undefined && { deviceId }),
    ...(state !== undefined && { state }),
  })
  return (
    <Frame tab="overhauls">
      <FilterBar narrows={['maintainerId', 'deviceId']} />
      <section class="card review-list">
        <div class="review-bar">
          <Select label={say.state} value={state ?? ''} onChange={(one) => setQuery({ state: one || null })}>
            <option value="">{say.everyState}</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {say.states[one]}
              </option>
            ))}
          </Select>
        </div>
        <Paged of={pages} none={say.none} noneHint={say.noneHint}>
          {(items) => <OverhaulRows items={items} />}
        </Paged>
      </section>
      <Standing />
    </Frame>
  )
}

function Standing() {
  const say = overhaulWords()
  const pages = usePages<StandingWarning>('/overhauls/under-repair', {}, 20)
  return (
    <section class="card review-list">
      <h2>{say.standing}</h2>
      <p class="muted">{say.standingHint}</p>
      <Paged of={pages} none={say.standingNone} noneHint="">
        {(warnings) => (
          <ul class="review-events">
            {warnings.map(({ incidentId, deviceId, finding, summary, occurredAt }) => (
              <li key={incidentId}>
                <a href={`${base}/review/elevators/${encodeURIComponent(deviceId)}${sameFilter(place.value.query)}`}>
                  <Name of="deviceId" id={deviceId} />
                </a>{' '}
                {findingTitle(finding) ?? summary}{' '}
                <span class="muted">
                  {say.since} <Moment at={occurredAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Paged>
    </section>
  )
}
