import { useSignal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { NoAnswer, within } from '../shared/api.ts'
import { Button } from '../shared/components/button.tsx'
import { Field } from '../shared/components/field.tsx'
import { enqueue } from './desk.ts'
import type { KeptOrder } from './wire.ts'
import { words } from './words.ts'

const photoWithinMs = 60_000

/** A remark, which waits for a link like everything else, and a picture, which does not: it is too large to be kept. */
export function Record({ kept }: { readonly kept: KeptOrder }) {
  const say = words()
  const note = useSignal('')
  const [photo, setPhoto] = useState<'none' | 'sending' | 'sent' | 'failed'>('none')
  const text = note.value.trim()

  async function send(file: File): Promise<void> {
    setPhoto('sending')
    try {
      await sendPhoto(kept.order.id, file)
      setPhoto('sent')
    } catch {
      setPhoto('failed')
    }
  }

  return (
    <section class="crew-section">
      <h2>{say.record}</h2>
      <Field label={say.note} value={note} rows={2} />
      <Button
        disabled={text === ''}
        onClick={() => {
          enqueue(kept, 'note', { note: text })
          note.value = ''
        }}
      >
        {say.addNote}
      </Button>
      <label class="button" aria-busy={photo === 'sending'}>
        {say.photo}
        <input
          class="unseen"
          type="file"
          accept="image/jpeg,image/png,image/webp"
          capture="environment"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0]
            currentTarget.value = ''
            if (file !== undefined) send(file)
          }}
        />
      </label>
      <p role="status">{photo === 'sent' ? say.photoSent : photo === 'failed' ? say.photoNeedsLink : ''}</p>
    </section>
  )
}

/** The raw bytes, as the service takes them. @throws {NoAnswer} also when it was refused */
async function sendPhoto(orderId: string, file: File): Promise<void> {
  const { signal, release } = within(photoWithinMs)
  try {
    const response = await fetch(`/api/v1/work-orders/${orderId}/photos`, {
      ...{ method: 'POST', credentials: 'same-origin', signal, body: file },
      headers: { 'content-type': file.type },
    })
    if (!response.ok) throw new NoAnswer(`HTTP ${response.status}`)
  } finally {
    release()
  }
}
