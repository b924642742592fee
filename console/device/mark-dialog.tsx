import type { ComponentChildren } from 'preact'
import { serverNow } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { titleOf } from '../shared/finding.ts'
import { setQuery } from '../shared/router.ts'
import type { Incident, WorkOrder } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import type { Mark } from './marks.ts'
import { around, zoomedTo } from './time-range.ts'
import { findingDetail } from './title.ts'
import type { Visit } from './wire.ts'
import { words } from './words.ts'

export function markTitle(mark: Mark): string {
  const say = words()
  if (mark.type === 'visit') return mark.visit.items.map(itemName).join(say.and)
  return titleOf(mark.type === 'finding' ? mark.incident : mark.order)
}

function itemName(item: string): string {
  return (words().items as Readonly<Record<string, string>>)[item] ?? item
}

/** What one mark, or several that lie together, mean. */
export function MarkDialog({ marks, onClose }: { readonly marks: readonly Mark[]; onClose(): void }) {
  const say = words()
  const [first] = marks
  if (first === undefined) return null
  const look = (mark: Mark) => {
    onClose()
    setQuery(zoomedTo(around(mark.at, mark.until, serverNow())))
  }
  return (
    <Dialog title={`${say.markTypes[first.type]} · ${marks.length}`} onClose={onClose}>
      {marks.map((mark) => (
        <article key={mark.key} class="mark-meaning">
          <h3>
            {mark.type !== 'visit' && (
              <SeverityMark of={mark.type === 'finding' ? mark.incident.severity : mark.order.severity} />
            )}{' '}
            {markTitle(mark)}
          </h3>
          {mark.type === 'finding' && <FindingFacts incident={mark.incident} />}
          {mark.type === 'order' && <OrderFacts order={mark.order} />}
          {mark.type === 'visit' && <VisitFacts visit={mark.visit} />}
          <Button onClick={() => look(mark)}>{say.lookAround}</Button>
        </article>
      ))}
    </Dialog>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function FindingFacts({ incident }: { readonly incident: Incident }) {
  const say = words()
  const { occurredAt, detectedAt, clearedAt, count, orderId, suppressed } = incident
  return (
    <>
      <p>{findingDetail(incident)}</p>
      <dl class="mark-facts">
        <Fact name={say.began}>
          <Moment at={occurredAt} />
        </Fact>
        <Fact name={say.detected}>
          <Moment at={detectedAt} /> · {say.reported(count)}
        </Fact>
        <Fact name={say.ended}>{clearedAt === null ? say.notOver : <Moment at={clearedAt} />}</Fact>
      </dl>
      <p class="muted">
        {suppressed !== null ? say.suppressedBy(suppressed.text) : orderId === null ? say.noOrder : say.hasOrder}
      </p>
    </>
  )
}

function OrderFacts({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const { state, raisedAt, arriveBy, arrivedAt, closedAt, note } = order
  const isLate = arriveBy !== null && arrivedAt !== null && arrivedAt > arriveBy
  return (
    <>
      <dl class="mark-facts">
        <Fact name={say.orderState}>{sharedWords().states[state]}</Fact>
        <Fact name={say.raised}>
          <Moment at={raisedAt} />
        </Fact>
        {arriveBy !== null && (
          <Fact name={say.arriveBy}>
            <Moment at={arriveBy} />
          </Fact>
        )}
        {arrivedAt !== null && (
          <Fact name={say.arrived}>
            <Moment at={arrivedAt} /> {isLate && <span class="wrong">{say.onsiteLate}</span>}
          </Fact>
        )}
        {closedAt !== null && (
          <Fact name={say.closed}>
            <Moment at={closedAt} />
          </Fact>
        )}
      </dl>
      {note !== null && <p>{note}</p>}
    </>
  )
}

function VisitFacts({ visit }: { readonly visit: Visit }) {
  const say = words()
  const { startedAt, endedAt, workers, verdict, verdictText, note } = visit
  return (
    <>
      <dl class="mark-facts">
        <Fact name={say.visitFrom}>
          <Moment at={startedAt} />
        </Fact>
        <Fact name={say.visitTo}>
          <Moment at={endedAt} />
        </Fact>
        {workers.length > 0 && <Fact name={say.visitBy}>{workers.join(say.and)}</Fact>}
        <Fact name={say.verdict}>{verdict === null ? say.verdictNone : say.verdicts[verdict]}</Fact>
      </dl>
      {verdictText !== null && <p class="muted">{verdictText}</p>}
      {note !== null && <p>{note}</p>}
    </>
  )
}
