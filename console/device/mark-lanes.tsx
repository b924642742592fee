import { useState } from 'preact/hooks'
import { serverNow } from '../shared/clock.ts'
import type { Span } from '../shared/components/chart-data.ts'
import { plotEdges } from '../shared/components/chart-model.ts'
import { shapes } from '../shared/components/severity.tsx'
import { clockTime } from '../shared/time.ts'
import { words as sharedWords } from '../shared/words.ts'
import { MarkDialog, markTitle } from './mark-dialog.tsx'
import { type Mark, markTypes, type PlacedMarks, placed, worstOf } from './marks.ts'
import { words } from './words.ts'

/** Findings, orders and visits where they are on the time axis; each opens what it means. */
export function MarkLanes({ marks, span }: { readonly marks: readonly Mark[]; readonly span: Span }) {
  const [opened, setOpened] = useState<readonly Mark[] | null>(null)
  const say = words()
  const apart = matchMedia('(max-width: 700px)').matches ? 0.16 : 0.03
  return (
    <>
      {markTypes.map((type) => {
        const spots = placed(
          marks.filter((mark) => mark.type === type),
          span,
          apart,
        )
        if (spots.length === 0) return null
        return (
          <fieldset key={type} class="mark-lane" aria-label={say.markTypes[type]}>
            <span class="mark-lane-name muted" aria-hidden="true">
              {say.markTypes[type]}
            </span>
            <div
              class="mark-lane-spots"
              style={{ marginLeft: `${plotEdges.left}px`, marginRight: `${plotEdges.right}px` }}
            >
              {spots.map((spot) => (
                <Spot key={spot.marks[0]?.key} spot={spot} onOpen={setOpened} />
              ))}
            </div>
          </fieldset>
        )
      })}
      {opened !== null && <MarkDialog marks={opened} onClose={() => setOpened(null)} />}
    </>
  )
}

function Spot({
  spot: { share, marks },
  onOpen,
}: {
  readonly spot: PlacedMarks
  onOpen(marks: readonly Mark[]): void
}) {
  const severity = worstOf(marks)
  return (
    <button
      type="button"
      class={`mark ${severity === null ? 'mark-visit' : `severity-${severity}`}`}
      style={{ left: `clamp(14px, ${share * 100}%, calc(100% - 14px))` }}
      aria-label={labelOf(marks)}
      title={labelOf(marks)}
      onClick={() => onOpen(marks)}
    >
      <span aria-hidden="true">{severity === null ? '✓' : shapes[severity]}</span>
      {marks.length > 1 && <span aria-hidden="true">{marks.length}</span>}
    </button>
  )
}

function labelOf(marks: readonly Mark[]): string {
  const [first] = marks
  if (first === undefined) return ''
  const severity = worstOf(marks)
  const said = [markTitle(first), clockTime(first.at, serverNow())]
  if (severity !== null) said.unshift(sharedWords().severities[severity])
  return marks.length === 1 ? said.join(' · ') : `${words().markCount(marks.length)}: ${said.join(' · ')}`
}
