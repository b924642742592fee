import { useSignal } from '@preact/signals'
import { newKey, post } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { hasRole } from '../../shared/session.ts'
import { EvidenceFiles } from '../evidence-files.tsx'
import { PhotoButton } from '../photo-button.tsx'
import { insurerRoles } from '../roles.ts'
import type { ObjectionDetail, Visit } from '../wire-records.ts'
import { visitWords } from './visit-words.ts'

interface ObjectionProps {
  readonly visit: Visit
  readonly objection: ObjectionDetail | null
  readonly again: () => Promise<void>
}

/** A maintainer objects and adds what shows it; the insurer decides. */
export function ObjectionPart({ visit, objection, again }: ObjectionProps) {
  const say = visitWords()
  const isDisputable = visit.verdict === 'not-proven' || visit.verdict === 'cannot-tell'
  if (objection === null)
    return isDisputable && hasRole(['maintainer', 'operator']) ? <Raise visit={visit} again={again} /> : null
  const isOpen = objection.state === 'open'
  return (
    <section class="card review-list">
      <h2>{say.objectionIs(say.objectionStates[objection.state])}</h2>
      <p>
        {objection.reason}{' '}
        <span class="muted">
          {say.by(objection.raisedBy)} <Moment at={objection.raisedAt} />
        </span>
      </p>
      {objection.decisionReason !== null && (
        <p>
          <strong>{objection.decisionReason}</strong>{' '}
          <span class="muted">{objection.decidedBy !== null && say.by(objection.decidedBy)}</span>
        </p>
      )}
      {isOpen && hasRole(['maintainer']) && <Add visit={visit} again={again} />}
      {isOpen && hasRole(insurerRoles) && <Decide visit={visit} again={again} />}
      {isOpen && !hasRole(insurerRoles) && <p class="muted">{say.waits}</p>}
      <h3>{say.evidence}</h3>
      <EvidenceFiles
        items={objection.evidence.map((one) => ({ ...one, name: one.part === 'readings' ? say.readings : one.name }))}
      />
      <h3>{say.history}</h3>
      <ol class="review-events">
        {objection.events.map(({ number, at, type, actor, data, hash }) => (
          <li key={number}>
            <Moment at={at} /> <strong>{(say.eventTypes as Readonly<Record<string, string>>)[type] ?? type}</strong>{' '}
            <span class="muted">
              {actor}
              {typeof data.note === 'string' && ` · ${data.note}`} · <code>{hash.slice(0, 12)}</code>
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

type PartProps = Pick<ObjectionProps, 'visit' | 'again'>

function Raise({ visit, again }: PartProps) {
  const say = visitWords()
  const reason = useSignal('')
  const doing = useDoing()
  const key = useSignal(newKey())
  return (
    <section class="card review-list">
      <h2>{say.objection}</h2>
      <p class="muted">{say.mayObject}</p>
      <Field label={say.reason} value={reason} rows={3} maxLength={2_000} />
      <Undone doing={doing} />
      <Button
        look="main"
        busy={doing.isBusy}
        disabled={reason.value.trim() === ''}
        onClick={() =>
          doing.act(async () => {
            await post(`/visits/${visit.id}/objection`, { reason: reason.value.trim() }, key.value)
            await again()
          })
        }
      >
        {say.object}
      </Button>
    </section>
  )
}

function Add({ visit, again }: PartProps) {
  const say = visitWords()
  const note = useSignal('')
  const doing = useDoing()
  return (
    <div class="review-form">
      <Field label={say.note} value={note} rows={2} maxLength={2_000} />
      <Undone doing={doing} />
      <div class="review-bar">
        <Button
          busy={doing.isBusy}
          disabled={note.value.trim() === ''}
          onClick={() =>
            doing.act(async () => {
              await post(`/visits/${visit.id}/objection/note`, { note: note.value.trim() }, newKey())
              note.value = ''
              await again()
            })
          }
        >
          {say.addNote}
        </Button>
        <PhotoButton path={`/visits/${visit.id}/objection/photos`} label={say.photo} onSent={again} />
      </div>
    </div>
  )
}

function Decide({ visit, again }: PartProps) {
  const say = visitWords()
  const reason = useSignal('')
  const doing = useDoing()
  const decide = (decision: 'accepted' | 'rejected') =>
    doing.act(async () => {
      await post(`/visits/${visit.id}/objection/decide`, { decision, reason: reason.value.trim() }, newKey())
      await again()
    })
  return (
    <div class="review-form">
      <Field label={say.decisionReason} value={reason} rows={2} maxLength={500} />
      <Undone doing={doing} />
      <div class="review-bar">
        <Button
          look="main"
          busy={doing.isBusy}
          disabled={reason.value.trim() === ''}
          onClick={() => decide('accepted')}
        >
          {say.accept}
        </Button>
        <Button busy={doing.isBusy} disabled={reason.value.trim() === ''} onClick={() => decide('rejected')}>
          {say.reject}
        </Button>
      </div>
    </div>
  )
}
