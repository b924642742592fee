import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { keepPages } from '../../crew/install.ts'
import { get, NoAnswer } from '../../shared/api.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { forgetSheet, keepSheet, keptSheet } from '../../shared/kept-sheet.ts'
import { language } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import type { PageProps } from '../../shared/page-props.ts'
import { base, place } from '../../shared/router.ts'
import { hasRole, me } from '../../shared/session.ts'
import { ChainHistory } from '../chain-history.tsx'
import { places } from '../figure-text.ts'
import { sameFilter } from '../filter.ts'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import { insurerRoles } from '../roles.ts'
import type { InspectionDetail, ItemFinding } from '../wire-records.ts'
import { words } from '../words.ts'
import { Found } from './found.tsx'
import { inspectionWords } from './inspection-words.ts'
import { Photos } from './photos.tsx'
import { ResultMark } from './result-mark.tsx'
import { RiskParts } from './risk-parts.tsx'
import { ScoreItems } from './score-items.tsx'
import { criticalDefects } from './sheet-state.ts'
import { GiveUp, StartInspection } from './steps.tsx'
import { LeftUnsent, useUnsent } from './unsent-items.tsx'

/** One inspection: before it, in the car with a phone, and what became of it. */
export function Page({ params: { id = '' } }: PageProps) {
  const { loaded, again } = useLoaded(() => get<InspectionDetail>(`/quality/inspections/${id}`), { keys: [id] })
  const { value: read, problem } = loaded.value
  const accountId = me.value?.accountId ?? ''
  const inspection = read ?? (problem instanceof NoAnswer ? keptSheet<InspectionDetail>(accountId, id) : null)
  const isMine = hasRole(insurerRoles)
  const readAnew = async () => {
    await again()
    return loaded.peek().problem === null
  }
  const { unsent, send } = useUnsent(id, readAnew)
  const say = inspectionWords()
  const isInTheCar = isMine && inspection?.state === 'started'
  useEffect(() => {
    if (isInTheCar) keepPages()
  }, [isInTheCar])
  useEffect(() => {
    if (read === null || !me.value) return
    if (isMine && read.state === 'started') keepSheet(me.value, id, read)
    else forgetSheet(accountId, id)
  }, [read])
  // what was written down last is looked at first when the phone wakes up, or has a link again
  useEffect(() => {
    const look = () => document.visibilityState === 'visible' && again()
    document.addEventListener('visibilitychange', look)
    addEventListener('online', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      removeEventListener('online', look)
    }
  }, [id])
  return (
    <Frame tab="inspections" title={say.inspection}>
      <LoadState of={loaded.value} />
      {inspection !== null && (
        <>
          <Head inspection={inspection} />
          {isMine && inspection.state === 'planned' && <StartInspection inspection={inspection} again={again} />}
          {isInTheCar && <ScoreItems {...{ inspection, again, unsent, send }} />}
          {isMine && (inspection.state === 'planned' || inspection.state === 'started') && (
            <GiveUp {...{ inspection, again }} isWaiting={unsent.waiting.value.length > 0} />
          )}
          {(inspection.state === 'done' || inspection.state === 'not-possible') && (
            <LeftUnsent {...{ inspection, unsent }} />
          )}
          {inspection.findings.length > 0 && (inspection.state === 'done' || !isMine) && (
            <Findings inspection={inspection} />
          )}
          {inspection.risk !== null && <Risk risk={inspection.risk} />}
          <ChainHistory title={say.history} events={inspection.events} types={say.eventTypes} />
        </>
      )}
    </Frame>
  )
}

function Head({ inspection }: { readonly inspection: InspectionDetail }) {
  const [say, common] = [inspectionWords(), words()]
  const { deviceId, kind, state, dueOn, inspector, maintainerId, score, reason, note, recheckOf } = inspection
  return (
    <section class="card review-verdict">
      <p class="review-value">
        <a href={`${base}/review/elevators/${encodeURIComponent(deviceId)}${sameFilter(place.value.query)}`}>
          <Name of="deviceId" id={deviceId} />
        </a>
      </p>
      {state === 'done' && (
        <p class="review-value">
          <ResultMark of={inspection} /> {score !== null && <small class="muted">{say.scoreOf(places(score))}</small>}
        </p>
      )}
      {inspection.passed === false && <WhyNotPassed inspection={inspection} />}
      <dl class="review-pairs">
        <Pair name={say.kind}>{say.kinds[kind]}</Pair>
        <Pair name={say.state}>{say.states[state]}</Pair>
        <Pair name={say.due}>{dueOn}</Pair>
        {inspector !== null && <Pair name={say.inspector}>{inspector}</Pair>}
        {maintainerId !== null && (
          <Pair name={common.company}>
            <Name of="maintainerId" id={maintainerId} />
          </Pair>
        )}
        {reason !== null && <Pair name={say.whyNot}>{reason}</Pair>}
        {note !== null && <Pair name={say.overall}>{note}</Pair>}
      </dl>
      {recheckOf !== null && <a href={`${base}/review/inspections/${recheckOf}`}>{say.recheckOf}</a>}
    </section>
  )
}

function WhyNotPassed({ inspection }: { readonly inspection: InspectionDetail }) {
  const say = inspectionWords()
  const { sheet, score } = inspection
  const critical = criticalDefects(inspection).map(({ name }) => name[language.value])
  if (critical.length > 0) return <p>{say.notPassedFor(critical.join('; '))}</p>
  if (sheet === null || score === null || score >= sheet.passScore) return null
  return <p>{say.notPassedBelow(places(sheet.passScore))}</p>
}

function Pair({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Findings({ inspection }: { readonly inspection: InspectionDetail }) {
  const say = inspectionWords()
  const { findings, sheet, remedies } = inspection
  return (
    <section class="card review-list">
      <h2>{say.findings}</h2>
      {sheet === null && <p class="muted">{say.fromBooks}</p>}
      <ul class="inspection-found">
        {[...findings].sort(defectsFirst).map((finding) => (
          <li key={finding.item}>
            <Found inspection={inspection} finding={finding} />
            {remedies
              .filter((remedy) => remedy.item === finding.item)
              .map(({ orderId, dueOn }) => (
                <a key={orderId} href={`${base}/review/orders/${orderId}`}>
                  {say.orderDue(dueOn)}
                </a>
              ))}
            <Photos inspection={inspection} item={finding.item} />
          </li>
        ))}
      </ul>
    </section>
  )
}

const order = ['defect', 'ok', 'not-applicable'] as const

function defectsFirst(one: ItemFinding, other: ItemFinding): number {
  return order.indexOf(one.result) - order.indexOf(other.result)
}

function Risk({ risk }: { readonly risk: NonNullable<InspectionDetail['risk']> }) {
  const say = inspectionWords()
  return (
    <section class="card review-list">
      <h2>{say.whyChosen}</h2>
      <RiskParts risk={risk} />
    </section>
  )
}
