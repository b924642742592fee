import type { Signal } from '@preact/signals'
import { Button } from '../../shared/components/button.tsx'
import { Field } from '../../shared/components/field.tsx'
import { draftOf } from '../../shared/drafts.ts'
import { language } from '../../shared/language.ts'
import { me } from '../../shared/session.ts'
import { places } from '../figure-text.ts'
import { PhotoButton } from '../photo-button.tsx'
import type { ItemFinding, SheetItem } from '../wire-records.ts'
import { inspectionWords } from './inspection-words.ts'
import { Photos } from './photos.tsx'
import { lacksOf, lostPoints } from './sheet-state.ts'
import { Finish, type StepProps } from './steps.tsx'
import { type UnsentSheet, withUnsent } from './unsent.ts'
import { Refused } from './unsent-items.tsx'

const results = ['ok', 'defect', 'not-applicable'] as const
const mostDefects = 100

interface ScoreItemsProps extends StepProps {
  readonly unsent: UnsentSheet
  readonly send: () => Promise<void>
}

/** The sheet in the car: one item after the other, each kept by this phone as it is tapped, and sent while there is a link. */
export function ScoreItems({ inspection: known, again, unsent, send }: ScoreItemsProps) {
  const say = inspectionWords()
  const inspection = withUnsent(known, unsent.items.value)
  const waiting = unsent.waiting.value.map(({ finding }) => finding.item)

  function keep(finding: ItemFinding): void {
    unsent.say(finding)
    send()
  }
  const items = inspection.sheet?.items ?? []
  const lacking = items
    .map((item) => ({ item, lacks: lacksOf(item, inspection) }))
    .filter(({ lacks }) => lacks.length > 0)
  const looked = items.filter(({ id }) => inspection.findings.some(({ item }) => item === id)).length
  return (
    <>
      <p class="inspection-progress" role="status">
        <strong>{say.progress(looked, items.length)}</strong>
        {inspection.sheet !== null && (
          <span class="muted">
            {' '}
            · {inspection.sheet.name[language.value]}, {say.sheetVersion(inspection.sheet.version)}
          </span>
        )}
        {waiting.length > 0 && <span class="standing-unsure"> · ○ {say.waiting(waiting.length)}</span>}
      </p>
      <Refused inspection={known} unsent={unsent} send={send} />
      <ol class="inspection-items">
        {items.map((item) => (
          <ScoreItem key={item.id} {...{ item, inspection, again, keep }} isWaiting={waiting.includes(item.id)} />
        ))}
      </ol>
      {lacking.length > 0 ? (
        <section class="card review-list">
          <h2>{say.missing}</h2>
          <ul class="review-events">
            {lacking.map(({ item, lacks }) => (
              <li key={item.id}>
                <button
                  type="button"
                  class="review-chip"
                  onClick={() => document.getElementById(`item-${item.id}`)?.scrollIntoView()}
                >
                  {item.name[language.value]}
                </button>{' '}
                <span class="muted">{lacks.map((lack) => say[lack]).join(', ')}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : waiting.length > 0 ? (
        <p class="muted">{say.finishLater}</p>
      ) : (
        <Finish inspection={inspection} again={again} />
      )}
    </>
  )
}

interface ScoreItemProps extends StepProps {
  readonly item: SheetItem
  readonly keep: (finding: ItemFinding) => void
  /** The service has not taken what was said last. */
  readonly isWaiting: boolean
}

function ScoreItem({ item, inspection, again, keep: keepFinding, isWaiting }: ScoreItemProps) {
  const say = inspectionWords()
  const finding = inspection.findings.find((one) => one.item === item.id)
  const photos = inspection.photos.filter((photo) => photo.item === item.id)
  const draft = draftOf(me.value?.accountId ?? '', `inspection ${inspection.id} ${item.id}`)
  const lost = lostPoints(item, finding)

  function keep(next: Partial<ItemFinding>): void {
    const before: ItemFinding = finding ?? { item: item.id, result: 'ok', defects: 0, note: null }
    const said: ItemFinding = { ...before, ...next }
    const defects = said.result === 'defect' ? Math.max(1, said.defects ?? 1) : 0
    keepFinding({ ...said, defects })
    if (next.note != null) draft.sent(next.note)
  }
  return (
    <li id={`item-${item.id}`} class="card inspection-item">
      <h3>
        {item.name[language.value]} {lost > 0 && <span class="standing-worse">{say.lost(places(lost))}</span>}{' '}
        {isWaiting && <small class="standing-unsure">○ {say.notSent}</small>}
      </h3>
      <p class="muted">
        {say.deduction(places(item.deduction), places(item.weight))}
        {item.critical && ` · ${say.critical}`}
        {item.photo !== 'never' && ` · ${say.photoNeeded[item.photo]}`}
      </p>
      <fieldset class="inspection-results">
        <legend class="unseen">{item.name[language.value]}</legend>
        {results.map((result) => (
          <Button
            key={result}
            pressed={finding?.result === result}
            onClick={() => keep({ result, ...(result === 'ok' && { note: null }) })}
          >
            {say.results[result]}
          </Button>
        ))}
      </fieldset>
      {finding?.result === 'defect' && <Defects finding={finding} keep={keep} />}
      {finding !== undefined && finding.result !== 'ok' && <Note finding={finding} draft={draft.text} keep={keep} />}
      {finding !== undefined && item.photo !== 'never' && (
        <div class="review-bar">
          <PhotoButton
            path={`/quality/inspections/${inspection.id}/photos`}
            query={{ item: item.id, name: item.name[language.value] }}
            label={say.takePhoto}
            onSent={again}
          />
          {photos.length > 0 && <span class="muted">{say.photos(photos.length)}</span>}
          <Photos inspection={inspection} item={item.id} />
        </div>
      )}
    </li>
  )
}

interface PartProps {
  readonly finding: ItemFinding
  readonly keep: (next: Partial<ItemFinding>) => void
}

function Defects({ finding, keep }: PartProps) {
  const say = inspectionWords()
  const count = finding.defects ?? 1
  return (
    <div class="inspection-count">
      <Button label={say.fewer} disabled={count <= 1} onClick={() => keep({ defects: count - 1 })}>
        −
      </Button>
      <strong role="status">
        {say.defects} {count}
      </strong>
      <Button label={say.more} disabled={count >= mostDefects} onClick={() => keep({ defects: count + 1 })}>
        +
      </Button>
    </div>
  )
}

function Note({ finding, draft, keep }: PartProps & { readonly draft: Signal<string> }) {
  const say = inspectionWords()
  const text = draft.value
  return (
    <div class="review-form">
      {finding.note != null && <p>{finding.note}</p>}
      <Field label={say.note} value={draft} rows={2} maxLength={2_000} />
      <Button disabled={text.trim() === ''} onClick={() => keep({ note: text.trim() })}>
        {say.saveNote}
      </Button>
    </div>
  )
}
