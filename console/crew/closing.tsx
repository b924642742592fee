import type { Signal } from '@preact/signals'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { Field } from '../shared/components/field.tsx'
import { words as sharedWords } from '../shared/words.ts'
import { type End, mostNoteCharacters } from './outbox.ts'
import { outcomesFor } from './steps.ts'
import { take } from './take.ts'
import { useDraft } from './use-draft.ts'
import type { KeptOrder } from './wire.ts'
import { words } from './words.ts'

const causes = ['equipment', 'people', 'external'] as const

interface ClosingProps {
  readonly kept: KeptOrder
  readonly onClose: () => void
}

/**
 * The end of an order: why it failed and what was done, which the record needs; the rest may be left out by a cold hand. All of it
 * stays when the dialog is closed, and when the close is taken back.
 */
export function Closing({ kept, onClose }: ClosingProps) {
  const say = words()
  const [causeText, outcomeText] = [useDraft(kept, 'cause').text, useDraft(kept, 'outcome').text]
  const [parts, note] = [useDraft(kept, 'parts').text, useDraft(kept, 'closing note').text]
  const outcomes = outcomesFor(kept.order)
  const cause = causes.find((name) => name === causeText.value)
  const outcome = outcomes.find((name) => name === outcomeText.value)

  const isSaid = outcome === 'false-alarm' || (outcome !== undefined && cause !== undefined)

  function close(): void {
    const names = linesOf(parts.value)
    const end: End = {
      ...(cause && { causeClass: cause }),
      ...(outcome && { outcome }),
      ...(names.length > 0 && { parts: names.map((name) => ({ name })) }),
    }
    const text = note.value.trim().slice(0, mostNoteCharacters)
    take(kept, 'close', { end, ...(text !== '' && { note: text }) })
    onClose()
  }
  return (
    <Dialog title={say.closing} onClose={onClose}>
      <div class="crew-closing">
        <Choice title={say.cause} of={causes} words={sharedWords().causes} chosen={causeText} />
        <Choice title={say.outcome} of={outcomes} words={sharedWords().outcomes} chosen={outcomeText} />
        <Field label={say.parts} value={parts} rows={2} />
        <Field label={say.note} value={note} rows={2} maxLength={mostNoteCharacters} />
        <Button class="crew-main" look="main" disabled={!isSaid} onClick={close}>
          {say.steps.close}
        </Button>
      </div>
    </Dialog>
  )
}

interface ChoiceProps<Name extends string> {
  readonly title: string
  readonly of: readonly Name[]
  readonly words: Readonly<Record<Name, string>>
  readonly chosen: Signal<string>
}

/** One of a few, or none: tapped again, it is not chosen any more. */
function Choice<Name extends string>({ title, of, words: say, chosen }: ChoiceProps<Name>) {
  return (
    <fieldset class="crew-choices">
      <legend>{title}</legend>
      {of.map((name) => (
        <Button
          key={name}
          pressed={chosen.value === name}
          onClick={() => {
            chosen.value = chosen.value === name ? '' : name
          }}
        >
          {say[name]}
        </Button>
      ))}
    </fieldset>
  )
}

/** Each line is a part; what the service would refuse for its length is cut. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().slice(0, 100))
    .filter((line) => line !== '')
    .slice(0, 100)
}
