import { serverNow } from '../../shared/clock.ts'
import { base, place } from '../../shared/router.ts'
import { clockTime } from '../../shared/time.ts'
import { sameFilter } from '../filter.ts'
import { Name } from '../name.tsx'
import type { Visit } from '../wire-records.ts'
import { words } from '../words.ts'
import { VerdictMark } from './verdict-mark.tsx'
import { visitWords } from './visit-words.ts'

interface VisitRowsProps {
  readonly visits: readonly Visit[]
  /** All of one elevator, which the page names. */
  readonly isOfOne?: boolean
}

/** Claimed visits as a table. */
export function VisitRows({ visits, isOfOne = false }: VisitRowsProps) {
  const [say, common] = [visitWords(), words()]
  return (
    <div class="review-wide">
      <table class="review-table">
        <thead>
          <tr>
            <th scope="col">{say.claimedAs}</th>
            {!isOfOne && <th scope="col">{common.elevator}</th>}
            <th scope="col">{common.company}</th>
            <th scope="col">{say.work}</th>
            <th scope="col">{say.verdict}</th>
          </tr>
        </thead>
        <tbody>
          {visits.map((visit) => (
            <tr key={visit.id}>
              <th scope="row">
                <a href={`${base}/review/visits/${visit.id}${sameFilter(place.value.query)}`}>
                  {clockTime(Date.parse(visit.startedAt), serverNow())}–
                  {clockTime(Date.parse(visit.endedAt), Date.parse(visit.startedAt))}
                </a>
              </th>
              {!isOfOne && (
                <td>
                  <Name of="deviceId" id={visit.deviceId} />
                </td>
              )}
              <td>{visit.teamId === null ? common.noCompany : <Name of="maintainerId" id={visit.teamId} />}</td>
              <td>{visit.items.map((item) => say.items[item]).join(', ')}</td>
              <td>
                <VerdictMark of={visit.verdict} decision={visit.decision ?? null} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
