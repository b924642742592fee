import type { ComponentChildren } from 'preact'
import { localDate, shanghai } from '../../core/local-time.ts'
import { serverNow } from '../shared/clock.ts'
import { Select } from '../shared/components/select.tsx'
import { place, setQuery } from '../shared/router.ts'
import {
  asOfDate,
  type Narrowing,
  narrowedBy,
  narrowing,
  type Period,
  periodNames,
  periodOf,
  unreadIn,
} from './filter.ts'
import { useName } from './name.tsx'
import { words } from './words.ts'

interface FilterBarProps {
  /** The figures can be asked for as they were known on a day. */
  readonly isDated?: boolean
  /** What this page can be narrowed to. */
  readonly narrows?: readonly Narrowing[]
  readonly children?: ComponentChildren
}

/** The period, and what the figures are narrowed to; all of it stands in the address. */
export function FilterBar({ isDated = false, narrows = narrowing, children }: FilterBarProps) {
  const say = words()
  const { query } = place.value
  const period = periodOf(query, serverNow())
  return (
    <search class="review-filters">
      <Select
        label={say.period}
        value={period.name ?? 'own'}
        onChange={(name) =>
          setQuery(name === 'own' ? { period: null, ...datesOf(period) } : { period: name, from: null, to: null })
        }
      >
        {periodNames.map((name) => (
          <option key={name} value={name}>
            {say.periods[name]}
          </option>
        ))}
        <option value="own">{say.ownDates}</option>
      </Select>
      {period.name === null && <OwnDates period={period} />}
      <SpanText period={period} isPaper={period.name === null} />
      {isDated && <AsKnownOn />}
      {unreadIn(query, serverNow()).map((what) => (
        <p key={what} role="alert" class="wrong">
          ■ {say.unread[what]}
        </p>
      ))}
      <ul class="review-chips">
        {narrowedBy(query)
          .filter(({ name }) => narrows.includes(name))
          .map(({ name, id }) => (
            <Chip key={name} name={name} id={id} />
          ))}
      </ul>
      {children}
    </search>
  )
}

/** @param isPaper the fields say it on the screen */
function SpanText({ period, isPaper }: { readonly period: Period; readonly isPaper: boolean }) {
  const { from, to } = datesOf(period)
  return <p class={`muted review-span ${isPaper ? 'review-paper' : ''}`}>{words().spanText(from, to)}</p>
}

function OwnDates({ period }: { readonly period: Period }) {
  const say = words()
  const { from, to } = datesOf(period)
  const field = (label: string, name: 'from' | 'to', value: string) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="date"
        value={value}
        onChange={({ currentTarget: { value: date } }) => {
          // a period that ends before it begins is the day that was said last
          const next = { from, to, [name]: date }
          if (date !== '') setQuery(next.from <= next.to ? next : { from: date, to: date })
        }}
      />
    </label>
  )
  return (
    <>
      {field(say.from, 'from', from)}
      {field(say.to, 'to', to)}
    </>
  )
}

function Chip({ name, id }: ReturnType<typeof narrowedBy>[number]) {
  const say = words()
  const known = useName(name, id)
  const text = say.onlyOf[name](known)
  return (
    <li>
      <button
        type="button"
        class="review-chip"
        aria-label={say.removeFilter(text)}
        onClick={() => setQuery({ [name]: null })}
      >
        {text} <span aria-hidden="true">✕</span>
      </button>
    </li>
  )
}

/** Figures as they were known at the end of a day: what came later is left out. */
function AsKnownOn() {
  return (
    <label class="field">
      <span>{words().asKnownOn}</span>
      <input
        type="date"
        value={asOfDate(place.value.query) ?? ''}
        onChange={({ currentTarget }) => setQuery({ asOf: currentTarget.value || null })}
      />
    </label>
  )
}

/** Both inclusive, and none ahead. */
function datesOf({ from, to }: Period): { from: string; to: string } {
  const last = localDate(Math.min(to - 1, serverNow()), shanghai)
  const first = localDate(from, shanghai)
  return { from: first, to: last < first ? first : last }
}
