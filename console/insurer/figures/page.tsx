import { serverNow } from '../../shared/clock.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import type { PageProps } from '../../shared/page-props.ts'
import { base, place } from '../../shared/router.ts'
import { wordsOf } from '../definitions.ts'
import { ChangeText, Explained } from '../figure.tsx'
import { intervalText, places, valueText } from '../figure-text.ts'
import { askedFor, sameFilter } from '../filter.ts'
import { FilterBar } from '../filter-bar.tsx'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import { type Overview, readAllGroups, readTotal } from '../overview/read.ts'
import { Paged } from '../paged.tsx'
import { usePages } from '../use-pages.ts'
import type { Case, Definition, Group } from '../wire.ts'
import { words } from '../words.ts'
import { amountOf, casesByRecord, keyOfRecord, linkOfCase } from './cases.ts'
import { largestContributions } from './contributions.ts'
import { casesWords } from './figure-page-words.ts'

const largestShown = 5

/** One figure: how it is computed, where it comes from, and every record behind it. */
export function Page({ params: { kpi = '' } }: PageProps) {
  const asked = askedFor(place.value.query, serverNow())
  const { loaded } = useLoaded(() => readTotal(asked), { keys: [JSON.stringify(asked)] })
  const overview = loaded.value.value
  const definition = overview?.definitions.find(({ id }) => id === kpi)
  const say = casesWords()
  return (
    <Frame tab="overview" title={definition === undefined ? say.cases : wordsOf(definition).name}>
      <FilterBar isDated />
      <LoadState of={loaded.value} />
      {overview !== null && definition === undefined && <EmptyState title={say.unknownFigure} hint="" />}
      {overview !== null && definition !== undefined && (
        <>
          <div class="review-columns">
            <Summary overview={overview} definition={definition} />
            {definition.better !== null && (
              <Largest key={definition.id} definition={definition} asked={asked} total={overview.review.total} />
            )}
          </div>
          <Cases key={JSON.stringify([kpi, asked])} definition={definition} asked={asked} />
        </>
      )}
    </Frame>
  )
}

interface PartProps {
  readonly overview: Overview
  readonly definition: Definition
}

function Summary({ overview: { review }, definition }: PartProps) {
  const figure = review.total.kpis[definition.id]
  return (
    <section class="card review-summary">
      {figure !== undefined && figure.value !== null && (
        <>
          <p class="review-value">{valueText(figure.value, definition.unit)}</p>
          <p class="muted">
            {intervalText(figure, definition.unit)} · {words().elevatorsCount(review.total.elevators)}
          </p>
          <p>
            <ChangeText definition={definition} figure={figure} />
          </p>
        </>
      )}
      <Explained definition={definition} figure={figure} />
      <p class="muted">
        {words().asOf} <Moment at={review.asOf} />
        {review.pending > 0 && ` · ${words().pending(review.pending)}`}
      </p>
    </section>
  )
}

interface LargestProps {
  readonly definition: Definition
  readonly asked: Record<string, string>
  readonly total: Group
}

/** The elevators that pull the figure down most. */
function Largest({ definition, asked, total }: LargestProps) {
  const say = casesWords()
  const { id, unit } = definition
  const { loaded } = useLoaded(() => readAllGroups(asked, 'elevator', id), {
    keys: [JSON.stringify(asked)],
  })
  const worst = largestContributions(loaded.value.value ?? [], total.kpis[id], definition, largestShown)
  if (total.elevators < 2 || worst.length === 0) return null
  const filter = sameFilter(place.value.query)
  return (
    <section class="card">
      <h2>{say.largest}</h2>
      <p class="muted">{say.largestHint}</p>
      <table class="review-table">
        <tbody>
          {worst.map(({ id: device, kpis }) => {
            const figure = kpis[id]
            return (
              <tr key={device}>
                <th scope="row">
                  <a href={`${base}/review/elevators/${encodeURIComponent(device ?? '')}${filter}`}>
                    <Name of="deviceId" id={device ?? ''} />
                  </a>
                </th>
                <td class="review-number">
                  {figure?.value != null && valueText(figure.value, unit)}
                  <small class="muted">
                    {figure !== undefined && words().counted(places(figure.numerator), places(figure.denominator))}
                  </small>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function Cases({ definition, asked }: { readonly definition: Definition; readonly asked: Record<string, string> }) {
  const [say, common] = [casesWords(), words()]
  const pages = usePages<Case>(`/quality/kpis/${definition.id}/cases`, asked)
  return (
    <section class="card review-list">
      <h2>{say.cases}</h2>
      {definition.id === 'verified-visits' && (
        <a href={`${base}/review/visits${sameFilter(place.value.query, { verdict: 'not-proven' })}`}>
          {say.onlyNotProven}
        </a>
      )}
      <Paged of={pages} none={say.noCases} noneHint={say.noCasesHint}>
        {(items) => (
          <div class="review-wide">
            <table class="review-table">
              <thead>
                <tr>
                  <th scope="col">{common.time}</th>
                  <th scope="col">{common.elevator}</th>
                  <th scope="col">{say.countsAs}</th>
                  <th scope="col">{common.company}</th>
                  <th scope="col">{say.open}</th>
                </tr>
              </thead>
              <tbody>
                {casesByRecord(items).map((cases) => (
                  <CaseRow key={keyOfRecord(cases[0])} cases={cases} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Paged>
    </section>
  )
}

/** One record with all that it counts as. */
function CaseRow({ cases }: { readonly cases: readonly [Case, ...Case[]] }) {
  const [say, common] = [casesWords(), words()]
  const [{ at, deviceId, maintainerId, of }] = cases
  const filter = sameFilter(place.value.query)
  return (
    <tr>
      <td>
        <Moment at={at} />
      </td>
      <td>
        <a href={`${base}/review/elevators/${encodeURIComponent(deviceId)}${filter}`}>
          <Name of="deviceId" id={deviceId} />
        </a>
      </td>
      <td>{cases.map(countsAs).join(', ')}</td>
      <td>{maintainerId === null ? common.noCompany : <Name of="maintainerId" id={maintainerId} />}</td>
      <td>
        <a href={base + linkOfCase(cases[0], filter)}>{say.opens[of.type]}</a>
      </td>
    </tr>
  )
}

function countsAs(one: Case): string {
  const say: Readonly<Record<string, string>> = casesWords().what
  const amount = amountOf(one)
  const isDuration = ['respond', 'arrive', 'restore', 'overhaul'].includes(one.what)
  const text = amount === null ? '' : ` ${isDuration ? valueText(amount, 'seconds') : places(amount)}`
  return `${say[one.what] ?? one.what}${text}`
}
