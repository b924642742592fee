import { useSignal } from '@preact/signals'
import { type IndexPart, indexParts } from '../../../core/estate-index.ts'
import { request } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { isOperatorOfAll } from '../../shared/roles.ts'
import { me } from '../../shared/session.ts'
import { places } from '../figure-text.ts'
import type { EstateIndices } from '../wire-records.ts'
import { safetyWords } from './safety-words.ts'
import { weightsIn } from './weights-in.ts'

interface WeightsProps {
  readonly weights: EstateIndices['weights']
  readonly again: () => Promise<void>
}

/** How much each part of the index weighs, and how that was changed. */
export function Weights({ weights, again }: WeightsProps) {
  const say = safetyWords()
  const [now, ...earlier] = weights
  if (now === undefined) return null
  return (
    <section class="card review-list">
      <h2>{say.weights}</h2>
      <p>
        {weightsText(now.weights)} <span class="muted">· {say.version(now.version)}</span>
      </p>
      {isOperatorOfAll(me.value?.memberships ?? []) && <Form key={now.version} now={now} again={again} />}
      {earlier.length > 0 && (
        <details class="review-more">
          <summary>{say.earlier}</summary>
          <ul class="review-events">
            {earlier.map(({ version, weights: then, at, actor, reason }) => (
              <li key={version}>
                {weightsText(then)}{' '}
                <span class="muted">
                  {say.version(version)}
                  {version > 0 && (
                    <>
                      {' '}
                      · {actor} · {reason} · <Moment at={at} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function weightsText(weights: Readonly<Record<string, number>>): string {
  const say = safetyWords()
  return indexParts.map((part) => `${say.parts[part]} ${places(weights[part] ?? 0)}`).join(' · ')
}

interface FormProps {
  readonly now: EstateIndices['weights'][number]
  readonly again: () => Promise<void>
}

function Form({ now, again }: FormProps) {
  const say = safetyWords()
  const doing = useDoing()
  const first = Object.fromEntries(indexParts.map((part) => [part, String(now.weights[part] ?? 0)]))
  const written = useSignal(first as Record<IndexPart, string>)
  const [reason, isWrong] = [useSignal(''), useSignal(false)]

  function save(event: Event): void {
    event.preventDefault()
    const weights = weightsIn(written.value)
    isWrong.value = weights === null
    if (weights === null) return
    doing.act(async () => {
      const body = { version: now.version, weights, reason: reason.value.trim() }
      await request('PUT', '/quality/index-weights', { body })
      await again()
    })
  }
  return (
    <form class="review-form" onSubmit={save}>
      <div class="review-bar">
        {indexParts.map((part) => (
          <Field
            key={part}
            label={say.parts[part]}
            value={written.value[part]}
            onInput={(text) => {
              written.value = { ...written.value, [part]: text }
            }}
          />
        ))}
      </div>
      <Field label={say.reason} value={reason} required maxLength={500} />
      {isWrong.value && <p class="wrong">■ {say.wrongWeights}</p>}
      <Undone doing={doing} />
      <Button type="submit" busy={doing.isBusy}>
        {say.save}
      </Button>
    </form>
  )
}
