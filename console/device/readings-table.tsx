import { useMemo } from 'preact/hooks'
import { serverNow } from '../shared/clock.ts'
import { clockTime } from '../shared/time.ts'
import type { MetricBucket } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import type { Drawn } from './chart-models.ts'
import { isPerEvent, measure, metricName, stateText, unitOf } from './metrics.ts'
import { words } from './words.ts'

const mostRows = 200

/**
 * What the curves draw, in figures; the newest first. A time without data is a row that says so; a dash stands where there was no ride or
 * door cycle to measure.
 */
export function ReadingsTable({ drawn: { windows, heard, quiet } }: { readonly drawn: Drawn }) {
  const [say, common] = [words(), sharedWords()]
  const columns = useMemo(
    () => [...windows].map(([metric, all]) => [metric, new Map(all.map((one) => [Date.parse(one.at), one]))] as const),
    [windows],
  )
  const rows = [
    ...heard.map((at) => ({ at, until: null as number | null })),
    ...quiet.map(({ from: at, to: until }) => ({ at, until })),
  ]
  rows.sort((one, other) => other.at - one.at)
  const time = (at: number) => clockTime(at, serverNow())
  return (
    <>
      <p class="muted">{say.rowsShown(Math.min(mostRows, rows.length), rows.length)}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach that */}
      <section class="readings-table" aria-label={say.table} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say.time}</th>
              {columns.map(([metric]) => (
                <th key={metric} scope="col">
                  {metricName(metric)} <span class="muted">{unitOf(metric)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, mostRows).map(({ at, until }) => (
              <tr key={`${at} ${until}`} class={until === null ? '' : 'row-quiet'}>
                <th scope="row">{time(at)}</th>
                {until === null ? (
                  columns.map(([metric, byStart]) => (
                    <td key={metric}>{cell(metric, byStart.get(at)) ?? (isPerEvent(metric) ? '–' : common.noData)}</td>
                  ))
                ) : (
                  <td colSpan={columns.length}>{say.noDataFrom(time(at), time(until))}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

function cell(metric: string, window: MetricBucket | undefined): string | undefined {
  if (window === undefined) return undefined
  return window.mean === null ? stateText(metric, window.last) : measure(window.mean, '')
}
