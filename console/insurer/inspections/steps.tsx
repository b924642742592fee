import { useSignal } from '@preact/signals'
import { addDays, localDate, shanghai } from '../../../core/local-time.ts'
import { newKey, post } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import type { InspectionDetail } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'
import { itemOf, nameOf, wrongDate } from './sheet-state.ts'

export interface StepProps {
  readonly inspection: InspectionDetail
  readonly again: () => Promise<void>
}

/** Unverified default: what a maintainer can mend within its half-monthly visits. */
const usualDays = 14

export function StartInspection({ inspection: { id }, again }: StepProps) {
  const say = inspectionWords()
  const doing = useDoing()
  return (
    <section class="card review-list">
      <p class="muted">{say.startHint}</p>
      <Undone doing={doing} />
      <Button
        class="inspection-main"
        look="main"
        busy={doing.isBusy}
        onClick={() =>
          doing.act(async () => {
            await post(`/quality/inspections/${id}/start`, {}, newKey())
            await again()
          })
        }
      >
        {say.start}
      </Button>
    </section>
  )
}

/** All items are looked at: which defects become orders, by when, and the end. */
export function Finish({ inspection, again }: StepProps) {
  const say = inspectionWords()
  const doing = useDoing()
  const today = localDate(serverNow(), shanghai)
  const usual = addDays(today, usualDays)
  const defects = inspection.findings.filter(({ result }) => result === 'defect')
  const dates = useSignal<Readonly<Record<string, string>>>({})
  const note = useSignal('')
  const dateOf = (item: string) => dates.value[item] ?? usual
  const wrongOf = (item: string) => wrongDate(itemOf(inspection, item), dateOf(item), today)

  function finish(): void {
    const remedies = defects.flatMap(({ item }) => (dateOf(item) === '' ? [] : [{ item, dueOn: dateOf(item) }]))
    const body = { remedies, ...(note.value.trim() !== '' && { note: note.value.trim() }) }
    doing.act(async () => {
      await post(`/quality/inspections/${inspection.id}/finish`, body, newKey())
      await again()
    })
  }
  return (
    <section class="card review-list">
      <h2>{say.finishing}</h2>
      {defects.length === 0 ? <p class="muted">{say.noDefects}</p> : <p class="muted">{say.finishingHint}</p>}
      {defects.map(({ item }) => (
        <label key={item} class="field">
          <span>
            {nameOf(inspection, item)} · {say.mendBy}
          </span>
          <input
            type="date"
            min={today}
            value={dateOf(item)}
            onInput={({ currentTarget }) => {
              dates.value = { ...dates.value, [item]: currentTarget.value }
            }}
          />
          <DateNote wrong={wrongOf(item)} isOrder={dateOf(item) !== ''} />
        </label>
      ))}
      <Field label={say.overall} value={note} rows={2} maxLength={2_000} />
      <Undone doing={doing} />
      <Button
        class="inspection-main"
        look="main"
        busy={doing.isBusy}
        disabled={defects.some(({ item }) => wrongOf(item) !== null)}
        onClick={finish}
      >
        {say.finish}
      </Button>
    </section>
  )
}

function DateNote({ wrong, isOrder }: { readonly wrong: ReturnType<typeof wrongDate>; readonly isOrder: boolean }) {
  const say = inspectionWords()
  if (wrong !== null) {
    return (
      <span role="alert" class="wrong">
        ■ {say[wrong]}
      </span>
    )
  }
  return isOrder ? null : <span class="muted">{say.noOrder}</span>
}

/**
 * A locked machine room, a building that is closed: that is said, too.
 * @param isWaiting something that was said is not sent yet: it would never count
 */
export function GiveUp({ inspection: { id }, again, isWaiting }: StepProps & { readonly isWaiting: boolean }) {
  const say = inspectionWords()
  const doing = useDoing()
  const reason = useSignal('')
  return (
    <details class="card review-more">
      <summary>{say.notPossible}</summary>
      <div class="review-form">
        <Field label={say.whyNot} value={reason} rows={2} maxLength={500} />
        {isWaiting && <p class="muted">{say.finishLater}</p>}
        <Undone doing={doing} />
        <Button
          busy={doing.isBusy}
          disabled={isWaiting || reason.value.trim() === ''}
          onClick={() =>
            doing.act(async () => {
              await post(`/quality/inspections/${id}/not-possible`, { reason: reason.value.trim() }, newKey())
              await again()
            })
          }
        >
          {say.notPossible}
        </Button>
      </div>
    </details>
  )
}
