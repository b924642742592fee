import { useSignal } from '@preact/signals'
import { Button } from '../../shared/components/button.tsx'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { base, place, setQuery } from '../../shared/router.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { wordsOf } from '../definitions.ts'
import { HowComputed, MoreButton, StandingMark, Value } from '../figure.tsx'
import { intervalText, places, valueText } from '../figure-text.ts'
import { type Grouping, groupingOf, groupings, narrowedTo, sameFilter } from '../filter.ts'
import { Name } from '../name.tsx'
import { sortedBy, standingOf, worseIn, worstFirst } from '../standing.ts'
import type { Definition, Group } from '../wire.ts'
import { words } from '../words.ts'
import { type MonthOfHealth, type Overview, readGroups, readHealth } from './read.ts'
import { Trend } from './trend.tsx'

const columns = [
  ...(['entrapment-rate', 'failure-rate', 'arrived-in-30-minutes'] as const),
  ...(['maintenance-on-time', 'verified-visits', 'repeat-faults'] as const),
]
const shownAtOnce = 50
/** With less, a figure rests on little: it is said beside it. Unverified default. */
const wellCovered = 0.9

interface ComparisonProps {
  readonly overview: Overview
  readonly asked: Record<string, string>
}

/** Companies, estates or elevators beside each other; what can be told apart is marked, the worst stands on top. */
export function Comparison({ overview, asked }: ComparisonProps) {
  const say = words()
  const { query } = place.value
  const grouping = groupingOf(query)
  return (
    <section class="card review-comparison" aria-label={say.comparison}>
      <div class="review-bar">
        <fieldset class="review-choice">
          <legend class="unseen">{say.groupBy}</legend>
          {groupings.map((name) => (
            <Button key={name} pressed={name === grouping} onClick={() => setQuery({ by: name, q: null })}>
              {say.groupings[name]}
            </Button>
          ))}
        </fieldset>
        <label class="review-find">
          <span class="unseen">{say.find}</span>
          <input
            type="search"
            placeholder={say.find}
            value={query.get('q') ?? ''}
            onInput={({ currentTarget }) => setQuery({ q: currentTarget.value === '' ? null : currentTarget.value })}
          />
        </label>
        <p class="muted">{say.marksHint}</p>
      </div>
      <Groups key={grouping} {...{ overview, asked, grouping }} />
    </section>
  )
}

function Groups({ overview, asked, grouping }: ComparisonProps & { readonly grouping: Grouping }) {
  const say = words()
  const { query } = place.value
  const { definitions, review } = overview
  const most = useSignal(shownAtOnce)
  const keys = [JSON.stringify(asked), grouping]
  const sort = columns.find((id) => id === query.get('sort')?.replace(/^-/, '')) ?? 'verified-visits'
  const { loaded } = useLoaded(() => readGroups(asked, { by: grouping, kpis: columns, sort }), {
    keys: [...keys, sort],
  })
  const { loaded: health } = useLoaded(
    () => (grouping === 'elevator' ? Promise.resolve([]) : readHealth(asked, grouping)),
    { keys },
  )
  const read = loaded.value.value
  if (read === null) return <LoadState of={loaded.value} />
  const figures = columns.flatMap((id) => definitions.find((one) => one.id === id) ?? [])
  const text = query.get('q')?.trim().toLowerCase() ?? ''
  // rooms have no figures of elevators
  const groups = grouping === 'elevator' ? read.groups.filter(({ elevators }) => elevators > 0) : read.groups
  const among = amongOf(groups, grouping)
  const found = ordered(groups, review.total, figures, { sort: query.get('sort'), among }).filter((group) =>
    [nameText(group, grouping), group.id ?? ''].some((one) => one.toLowerCase().includes(text)),
  )
  if (found.length === 0) return <EmptyState title={say.noneMatch} hint={say.noneMatchHint} />
  return (
    <>
      {read.groupsInAll > read.groups.length && (
        <p class="muted">{say.onlyWorst(read.groups.length, read.groupsInAll)}</p>
      )}
      <div class="review-wide">
        <table class="review-table">
          <Head figures={figures} total={review.total} hasTrend={grouping !== 'elevator'} />
          <tbody>
            {found.slice(0, most.value).map((group) => (
              <Row
                key={group.id ?? ''}
                {...{ group, grouping, figures, among }}
                total={review.total}
                ranked={rankedIn(groups, figures)}
                months={health.value.value}
              />
            ))}
          </tbody>
        </table>
      </div>
      <MoreButton left={found.length - most.value} onClick={() => (most.value += shownAtOnce)} />
    </>
  )
}

/** Figures by which some can be told apart: where all share one rank, it says nothing. */
function rankedIn(groups: readonly Group[], figures: readonly Definition[]): ReadonlySet<string> {
  return new Set(figures.map(({ id }) => id).filter((id) => groups.some(({ kpis }) => (kpis[id]?.rank ?? 1) > 1)))
}

/** Companies are few, and each is looked at for itself; of many places and elevators some stand out by chance. */
function amongOf(groups: readonly Group[], grouping: Grouping): number {
  return grouping === 'maintainer' ? 1 : Math.max(1, groups.length)
}

interface Order {
  readonly sort: string | null
  readonly among: number
}

function ordered(
  groups: readonly Group[],
  total: Group,
  figures: readonly Definition[],
  { sort, among }: Order,
): Group[] {
  const by = figures.find(({ id }) => id === sort || `-${id}` === sort)
  return by === undefined
    ? worstFirst(groups, total, figures, among)
    : sortedBy(groups, by, sort?.startsWith('-') ?? false)
}

interface HeadProps {
  readonly figures: readonly Definition[]
  readonly total: Group
  readonly hasTrend: boolean
}

function Head({ figures, total, hasTrend }: HeadProps) {
  const say = words()
  const sort = place.value.query.get('sort')
  return (
    <thead>
      <tr>
        <th scope="col" aria-sort={sort === null ? 'descending' : undefined}>
          <button type="button" class="review-sort" onClick={() => setQuery({ sort: null })}>
            {say.name}
            {sort === null && <small> · {say.worstFirst}</small>}
          </button>
        </th>
        <th scope="col" class="review-number">
          {say.elevators}
        </th>
        {figures.map((definition) => {
          const { id } = definition
          const { name, unit } = wordsOf(definition)
          const isRate = definition.unit === 'per-elevator-year' || definition.unit === 'per-100-elevators-month'
          const state = sort === id ? 'descending' : sort === `-${id}` ? 'ascending' : undefined
          return (
            <th key={id} scope="col" class="review-number" aria-sort={state}>
              <button
                type="button"
                class="review-sort"
                aria-label={say.sortBy(name)}
                onClick={() => setQuery({ sort: sort === id ? `-${id}` : id })}
              >
                {name}
                {state !== undefined && <span aria-hidden="true"> {state === 'descending' ? '↓' : '↑'}</span>}
              </button>
              <small class="muted">
                {isRate && unit} <HowComputed definition={definition} figure={total.kpis[id]} />
              </small>
            </th>
          )
        })}
        {hasTrend && (
          <th scope="col" title={say.oneScale}>
            {say.healthTrend}
          </th>
        )}
      </tr>
    </thead>
  )
}

interface RowProps {
  readonly group: Group
  readonly grouping: Grouping
  readonly figures: readonly Definition[]
  readonly among: number
  readonly total: Group
  readonly ranked: ReadonlySet<string>
  /** Null = not there yet; empty = not for these groups. */
  readonly months: readonly MonthOfHealth[] | null
}

function Row({ group, grouping, figures, among, total, ranked, months }: RowProps) {
  const say = words()
  const { query } = place.value
  const worse = worseIn(group, total, figures, among)
  const own = group.id === null ? null : sameFilter(query, narrowedTo(grouping, group.id))
  return (
    <tr>
      <th scope="row">
        {own === null || group.id === null ? (
          <span class="muted">{nameText(group, grouping)}</span>
        ) : (
          <a href={base + insideOf(grouping, group.id, own)}>
            {grouping === 'elevator' ? <Name of="deviceId" id={group.id} /> : nameText(group, grouping)}
          </a>
        )}
        {worse.length > 0 && <p class="standing-worse">⚠ {say.worseIn(worse.length)}</p>}
        {group.standardised != null && <Against of={group.standardised} />}
      </th>
      <td class="review-number">
        {group.elevators.toLocaleString('en-US')}
        {group.others > 0 && <small class="muted">{say.rooms(group.others)}</small>}
      </td>
      {figures.map((definition) => (
        <Cell
          key={definition.id}
          {...{ definition, group, total, among }}
          filter={own}
          isRanked={ranked.has(definition.id)}
        />
      ))}
      {months?.length !== 0 && (
        <td>
          {months === null ? (
            <span class="muted">{sharedWords().loading}</span>
          ) : (
            <Trend name={nameText(group, grouping)} group={group.id} months={months} />
          )}
        </td>
      )}
    </tr>
  )
}

/** A company with old, tall and busy elevators has more faults: what counts is how many more than its like. */
function Against({ of: { observed, expected, ratio, interval } }: { readonly of: NonNullable<Group['standardised']> }) {
  const say = words()
  if (ratio === null) return null
  const span = intervalText({ value: ratio, numerator: 0, denominator: 0, coverage: null, interval }, 'points')
  return (
    <p class="muted" title={say.againstTitle(observed, places(expected))}>
      {say.against(places(ratio))}
      {span !== '' && ` (${span})`}
    </p>
  )
}

interface CellProps {
  readonly definition: Definition
  readonly group: Group
  readonly total: Group
  readonly among: number
  readonly filter: string | null
  readonly isRanked: boolean
}

function Cell({ definition, group, total, among, filter, isRanked }: CellProps) {
  const say = words()
  const { id, unit } = definition
  const figure = group.kpis[id]
  const interval = figure === undefined ? '' : intervalText(figure, unit)
  const remarks = [
    ...(isRanked && figure?.rank != null ? [say.rank(figure.rank)] : []),
    ...(figure?.coverage != null && figure.coverage < wellCovered
      ? [say.coverage(valueText(figure.coverage, 'share'))]
      : []),
  ]
  return (
    <td class="review-number">
      <StandingMark of={standingOf(figure, total.kpis[id], definition, among)} />{' '}
      {filter === null && figure !== undefined && figure.value !== null ? (
        valueText(figure.value, unit)
      ) : (
        <Value definition={definition} figure={figure} href={`/review/figures/${id}${filter ?? ''}`} />
      )}
      <small class="muted">{interval}</small>
      <small class="muted">{remarks.join(' · ')}</small>
    </td>
  )
}

/** One level down: a company's elevators, an estate's, an elevator's whole history. */
function insideOf(grouping: Grouping, id: string, filter: string): string {
  if (grouping === 'elevator') return `/review/elevators/${encodeURIComponent(id)}${sameFilter(place.value.query)}`
  return `/review${filter}&by=elevator`
}

function nameText({ id, name }: Group, grouping: Grouping): string {
  return name ?? id ?? words().nobody[grouping]
}
