import { base, place } from '../../shared/router.ts'
import { places } from '../figure-text.ts'
import { sameFilter } from '../filter.ts'
import { Name } from '../name.tsx'
import type { Inspection } from '../wire-records.ts'
import { words } from '../words.ts'
import { inspectionWords } from './inspection-words.ts'
import { ResultMark } from './result-mark.tsx'

interface InspectionRowsProps {
  readonly items: readonly Inspection[]
  /** All of one elevator, which the page names. */
  readonly isOfOne?: boolean
}

/** Inspections as a table. */
export function InspectionRows({ items, isOfOne = false }: InspectionRowsProps) {
  const [say, common] = [inspectionWords(), words()]
  return (
    <div class="review-wide">
      <table class="review-table review-stack">
        <thead>
          <tr>
            <th scope="col">{say.due}</th>
            {!isOfOne && <th scope="col">{common.elevator}</th>}
            <th scope="col">{say.kind}</th>
            <th scope="col">{say.state}</th>
            <th scope="col">{say.result}</th>
            <th scope="col">{common.company}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <a href={`${base}/review/inspections/${one.id}${sameFilter(place.value.query)}`}>{one.dueOn}</a>
              </th>
              {!isOfOne && (
                <td>
                  <Name of="deviceId" id={one.deviceId} />
                </td>
              )}
              <td>{say.kinds[one.kind]}</td>
              <td>{say.states[one.state]}</td>
              <td>
                <ResultMark of={one} /> {one.score !== null && places(one.score)}
              </td>
              <td>{one.maintainerId === null ? '' : <Name of="maintainerId" id={one.maintainerId} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
