import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { metricName, unitOf } from '../../device/metrics.ts'
import { get, newKey, post } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import type { PageProps } from '../../shared/page-props.ts'
import { base, place } from '../../shared/router.ts'
import { hasRole } from '../../shared/session.ts'
import { ChainHistory } from '../chain-history.tsx'
import { EvidenceFiles } from '../evidence-files.tsx'
import { places, valueText, yuanText } from '../figure-text.ts'
import { sameFilter } from '../filter.ts'
import { Frame } from '../frame.tsx'
import { Name } from '../name.tsx'
import { insurerRoles } from '../roles.ts'
import type { OverhaulDetail } from '../wire-records.ts'
import { words } from '../words.ts'
import { OverhaulState, whatOf } from './overhaul-rows.tsx'
import { overhaulWords } from './overhaul-words.ts'
import { fenOf } from './yuan.ts'

const monthMs = 30 * 86_400_000

/** One proposal: what is behind it, what to look at twice, the decision. */
export function Page({ params: { id = '' } }: PageProps) {
  const { loaded, again } = useLoaded(() => get<OverhaulDetail>(`/overhauls/${id}`), { keys: [id] })
  const overhaul = loaded.value.value
  const say = overhaulWords()
  return (
    <Frame tab="overhauls" title={overhaul === null ? say.overhaul : whatOf(overhaul)}>
      <LoadState of={loaded.value} />
      {overhaul !== null && (
        <>
          <Facts of={overhaul} />
          <Behind of={overhaul} />
          {overhaul.state === 'proposed' && <Decision of={overhaul} again={again} />}
          {overhaul.state === 'approved' && hasRole(['operator', 'maintainer']) && <Done of={overhaul} again={again} />}
          <ChainHistory title={say.history} events={overhaul.events} types={say.eventTypes} />
        </>
      )}
    </Frame>
  )
}

interface PartProps {
  readonly of: OverhaulDetail
}

function Facts({ of }: PartProps) {
  const [say, common] = [overhaulWords(), words()]
  const { deviceId, teamId, reason, estimatedFen, settledFen, leadSeconds, expectedLifeDays, partNumber } = of
  const { decisionReason, decidedBy, decidedAt, proposedAt, proposedBy } = of
  const rows: [string, ComponentChildren][] = [
    [
      common.elevator,
      <a key="device" href={`${base}/review/elevators/${encodeURIComponent(deviceId)}${sameFilter(place.value.query)}`}>
        <Name of="deviceId" id={deviceId} />
      </a>,
    ],
    [common.company, teamId === null ? common.noCompany : <Name key="team" of="maintainerId" id={teamId} />],
    [
      say.proposed,
      <span key="proposed">
        <Moment at={proposedAt} /> {proposedBy}
      </span>,
    ],
    [say.estimate, yuanText(estimatedFen)],
    ...(settledFen === null ? [] : [[say.settled, yuanText(settledFen)] as [string, string]]),
    ...(expectedLifeDays === null ? [] : [[say.life, valueText(expectedLifeDays, 'days')] as [string, string]]),
    ...(partNumber === null ? [] : [[say.partNumber, partNumber] as [string, string]]),
    [say.lead, leadSeconds === null ? say.notDone : valueText(leadSeconds, 'seconds')],
  ]
  return (
    <section class="card review-verdict">
      <p class="review-value">
        <OverhaulState of={of} />
      </p>
      <p>{reason}</p>
      <dl class="review-pairs">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {decisionReason !== null && decidedAt !== null && (
        <p>
          <strong>{decisionReason}</strong>{' '}
          <span class="muted">
            {say.decidedBy(decidedBy ?? '')} <Moment at={decidedAt} />
          </span>
        </p>
      )}
    </section>
  )
}

function Behind({ of }: PartProps) {
  const say = overhaulWords()
  const { deviceId, orderId, incidentId, forecast, hints, evidence, proposedAt } = of
  const at = Date.parse(proposedAt)
  const iso = (time: number) => new Date(time).toISOString()
  const span = new URLSearchParams({ from: iso(at - monthMs), to: iso(at) })
  return (
    <section class="card review-list">
      <h2>{say.behind}</h2>
      {hints.map((hint) => (
        <p key={hint.hint} class="standing-unsure">
          ⚠ {say.lookTwice}:{' '}
          {hint.hint === 'repeat-part'
            ? say.hints['repeat-part'](hint.usedDays, hint.lifeDays)
            : say.hints['over-repair'](hint.lookedBackDays)}{' '}
          {hint.hint === 'repeat-part' && <a href={`${base}/review/overhauls/${hint.beforeId}`}>{say.earlier}</a>}
        </p>
      ))}
      {forecast !== null && (
        <p>
          {say.forecast} ({forecast.day}): {forecastText(forecast)}
        </p>
      )}
      {orderId !== null && <a href={`${base}/review/orders/${orderId}`}>{say.openOrder}</a>}
      {orderId === null && incidentId === null && forecast === null && <p class="muted">{say.nothingBehind}</p>}
      <a href={`${base}/devices/${encodeURIComponent(deviceId)}?${span}`}>{say.openCurves}</a>
      {evidence.length > 0 && (
        <>
          <h3>{say.evidence}</h3>
          <EvidenceFiles items={evidence.map((sha256) => ({ name: sha256.slice(0, 12), sha256 }))} />
        </>
      )}
    </section>
  )
}

function forecastText({ quantity, level, limit, lowDays, highDays }: NonNullable<OverhaulDetail['forecast']>): string {
  const say = overhaulWords()
  const measure = (value: number) => `${places(value)} ${unitOf(quantity)}`.trim()
  if (lowDays === null || highDays === null)
    return say.forecastNone(metricName(quantity), measure(level), measure(limit))
  return say.forecastText(metricName(quantity), measure(level), measure(limit), places(lowDays), places(highDays))
}

interface StepProps extends PartProps {
  readonly again: () => Promise<void>
}

function Decision({ of: { id, estimatedFen }, again }: StepProps) {
  const say = overhaulWords()
  const doing = useDoing()
  const [reason, amount, isWrong] = [useSignal(''), useSignal(String(estimatedFen / 100)), useSignal(false)]
  if (!hasRole(insurerRoles)) return <p class="muted">{say.waits}</p>

  function decide(decision: 'approved' | 'refused'): void {
    const settledFen = fenOf(amount.value)
    isWrong.value = decision === 'approved' && settledFen === null
    if (isWrong.value) return
    const body = { decision, reason: reason.value.trim(), ...(decision === 'approved' && { settledFen }) }
    doing.act(async () => {
      await post(`/overhauls/${id}/decide`, body, newKey())
      await again()
    })
  }
  const isEmpty = reason.value.trim() === ''
  return (
    <section class="card review-form">
      <h2>{say.decide}</h2>
      <Field label={say.decisionReason} value={reason} rows={2} maxLength={500} />
      <Field label={say.settle} value={amount} />
      {isWrong.value && <p class="wrong">■ {say.wrongAmount}</p>}
      <Undone doing={doing} />
      <div class="review-bar">
        <Button look="main" busy={doing.isBusy} disabled={isEmpty} onClick={() => decide('approved')}>
          {say.approve}
        </Button>
        <Button busy={doing.isBusy} disabled={isEmpty} onClick={() => decide('refused')}>
          {say.refuse}
        </Button>
      </div>
    </section>
  )
}

function Done({ of: { id }, again }: StepProps) {
  const say = overhaulWords()
  const doing = useDoing()
  const note = useSignal('')
  return (
    <section class="card review-form">
      <Field label={say.doneNote} value={note} rows={2} maxLength={2_000} />
      <Undone doing={doing} />
      <Button
        look="main"
        busy={doing.isBusy}
        onClick={() =>
          doing.act(async () => {
            await post(`/overhauls/${id}/done`, note.value.trim() === '' ? {} : { note: note.value.trim() }, newKey())
            await again()
          })
        }
      >
        {say.markDone}
      </Button>
    </section>
  )
}
