import { useEffect, useMemo } from 'preact/hooks'
import { metricWords } from '../../core/evidence-words.ts'
import { now } from '../shared/clock.ts'
import { Chart } from '../shared/components/chart.tsx'
import { EmptyState } from '../shared/components/empty-state.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { SeverityMark } from '../shared/components/severity.tsx'
import { correctionOf } from '../shared/correction.ts'
import { detailOf, summaryOf, titleOf } from '../shared/finding.ts'
import { language } from '../shared/language.ts'
import { stateText } from '../shared/state-text.ts'
import { clockSeconds, clockTime } from '../shared/time.ts'
import type { Severity, WorkOrder } from '../shared/wire.ts'
import { words as sharedWords } from '../shared/words.ts'
import { plainMetric, unitOf } from './curve-data.ts'
import { chartOf } from './curve-model.ts'
import { Explanation } from './explanation.tsx'
import { telOf } from './order-row.tsx'
import { contactsOf, memberName, sitesOf, teamName, whereText } from './places.ts'
import { readSelected, type Selected, type SelectedCurve, selected } from './selected.ts'
import { type Goal, goalReachedAt, stepsOf, verdictOf } from './steps.ts'
import { manyOf, type TimelineLine, timelineOf } from './timeline.ts'
import { selectedOrder } from './view.ts'
import { words } from './words.ts'

/** What is behind the selected order: its curve, how to get in, whom to call, what was before, what happened. */
export function Detail() {
  const say = words()
  const order = selectedOrder.value
  useEffect(() => {
    // a burst of events is read once
    const soon = order === null ? undefined : setTimeout(readSelected, 50, order)
    return () => clearTimeout(soon)
  }, [order])
  if (order === null) return <EmptyState title={say.nothingSelected} hint={say.nothingSelectedHint} />
  const known = selected.value?.orderId === order.id ? selected.value : { orderId: order.id }
  return (
    <div class="detail">
      <h2>
        <SeverityMark of={order.severity} /> <bdi>{titleOf(order)}</bdi> <bdi class="muted">{whereText(order)}</bdi>
      </h2>
      <div class="detail-main">
        <Why known={known} />
        <CurveOf order={order} known={known} />
        {order.incidentId !== null && <Explanation key={order.incidentId} incidentId={order.incidentId} />}
        <PlanSteps order={order} />
      </div>
      <div class="detail-side">
        <Place order={order} />
        <Contacts order={order} />
        <History known={known} />
        <Timeline known={known} />
      </div>
    </div>
  )
}

interface PartProps {
  readonly order: WorkOrder
  readonly known: Selected
}

function Why({ known: { detail, incident } }: Pick<PartProps, 'known'>) {
  const say = words()
  const why = detail === undefined ? null : detailOf(detail)
  const verdict = detail === undefined ? null : verdictOf(detail.events)
  const collected = incident?.childCount ?? 0
  const parts = [why, collected > 0 ? say.collects(collected) : null]
  return (
    <p class="detail-why">
      {parts.filter((part) => part !== null).join(' · ')}
      {verdict !== null && <strong class="detail-verdict"> {say.verdicts[verdict]}</strong>}
    </p>
  )
}

function CurveOf({ order, known: { curve } }: PartProps) {
  const say = words()
  if (curve === undefined) return <p class="detail-no-curve muted">{sharedWords().loading}</p>
  if (curve === null) return <p class="detail-no-curve muted">{say.noCurve}</p>
  const { metric, limit } = curve
  const hasData = curve.curve.means.some((value) => value !== null)
  const unit = unitOf(metric)
  const limitText = limit === undefined ? '' : ` · ${say.limit(`${limit} ${unit}`)}`
  const title = `${say.curve(metricName(metric))}${unit === '' ? '' : ` (${unit})`}${limitText}`
  return (
    <figure class="detail-curve">
      <figcaption class="muted">{title}</figcaption>
      {hasData ? (
        <Drawn selected={curve} markedAt={Date.parse(order.occurredAt)} label={title} />
      ) : (
        <p class="detail-no-curve muted">{say.noReadings}</p>
      )}
    </figure>
  )
}

interface DrawnProps {
  readonly selected: SelectedCurve
  /** ms since 1970 */
  readonly markedAt: number
  readonly label: string
}

function Drawn({ selected: { curve, limit, metric }, markedAt, label }: DrawnProps) {
  const { noData } = sharedWords()
  const text = limit === undefined ? '' : words().limit(`${limit} ${unitOf(metric)}`)
  const model = useMemo(
    () => chartOf(curve, { limit, limitText: text, markedAt, noData }),
    [curve, markedAt, text, noData],
  )
  return <Chart model={model} label={label} height={200} />
}

function metricName(metric: string): string {
  const word = (metricWords as Readonly<Record<string, string | { readonly name: string }>>)[metric]
  if (language.value === 'en' || word === undefined) return plainMetric(metric)
  return typeof word === 'string' ? word : word.name
}

function PlanSteps({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const steps = stepsOf(order)
  if (steps.length === 0 || order.plan === null) return null
  const begin = Date.parse(order.upgradedAt ?? order.detectedAt)
  const goals = [...new Set(steps.map(({ goal }) => goal))]
  return (
    <section>
      <h3>
        {say.responsePlan}: {order.plan.name[language.value]}
      </h3>
      <ol class="detail-steps">
        {goals.map((goal) => {
          const reachedAt = goalReachedAt(order, goal)
          const times = steps.filter((step) => step.goal === goal).map(({ minutes }) => begin + minutes * 60_000)
          const isMissed = reachedAt === null && Math.min(...times) < now.peek()
          return (
            <li key={goal} class={isMissed ? 'order-nobody' : reachedAt === null ? '' : 'good'}>
              {isMissed ? '▲' : reachedAt === null ? '○' : '✓'} {say.goals[goal]} ≤{' '}
              {times.map((at) => clockTime(at, now.peek())).join(' / ')}
              {reachedAt !== null && ` · ${say.reached} ${clockTime(Date.parse(reachedAt), now.peek())}`}
            </li>
          )
        })}
      </ol>
    </section>
  )
}

/** How to get in, and what is agreed: from the smallest place that says it. */
function Place({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const around = sitesOf(order)
  const said = [
    [say.entrance, around.find(({ entrance }) => entrance !== null)?.entrance],
    [say.plan, around.find(({ emergencyPlan }) => emergencyPlan !== null)?.emergencyPlan],
  ].flatMap(([name, text]) => (text ? [{ name, text }] : []))
  if (said.length === 0) return null
  return (
    <dl class="detail-place">
      {said.map(({ name, text }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{text}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Contacts({ order }: { readonly order: WorkOrder }) {
  const say = words()
  const contacts = contactsOf(order)
  return (
    <section>
      <h3>{say.contacts}</h3>
      {contacts.length === 0 && <p class="muted">{say.noContacts}</p>}
      <ul class="detail-contacts">
        {contacts.map(({ role, name, phone }) => (
          <li key={`${role} ${phone} ${name}`}>
            {say.contactRoles[role]} <bdi>{name}</bdi> {phone !== null && <a href={telOf(phone)}>{phone}</a>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function History({ known: { history } }: { readonly known: Selected }) {
  const say = words()
  if (history === undefined) return null
  return (
    <section>
      <h3>{say.history}</h3>
      {history.length === 0 && <p class="muted">{say.noHistory}</p>}
      <ul>
        {history.map((order) => (
          <li key={order.id}>
            <SeverityMark of={order.severity} shapeOnly /> <bdi>{titleOf(order)}</bdi> ·{' '}
            <Moment at={order.detectedAt} /> · {stateText(order)}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Timeline({ known: { detail } }: { readonly known: Selected }) {
  const say = words()
  if (detail === undefined) return null
  const lines = timelineOf(detail.events)
  return (
    <section class="detail-timeline">
      <h3>{say.timeline}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and a keyboard must reach that */}
      <ol tabIndex={0} aria-label={say.timeline}>
        {lines.reverse().map((line, index) => (
          <li key={lines.length - index}>
            <time dateTime={line.event.at}>{clockSeconds(Date.parse(line.event.at))}</time>{' '}
            {say.events[line.event.type]} <bdi class="muted">{saidOf(line)}</bdi>
          </li>
        ))}
      </ol>
    </section>
  )
}

/** Who did it, and what was said with it; whatever else an event holds is for programs. */
function saidOf({ event, count }: TimelineLine): string {
  const say = words()
  const { actor, type, data } = event
  const text = (name: string) => (typeof data[name] === 'string' ? String(data[name]) : null)
  const isOurs = actor === 'liftwatt'
  const goal = text('goal')
  const parts = [
    isOurs ? null : actor,
    teamName(text('teamId')),
    text('technicianName') ?? memberName(text('technicianId')),
    severityOf(text('to')) ?? text('to'),
    type === 'escalated' && goal !== null && Object.hasOwn(say.goals, goal)
      ? say.missed(say.goals[goal as Goal])
      : null,
    data.action === 'told-nobody' ? say.toldNobody : null,
    data.action === 'moved' ? say.moved(text('fromSiteId'), text('siteId')) : null,
    data.evidence === undefined ? null : say.evidenceKept(count),
    correctionOf(data),
    manyOf(event) === 'merge' ? say.tookOver(count) : null,
    // the service gives its reasons in English
    ...(isOurs ? [] : [text('note'), text('reason'), summaryOf({ summary: text('summary') ?? '' })]),
  ]
  return parts.filter((part) => part !== null && part !== '').join(' · ')
}

/** What an order became more severe to, where it is that. */
function severityOf(name: string | null): string | null {
  const { severities } = sharedWords()
  return name !== null && Object.hasOwn(severities, name) ? severities[name as Severity] : null
}
