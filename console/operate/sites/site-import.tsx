import { useSignal } from '@preact/signals'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { faultText } from '../../shared/fault-text.ts'
import type { ImportResult } from '../wire.ts'
import { placeWords } from './place-words.ts'
import { sendCsv } from './send-csv.ts'

const linesShown = 100
const order = ['error', 'change', 'create', 'unchanged'] as const

/** A file is looked at first: what each line would do, and what is wrong with it. Then all of it is taken, or nothing. */
export function SiteImport({ onTaken }: { readonly onTaken: () => Promise<void> }) {
  const say = placeWords()
  const doing = useDoing()
  const file = useSignal<File | null>(null)
  const result = useSignal<ImportResult | null>(null)

  async function look(chosen: File | undefined): Promise<void> {
    file.value = chosen ?? null
    result.value = null
    if (chosen === undefined) return
    await doing.act(async () => {
      result.value = await sendCsv(chosen, false)
    })
  }
  async function take(): Promise<void> {
    const chosen = file.value
    if (chosen === null) return
    const isDone = await doing.act(async () => {
      result.value = await sendCsv(chosen, true)
    })
    if (isDone && result.value?.applied) await onTaken()
  }

  return (
    <details class="card">
      <summary>{say.importTitle}</summary>
      <div class="fields">
        <p class="muted">{say.importHint}</p>
        <p>
          <a href="/api/v1/sites/export?kind=sites" download="liftwatt-sites.csv">
            {say.exportNow}
          </a>
        </p>
        <label class="field">
          {say.file}
          <input type="file" accept=".csv,text/csv" onChange={(event) => look(event.currentTarget.files?.[0])} />
        </label>
        <Undone doing={doing} />
        {result.value !== null && <Preview of={result.value} isBusy={doing.isBusy} onTake={take} />}
      </div>
    </details>
  )
}

interface PreviewProps {
  readonly of: ImportResult
  readonly isBusy: boolean
  readonly onTake: () => void
}

function Preview({ of: { applied, counts, lines }, isBusy, onTake }: PreviewProps) {
  const say = placeWords()
  const worstFirst = [...lines].sort((one, other) => order.indexOf(one.action) - order.indexOf(other.action))
  const shown = worstFirst.filter(({ action }) => action !== 'unchanged').slice(0, linesShown)
  const written = counts.create + counts.change
  return (
    <section aria-label={say.importTitle} role="status">
      <p>{say.counts(counts.create, counts.change, counts.unchanged)}</p>
      {counts.error > 0 && <p class="wrong">■ {say.errors(counts.error)}</p>}
      {applied && <p class="good">✓ {say.taken}</p>}
      {!applied && counts.error === 0 && written > 0 && (
        <Button look="main" onClick={onTake} busy={isBusy}>
          {say.take(written)}
        </Button>
      )}
      {lines.length > shown.length && shown.length > 0 && (
        <p class="muted">{say.firstLines(shown.length, lines.length)}</p>
      )}
      <ul class="changes">
        {shown.map(({ line, id, action, changes, faults }) => (
          <li key={line} class={action === 'error' ? 'wrong' : ''}>
            {say.line} {line} · <code>{id}</code> · {say.does[action]}{' '}
            {faults.map(({ path, message }) => (
              <span key={path + message}>
                {path}: {faultText(message)}{' '}
              </span>
            ))}
            {action === 'change' && changes.map(({ field }) => <code key={field}>{field} </code>)}
          </li>
        ))}
      </ul>
    </section>
  )
}
