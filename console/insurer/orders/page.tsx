import { get } from '../../shared/api.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { SeverityMark } from '../../shared/components/severity.tsx'
import { correctionOf } from '../../shared/correction.ts'
import { findingFigures, summaryOf, titleOf } from '../../shared/finding.ts'
import { useLoaded } from '../../shared/loaded.ts'
import type { PageProps } from '../../shared/page-props.ts'
import { base, place } from '../../shared/router.ts'
import { progressText } from '../../shared/state-text.ts'
import type { Page as ListPage, WorkOrderDetail } from '../../shared/wire.ts'
import { words as sharedWords } from '../../shared/words.ts'
import { EvidenceFiles } from '../evidence-files.tsx'
import { sameFilter } from '../filter.ts'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import { Corrections } from './corrections.tsx'
import { orderWords } from './order-words.ts'

interface EvidenceItem {
  readonly part: string
  readonly name: string
  readonly sha256: string
  readonly bytes: number
}

const hourMs = 3_600_000
/** A curve of months shows nothing of the minutes that count. */
const longestMs = 24 * hourMs

/** One order with its times, its cause and its evidence, for who did not work on it. */
export function Page({ params: { id = '' } }: PageProps) {
  const { loaded } = useLoaded(
    async () => {
      const order = await get<WorkOrderDetail>(`/work-orders/${id}`)
      const { items } = await get<ListPage<EvidenceItem>>(`/work-orders/${id}/evidence`)
      return { order, evidence: items }
    },
    { keys: [id] },
  )
  const known = loaded.value.value
  return (
    <Frame tab="overview" title={known === null ? orderWords().order : titleOf(known.order)}>
      <LoadState of={loaded.value} />
      {known !== null && (
        <>
          <Where order={known.order} />
          <div class="review-columns">
            <Times order={known.order} />
            <Ending order={known.order} />
          </div>
          {known.order.state === 'closed' && <Corrections order={known.order} />}
          <Curves order={known.order} />
          <Evidence items={known.evidence} />
          <Events order={known.order} />
        </>
      )}
    </Frame>
  )
}

interface PartProps {
  readonly order: WorkOrderDetail
}

function Where({ order }: PartProps) {
  const { deviceId, severity, type, evidence } = order
  const figures = findingFigures(evidence) ?? summaryOf(order)
  return (
    <p class="review-scope">
      <SeverityMark of={severity} />
      <span>{orderWords().types[type]}</span>
      <span>{progressText(order)}</span>
      {deviceId !== null && (
        <a href={`${base}/review/elevators/${encodeURIComponent(deviceId)}${sameFilter(place.value.query)}`}>
          <Name of="deviceId" id={deviceId} />
        </a>
      )}
      <span class="muted">{figures}</span>
    </p>
  )
}

function Times({ order }: PartProps) {
  const say = orderWords()
  const { arriveBy, arrivedAt } = order
  const isLate = arriveBy !== null && arrivedAt !== null && Date.parse(arrivedAt) > Date.parse(arriveBy)
  const rows = [
    [say.occurred, order.occurredAt],
    [say.detected, order.detectedAt],
    [say.accepted, order.acceptedAt],
    ...(arriveBy === null ? [] : [[say.arriveBy, arriveBy] as const]),
    [say.arrived, arrivedAt],
    [say.restored, order.restoredAt],
    order.cancelledAt === null
      ? ([say.closed, order.closedAt] as const)
      : ([say.cancelled, order.cancelledAt] as const),
  ] as const
  return (
    <section class="card review-list">
      <h2>{say.times}</h2>
      <dl class="review-pairs">
        {rows.map(([name, at]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {at === null ? <span class="muted">{say.notYet}</span> : <Moment at={at} />}
              {name === say.arrived && arriveBy !== null && arrivedAt !== null && (
                <strong class={isLate ? 'standing-worse' : 'standing-better'}>
                  {' '}
                  {isLate ? `✕ ${sharedWords().late}` : `✓ ${say.inTime}`}
                </strong>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Ending({ order: { causeClass, outcome, parts, note, followsId, teamId } }: PartProps) {
  const say = orderWords()
  return (
    <section class="card review-list">
      <h2>{say.outcome}</h2>
      <dl class="review-pairs">
        <div>
          <dt>{say.cause}</dt>
          <dd>{causeClass === null ? say.notSaid : sharedWords().causes[causeClass]}</dd>
        </div>
        <div>
          <dt>{say.outcome}</dt>
          <dd>{outcome === null ? say.notYet : sharedWords().outcomes[outcome]}</dd>
        </div>
        {teamId !== null && (
          <div>
            <dt>{say.crew}</dt>
            <dd>
              <Name of="maintainerId" id={teamId} />
            </dd>
          </div>
        )}
        {parts.length > 0 && (
          <div>
            <dt>{say.parts}</dt>
            <dd>{parts.map(({ name, quantity }) => `${name} × ${quantity}`).join('; ')}</dd>
          </div>
        )}
        {note !== null && (
          <div>
            <dt>{say.note}</dt>
            <dd>{note}</dd>
          </div>
        )}
      </dl>
      {followsId !== null && <a href={`${base}/review/orders/${followsId}`}>{say.follows}</a>}
    </section>
  )
}

function Curves({ order: { deviceId, occurredAt, restoredAt } }: PartProps) {
  if (deviceId === null) return null
  const say = orderWords()
  const at = Date.parse(occurredAt)
  const until = Math.min(Date.parse(restoredAt ?? occurredAt), at + longestMs)
  const iso = (time: number) => new Date(time).toISOString()
  const span = new URLSearchParams({ from: iso(at - hourMs), to: iso(until + hourMs) })
  return (
    <section class="card review-next">
      <a class="button button-main" href={`${base}/devices/${encodeURIComponent(deviceId)}?${span}`}>
        {say.curve}
      </a>
      <span class="muted">{say.curveHint}</span>
    </section>
  )
}

function Evidence({ items }: { readonly items: readonly EvidenceItem[] }) {
  const say = orderWords()
  return (
    <section class="card review-list">
      <h2>{say.evidence}</h2>
      <p class="muted">{items.length === 0 ? say.noEvidence : say.evidenceHint}</p>
      <EvidenceFiles items={items} />
    </section>
  )
}

function Events({ order: { events } }: PartProps) {
  const say = orderWords()
  return (
    <section class="card review-list">
      <h2>{say.what}</h2>
      <ol class="review-events">
        {events.map(({ at, type, actor, data }) => (
          <li key={`${at} ${type} ${JSON.stringify(data)}`}>
            <Moment at={at} /> <strong>{say.steps[type]}</strong>{' '}
            <span class="muted">
              {[actor, correctionOf(data), data.action === 'correct' ? data.reason : data.note]
                .filter((said) => typeof said === 'string')
                .join(' · ')}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
