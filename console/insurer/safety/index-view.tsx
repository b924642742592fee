import { type IndexPart, indexParts, meanParts } from '../../../core/estate-index.ts'
import { addMonths, localDate, shanghai } from '../../../core/local-time.ts'
import { get } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Select } from '../../shared/components/select.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { base, place, setQuery } from '../../shared/router.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { places } from '../figure-text.ts'
import { sameFilter } from '../filter.ts'
import type { EstateIndex, EstateIndices } from '../wire-records.ts'
import { safetyWords } from './safety-words.ts'
import { Weights } from './weights.tsx'

const months = 12

/** Estates by their index, the lowest first; or one of them month by month. */
export function IndexView() {
  const say = safetyWords()
  const { query } = place.value
  const siteId = query.get('siteId')
  const first = `${localDate(serverNow(), shanghai).slice(0, 7)}-01`
  const shown = Array.from({ length: months }, (_, back) => addMonths(first, -back).slice(0, 7))
  const month = shown.find((one) => one === query.get('month')) ?? shown[0] ?? ''
  const { loaded, again } = useLoaded(
    () =>
      siteId === null
        ? get<EstateIndices>('/quality/indices', { month })
        : get<EstateIndices>(`/quality/indices/${encodeURIComponent(siteId)}`, { months }),
    { keys: [siteId, month] },
  )
  const known = loaded.value.value
  return (
    <>
      <div class="review-bar">
        {siteId === null ? (
          <Select label={say.month} value={month} onChange={(one) => setQuery({ month: one })}>
            {shown.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </Select>
        ) : (
          <a href={`${base}/review/safety${sameFilter(query, { siteId: null })}`}>{say.allEstates}</a>
        )}
        <p class="muted">{say.indexHint}</p>
      </div>
      <LoadState of={loaded.value} />
      {known?.items.length === 0 && <EmptyState title={say.none} hint={say.noneHint} />}
      {known !== null && known.items.length > 0 && (
        <section class="card review-list">
          {siteId !== null && <h2>{say.historyOf(known.items[0]?.name ?? siteId)}</h2>}
          <IndexTable items={known.items} isOfOne={siteId !== null} />
        </section>
      )}
      {known !== null && <Weights weights={known.weights} again={again} />}
    </>
  )
}

interface IndexTableProps {
  readonly items: readonly EstateIndex[]
  /** Months of one estate; else estates of one month. */
  readonly isOfOne: boolean
}

function IndexTable({ items, isOfOne }: IndexTableProps) {
  const say = safetyWords()
  return (
    <div class="review-wide">
      <table class="review-table">
        <thead>
          <tr>
            <th scope="col">{isOfOne ? say.month : say.estate}</th>
            <th scope="col" class="review-number">
              {say.score}
            </th>
            {indexParts.map((part) => (
              <th key={part} scope="col" class="review-number">
                {say.parts[part]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <IndexRow key={`${item.siteId} ${item.month}`} item={item} isOfOne={isOfOne} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function IndexRow({ item, isOfOne }: { readonly item: EstateIndex; readonly isOfOne: boolean }) {
  const say = safetyWords()
  const { siteId, name, month, score, parts } = item
  return (
    <tr>
      <th scope="row">
        {isOfOne ? (
          month
        ) : (
          <a href={`${base}/review/safety${sameFilter(place.value.query, { siteId })}`}>{name ?? siteId}</a>
        )}
      </th>
      <td class="review-number">
        {score === null ? <span class="muted">{say.unknown}</span> : <strong>{places(score)}</strong>}
      </td>
      {indexParts.map((wanted) => {
        const part = parts.find((one) => one.part === wanted)
        return (
          <td key={wanted} class="review-number">
            {part === undefined || part.score === null ? (
              <span class="muted">{sharedWords().noData}</span>
            ) : (
              <>
                <PartScore part={wanted} siteId={siteId} month={month}>
                  {places(part.score)}
                </PartScore>
                {part.lost > 0 && <span class="standing-worse"> {say.lost(places(part.lost))}</span>}
                <small class="muted">
                  {meanParts.includes(wanted)
                    ? say.meanOf(places(part.denominator))
                    : say.made(places(part.numerator), places(part.denominator))}{' '}
                  · {say.weightOf(places(part.weight))}
                </small>
              </>
            )}
          </td>
        )
      })}
    </tr>
  )
}

interface PartScoreProps {
  readonly part: IndexPart
  readonly siteId: string
  readonly month: string
  readonly children: string
}

const figureOf = { health: 'mean-health', response: 'arrived-in-30-minutes', inspection: 'inspection-score' } as const

/** What a part is made of is a figure of the review, or the rooms. */
function PartScore({ part, siteId, month, children }: PartScoreProps) {
  const last = new Date(Date.parse(`${addMonths(`${month}-01`, 1)}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
  // an inspection speaks for a quarter
  const first = part === 'inspection' ? addMonths(`${month}-01`, -2) : `${month}-01`
  const filter = `?${new URLSearchParams({ siteId, from: first, to: last })}`
  if (part === 'hazards') return <>{children}</>
  const path =
    part === 'electricity' ? `/review/safety${filter}&view=rooms` : `/review/figures/${figureOf[part]}${filter}`
  return <a href={base + path}>{children}</a>
}
