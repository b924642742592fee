import { useMemo } from 'preact/hooks'
import { get, list } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { Chart } from '../../shared/components/chart.tsx'
import { LoadState } from '../../shared/components/doing.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { language } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import type { PageProps } from '../../shared/page-props.ts'
import { base, place } from '../../shared/router.ts'
import { clockTime } from '../../shared/time.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { sameFilter } from '../filter.ts'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import type { ObjectionDetail, Visit, VisitCurve } from '../wire-records.ts'
import { words } from '../words.ts'
import { ObjectionPart } from './objection.tsx'
import { VerdictMark } from './verdict-mark.tsx'
import { verdictSentences } from './verdict-text.ts'
import { drawnOf } from './visit-curve.ts'
import { visitWords } from './visit-words.ts'

interface Known {
  readonly visit: Visit
  readonly curve: VisitCurve
  /** Null = there is none. */
  readonly objection: ObjectionDetail | null
}

/** One claimed visit: what telemetry says of it, the curve behind that, and what was objected. */
export function Page({ params: { id = '' } }: PageProps) {
  const { loaded, again } = useLoaded(() => read(id), { keys: [id] })
  const known = loaded.value.value
  return (
    <Frame tab="visits" title={visitWords().visit}>
      <LoadState of={loaded.value} />
      {known !== null && (
        <>
          <VerdictPart visit={known.visit} />
          <CurvePart visit={known.visit} curve={known.curve} />
          <ObjectionPart visit={known.visit} objection={known.objection} again={again} />
        </>
      )}
    </Frame>
  )
}

async function read(id: string): Promise<Known> {
  const [visit, curve, objection] = await Promise.all([
    get<Visit>(`/visits/${id}`),
    get<VisitCurve>(`/visits/${id}/readings`),
    readObjection(id),
  ])
  return { visit, curve, objection }
}

async function readObjection(visitId: string): Promise<ObjectionDetail | null> {
  const known = await list('/objections', { visitId })
  return known.length === 0 ? null : get<ObjectionDetail>(`/visits/${visitId}/objection`)
}

function VerdictPart({ visit }: { readonly visit: Visit }) {
  const [say, common] = [visitWords(), words()]
  const [from, to] = [Date.parse(visit.startedAt), Date.parse(visit.endedAt)]
  const filter = sameFilter(place.value.query)
  return (
    <section class="card review-verdict">
      <p class="review-value">
        <VerdictMark of={visit.verdict} decision={visit.decision ?? null} />
      </p>
      <p>{verdictSentences(visit).join(language.value === 'en' ? ' ' : '')}</p>
      <dl class="review-pairs">
        <div>
          <dt>{common.elevator}</dt>
          <dd>
            <a href={`${base}/review/elevators/${encodeURIComponent(visit.deviceId)}${filter}`}>
              <Name of="deviceId" id={visit.deviceId} />
            </a>
          </dd>
        </div>
        <div>
          <dt>{common.company}</dt>
          <dd>{visit.teamId === null ? common.noCompany : <Name of="maintainerId" id={visit.teamId} />}</dd>
        </div>
        <div>
          <dt>{say.claimedAs}</dt>
          <dd>{say.spanOf(clockTime(from, serverNow()), clockTime(to, from), Math.round((to - from) / 60_000))}</dd>
        </div>
        <div>
          <dt>{say.work}</dt>
          <dd>{visit.items.map((item) => say.items[item]).join(', ')}</dd>
        </div>
        <div>
          <dt>{say.workers}</dt>
          <dd>
            {visit.workers.length === 0 ? say.nobodyNamed : visit.workers.join(', ')}
            {visit.workers.length < 2 && <span class="standing-unsure"> ⚠ {say.oneNamed}</span>}
          </dd>
        </div>
        <div>
          <dt>{say.claimed}</dt>
          <dd>
            <Moment at={visit.claimedAt} /> {say.by(visit.claimedBy)}
          </dd>
        </div>
      </dl>
    </section>
  )
}

function CurvePart({ visit, curve }: { readonly visit: Visit; readonly curve: VisitCurve }) {
  const say = visitWords()
  const { noData } = sharedWords()
  const drawn = useMemo(
    () => drawnOf(curve, { from: Date.parse(visit.startedAt), to: Date.parse(visit.endedAt) }, noData),
    [curve, visit, noData],
  )
  const span = new URLSearchParams({ from: curve.from, to: curve.to })
  const summary = verdictSentences(visit).join(' ')
  return (
    <section class="card review-list">
      <h2>{say.curve}</h2>
      <p class="muted">{say.curveHint}</p>
      {drawn === null && <p class="standing-unsure">? {say.noCurve}</p>}
      {drawn !== null && (
        <>
          <Chart model={drawn.strip} label={`${say.curve}: ${summary}`} together="visit" />
          {drawn.floor !== null && (
            <figure class="review-figure">
              <figcaption class="muted">{say.floor}</figcaption>
              <Chart model={drawn.floor} label={say.floor} height={140} together="visit" />
            </figure>
          )}
          <p>
            {drawn.counts.trips !== undefined && `${say.countedRuns}: ${drawn.counts.trips}`}
            {drawn.counts.doorCycles !== undefined && ` · ${say.countedDoors}: ${drawn.counts.doorCycles}`}
          </p>
        </>
      )}
      <a href={`${base}/devices/${encodeURIComponent(visit.deviceId)}?${span}`}>{say.everything}</a>
    </section>
  )
}
