import { useSignal } from '@preact/signals'
import { smallPicture } from '../crew/picture.ts'
import { ApiProblem, newKey, request } from '../shared/api.ts'
import { type Doing, Undone, useDoing } from '../shared/components/doing.tsx'
import { visitWords } from './visits/visit-words.ts'

const sendWithinMs = 60_000

interface PhotoButtonProps {
  /** Where its bytes go. */
  readonly path: string
  readonly label: string
  readonly query?: Readonly<Record<string, string>>
  readonly onSent: () => Promise<void>
}

/** Takes a picture or picks one, makes it small and sends it. */
export function PhotoButton({ path, label, query = {}, onSent }: PhotoButtonProps) {
  const doing: Doing = useDoing()
  const isUnreadable = useSignal(false)

  async function send(file: File): Promise<void> {
    const picture = await smallPicture(file)
    isUnreadable.value = picture === null
    if (picture === null) return
    await doing.act(async () => {
      await request('POST', path, { query, file: picture, idempotencyKey: newKey(), withinMs: sendWithinMs })
      await onSent()
    })
  }
  return (
    <>
      <label class="button" aria-busy={doing.isBusy}>
        {label}
        <input
          class="unseen"
          type="file"
          accept="image/jpeg,image/png,image/webp"
          capture="environment"
          disabled={doing.isBusy}
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0]
            currentTarget.value = ''
            if (file !== undefined) send(file)
          }}
        />
      </label>
      {isUnreadable.value || isNoPicture(doing.problem) ? (
        <p role="alert" class="wrong">
          ■ {visitWords().tooLarge}
        </p>
      ) : (
        <Undone doing={doing} />
      )}
    </>
  )
}

/** Its bytes are none, whatever it is called: the service looks. */
function isNoPicture(problem: unknown): boolean {
  return problem instanceof ApiProblem && problem.fields.some(({ path }) => path === 'picture')
}
