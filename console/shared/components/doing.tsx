import { useSignal } from '@preact/signals'
import { ApiProblem } from '../api.ts'
import { attempt } from '../attempt.ts'
import { faultText } from '../fault-text.ts'
import type { Loaded } from '../loaded.ts'
import { problemText } from '../problem-text.ts'
import { words as sharedWords } from '../words.ts'
import { Bar } from './bar.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

/** Why a list is not there, or is old. */
export function LoadState({ of: { value, problem } }: { readonly of: Loaded<unknown> }) {
  if (problem !== null) return <Bar tone="critical">■ {problemText(problem)}</Bar>
  return value === null ? <p class="muted">{sharedWords().loading}</p> : null
}

export interface Doing {
  readonly isBusy: boolean
  /** Why the last thing was not done. */
  readonly problem: unknown
  /** Whether it was done. */
  act(work: () => Promise<void>): Promise<boolean>
}

/** One thing at a time, and why it was not done. */
export function useDoing(): Doing {
  const [isBusy, problem] = [useSignal(false), useSignal<unknown>(null)]
  return {
    isBusy: isBusy.value,
    problem: problem.value,
    async act(work) {
      isBusy.value = true
      const isDone = await attempt(problem, work)
      isBusy.value = false
      return isDone
    },
  }
}

interface SureProps {
  readonly title: string
  readonly text: string
  readonly hint?: string
  /** What the button says that does it. */
  readonly yes: string
  readonly doing: Doing
  readonly onYes: () => void
  readonly onClose: () => void
}

/** Asked before what cannot be undone, or what changes who is told. */
export function Sure({ title, text, hint, yes, doing, onYes, onClose }: SureProps) {
  return (
    <Dialog title={title} onClose={onClose} asks>
      <div class="fields">
        <p>{text}</p>
        {hint !== undefined && <p class="muted">{hint}</p>}
        <Undone doing={doing} />
        <Button look="danger" onClick={onYes} busy={doing.isBusy}>
          {yes}
        </Button>
      </div>
    </Dialog>
  )
}

export function Undone({ doing: { problem } }: { readonly doing: Doing }) {
  if (problem === null) return null
  return (
    <p role="alert" class="wrong">
      ■ {undoneText(problem)}
    </p>
  )
}

/** Where the service names the fields that are wrong, in the reader's language. */
function undoneText(problem: unknown): string {
  const fields = problem instanceof ApiProblem ? problem.fields : []
  if (fields.length === 0) return problemText(problem)
  return sharedWords().refused(
    fields.map(({ path, message }) => (path === '' ? faultText(message) : `${path}: ${faultText(message)}`)).join('; '),
  )
}
