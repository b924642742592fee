import { Moment } from '../../shared/components/moment.tsx'
import { base, place } from '../../shared/router.ts'
import { valueText, yuanText } from '../figure-text.ts'
import { sameFilter } from '../filter.ts'
import { Name } from '../name.tsx'
import type { Overhaul } from '../wire-records.ts'
import { words } from '../words.ts'
import { overhaulWords } from './overhaul-words.ts'

const looks = {
  proposed: 'standing-unsure',
  approved: 'standing-better',
  refused: 'muted',
  done: 'standing-better',
} as const
const shapes = { proposed: '?', approved: '✓', refused: '✕', done: '✓' } as const

export function OverhaulState({ of: { state } }: { readonly of: Pick<Overhaul, 'state'> }) {
  return (
    <span class={looks[state]}>
      <span aria-hidden="true">{shapes[state]}</span> {overhaulWords().states[state]}
    </span>
  )
}

export function whatOf({ type, part }: Pick<Overhaul, 'type' | 'part'>): string {
  return part === null ? overhaulWords().types[type] : `${overhaulWords().types[type]}: ${part}`
}

interface OverhaulRowsProps {
  readonly items: readonly Overhaul[]
  /** All of one elevator, which the page names. */
  readonly isOfOne?: boolean
}

/** Proposals as a table. */
export function OverhaulRows({ items, isOfOne = false }: OverhaulRowsProps) {
  const [say, common] = [overhaulWords(), words()]
  return (
    <div class="review-wide">
      <table class="review-table">
        <thead>
          <tr>
            <th scope="col">{say.what}</th>
            {!isOfOne && <th scope="col">{common.elevator}</th>}
            <th scope="col">{common.company}</th>
            <th scope="col">{say.proposed}</th>
            <th scope="col">{say.state}</th>
            <th scope="col" class="review-number">
              {say.estimate}
            </th>
            <th scope="col" class="review-number">
              {say.settled}
            </th>
            <th scope="col" class="review-number">
              {say.lead}
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <a href={`${base}/review/overhauls/${one.id}${sameFilter(place.value.query)}`}>{whatOf(one)}</a>
              </th>
              {!isOfOne && (
                <td>
                  <Name of="deviceId" id={one.deviceId} />
                </td>
              )}
              <td>{one.teamId === null ? common.noCompany : <Name of="maintainerId" id={one.teamId} />}</td>
              <td>
                <Moment at={one.proposedAt} />
              </td>
              <td>
                <OverhaulState of={one} />
              </td>
              <td class="review-number">{yuanText(one.estimatedFen)}</td>
              <td class="review-number">{one.settledFen === null ? '' : yuanText(one.settledFen)}</td>
              <td class="review-number">{one.leadSeconds === null ? '' : valueText(one.leadSeconds, 'seconds')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
