import { useState } from 'preact/hooks'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { enqueue, outbox } from './desk.ts'
import { mostNoteCharacters, mostPictures, waiting } from './outbox.ts'
import { smallPicture } from './picture.ts'
import { useDraft } from './use-draft.ts'
import type { KeptOrder } from './wire.ts'
import { words } from './words.ts'

/** A remark and a picture; both are kept on the phone and wait for a link like everything else. */
export function Record({ kept }: { readonly kept: KeptOrder }) {
  const say = words()
  const { text: note, sent } = useDraft(kept, 'note')
  const [problem, setProblem] = useState<'too-many' | 'unreadable' | null>(null)
  const text = note.value.trim().slice(0, mostNoteCharacters)
  const pictures = waiting(outbox.value).filter(({ action }) => action === 'photo').length

  async function take(file: File): Promise<void> {
    if (pictures >= mostPictures) return setProblem('too-many')
    const picture = await smallPicture(file)
    setProblem(picture === null ? 'unreadable' : null)
    if (picture !== null) enqueue(kept, 'photo', { picture })
  }

  return (
    <section class="crew-section">
      <h2>{say.record}</h2>
      <Field label={say.note} value={note} rows={2} maxLength={mostNoteCharacters} />
      <Button
        disabled={text === ''}
        onClick={() => {
          enqueue(kept, 'note', { note: text })
          sent(text)
        }}
      >
        {say.addNote}
      </Button>
      <label class="button">
        {say.photo}
        <input
          class="unseen"
          type="file"
          accept="image/jpeg,image/png,image/webp"
          capture="environment"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0]
            currentTarget.value = ''
            if (file !== undefined) take(file)
          }}
        />
      </label>
      <p role="status">
        {problem === null ? pictures > 0 && say.picturesWait(pictures) : say.pictureProblems[problem]}
      </p>
    </section>
  )
}
