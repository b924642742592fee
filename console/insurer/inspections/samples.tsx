import { useSignal } from '@preact/signals'
import { localDate, shanghai, startOfDate } from '../../../core/local-time.ts'
import { request } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { base } from '../../shared/router.ts'
import { hasRole } from '../../shared/session.ts'
import { Name } from '../name.tsx'
import { Paged } from '../paged.tsx'
import { insurerRoles } from '../roles.ts'
import { usePages } from '../use-pages.ts'
import type { Sample, SampledElevator } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'

/** What was published before each month, and what anyone can draw again when it is over. */
export function SamplesView() {
  const say = inspectionWords()
  const pages = usePages<Sample>('/quality/samples', {}, 12)
  return (
    <Paged of={pages} none={say.samplesNone} noneHint={say.samplesNoneHint}>
      {(samples) => samples.map((sample) => <OneSample key={sample.id} sample={sample} again={pages.again} />)}
    </Paged>
  )
}

/** Months that have begun, of which nobody is drawn until somebody enters the public value; nothing where there are none. */
export function SamplesWaiting() {
  const say = inspectionWords()
  const samples = usePages<Sample>('/quality/samples', {}, 12).items ?? []
  const thisMonth = localDate(serverNow(), shanghai).slice(0, 7)
  const waiting = samples.filter((sample) => isOpenToValue(sample) && sample.publicValue === null)
  const months = [...new Set(waiting.map(({ month }) => month).filter((month) => month <= thisMonth))]
  if (months.length === 0) return null
  return (
    <p class="card">
      <a class="standing-unsure" href={`${base}/review/inspections?view=samples`}>
        ⚠ {say.samplesWaiting(months.sort().join(', '))}
      </a>
    </p>
  )
}

function isOpenToValue({ publicSource, drawnAt, revealedAt }: Sample): boolean {
  return publicSource !== null && drawnAt === null && revealedAt === null
}

interface OneSampleProps {
  readonly sample: Sample
  readonly again: () => unknown
}

function OneSample({ sample, again }: OneSampleProps) {
  const say = inspectionWords()
  const isOpen = useSignal(false)
  const { id, insurerId, month, count, populationSize, committedAt, seed, seedSha256, populationSha256 } = sample
  const { publicSource, publicValue, drawnAt } = sample
  const mixedIn = publicValue === null ? '' : ` --public-value '${publicValue}'`
  const takesValue = isOpenToValue(sample)
  return (
    <section class="card review-list">
      <h2>
        {month} <Name of="insurerId" id={insurerId} />
      </h2>
      <dl class="review-facts">
        {count !== null && populationSize !== null && (
          <div>
            <dt>{say.drawn}</dt>
            <dd>{say.countOf(count, populationSize)}</dd>
          </div>
        )}
        <div>
          <dt>{say.commitment}</dt>
          <dd>
            <code>{seedSha256}</code>
            <br />
            <Moment at={committedAt} />
            {Date.parse(committedAt) >= startOfDate(`${month}-01`, shanghai) && (
              <span class="standing-unsure"> ⚠ {say.committedLate}</span>
            )}
          </dd>
        </div>
        <div>
          <dt>{say.population}</dt>
          <dd>
            <code>{populationSha256}</code>
          </dd>
        </div>
        {publicSource !== null && (
          <div>
            <dt>{say.publicValue}</dt>
            <dd>
              {publicValue === null ? (
                <span class="standing-unsure">⚠ {takesValue ? say.publicValueMissing : say.publicValueNever}</span>
              ) : (
                <code>{publicValue}</code>
              )}
              <br />
              <span class="muted">{publicSource}</span>
            </dd>
          </div>
        )}
        <div>
          <dt>{say.seed}</dt>
          <dd>{seed === null ? <span class="muted">{say.seedHidden}</span> : <code>{seed}</code>}</dd>
        </div>
      </dl>
      {takesValue && hasRole(insurerRoles) && <PublicValue of={sample} again={again} />}
      {seed !== null && drawnAt !== null && (
        <>
          <h3>{say.rerun}</h3>
          <p class="muted">{say.rerunHint}</p>
          <pre class="review-code">
            {`printf %s '${seed}' | sha256sum\nliftwatt sample --seed '${seed}'${mixedIn} --month ${month}${count === null ? '' : ` --count ${count}`} --commitment ${seedSha256} elevators.txt`}
          </pre>
        </>
      )}
      <Button pressed={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        {say.elevatorsDrawn}
      </Button>
      {isOpen.value && <Elevators sampleId={id} />}
    </section>
  )
}

function PublicValue({ of: { id, publicValue }, again }: { readonly of: Sample; readonly again: () => unknown }) {
  const say = inspectionWords()
  const doing = useDoing()
  const written = useSignal(publicValue ?? '')

  function enter(event: Event): void {
    event.preventDefault()
    doing.act(async () => {
      await request('PUT', `/quality/samples/${id}/public-value`, { body: { publicValue: written.value.trim() } })
      await again()
    })
  }
  return (
    <form class="review-form" onSubmit={enter}>
      <Field label={say.publicValueAsPublished} value={written} required maxLength={200} isCode />
      <Undone doing={doing} />
      <Button type="submit" busy={doing.isBusy}>
        {say.enter}
      </Button>
    </form>
  )
}

function Elevators({ sampleId }: { readonly sampleId: string }) {
  const say = inspectionWords()
  const pages = usePages<SampledElevator>(`/quality/samples/${sampleId}/elevators`, {}, 100)
  return (
    <Paged of={pages} none={say.samplesNone} noneHint="">
      {(elevators) => (
        <ul class="review-events">
          {elevators.map(({ deviceId, drawn }) => (
            <li key={deviceId}>
              <a href={`${base}/review/elevators/${encodeURIComponent(deviceId)}`}>{deviceId}</a>{' '}
              {drawn !== null && (
                <span class={drawn ? 'standing-better' : 'muted'}>{drawn ? `✓ ${say.wasDrawn}` : say.notDrawn}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Paged>
  )
}
