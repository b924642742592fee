import { byteOrderMark, type Cell, csvLine } from '../../core/csv.ts'
import type { Inspection } from '../../core/inspection.ts'
import { shanghai, wallClock } from '../../core/local-time.ts'
import { type InSight, type InspectionFilter, type Operations, pagesOf } from '../../stores/operations/port.ts'

const pageSize = 500

type Column = readonly [name: string, of: (inspection: Inspection) => Cell]

/** Twice: as a clerk in Hangzhou reads it, and as a program does. */
function time(name: string, key: 'startedAt' | 'endedAt'): Column[] {
  return [
    [`${name}_local`, ({ [key]: at }) => (at === null ? null : localTimeOf(at))],
    [name, ({ [key]: at }) => (at === null ? null : new Date(at).toISOString())],
  ]
}

const columns: readonly Column[] = [
  ['inspection_id', ({ id }) => id],
  ['device_id', ({ deviceId }) => deviceId],
  ['kind', ({ kind }) => kind],
  ['state', ({ state }) => state],
  ['period', ({ period }) => period],
  ['due_on', ({ dueOn }) => dueOn],
  ...time('started_at', 'startedAt'),
  ...time('ended_at', 'endedAt'),
  ['inspector', ({ inspector }) => inspector],
  ['insurer_id', ({ insurerId }) => insurerId],
  ['maintainer_id', ({ maintainerId }) => maintainerId],
  ['score', ({ score }) => score],
  ['passed', ({ passed }) => passed],
  [
    'defects',
    ({ findings }) =>
      findings
        .filter(({ result }) => result === 'defect')
        .map(({ item }) => item)
        .join(';'),
  ],
  ['remedial_orders', ({ remedies }) => remedies.map(({ orderId }) => orderId).join(';')],
  ['recheck_of', ({ recheckOf }) => recheckOf],
  ['reason', ({ reason }) => reason],
  ['note', ({ note }) => note],
]

/** RFC 4180, with a header; what is due last first. The header comes with the first page, so that nothing is begun when the store is away. */
export async function* inspectionsCsv(
  operations: Operations,
  filter: InspectionFilter & InSight,
): AsyncGenerator<string> {
  let head = `${byteOrderMark}${csvLine(columns.map(([name]) => name))}`
  for await (const inspections of pagesOf(pageSize, (page) => operations.inspections({ ...filter, ...page }))) {
    yield head + inspections.map((inspection) => csvLine(columns.map(([, of]) => of(inspection)))).join('')
    head = ''
  }
}

function localTimeOf(at: number): string {
  return new Date(wallClock(at, shanghai)).toISOString().slice(0, 19).replace('T', ' ')
}
