import { useSignal } from '@preact/signals'
import { get } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Moment } from '../../shared/components/moment.tsx'
import { Select } from '../../shared/components/select.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { place, setQuery } from '../../shared/router.ts'
import type { Page } from '../../shared/wire.ts'
import type { AuditItem } from '../wire.ts'
import { auditWords } from './audit-words.ts'
import { type Difference, differences } from './differences.ts'
import { fieldName } from './names.ts'

const shown = 100
const dayMs = 24 * 3_600_000
const filters = ['actor', 'subject', 'action', 'from', 'to'] as const
type Filters = Readonly<Record<(typeof filters)[number], string>>

/** Who did what to what, newest first; the filters stand in the address. */
export function AuditView() {
  const say = auditWords()
  const asked = Object.fromEntries(filters.map((name) => [name, place.value.query.get(name) ?? ''])) as Filters
  const key = JSON.stringify(asked)
  const { loaded } = useLoaded(() => read(asked), { keys: [key] })
  return (
    <>
      <FilterForm key={key} asked={asked} />
      <LoadState of={loaded.value} />
      {loaded.value.value !== null && <Entries key={key} first={loaded.value.value} asked={asked} />}
      {loaded.value.value?.items.length === 0 && <EmptyState title={say.none} hint={say.noneHint} />}
    </>
  )
}

/** Dates are those of Shanghai, both inclusive. */
function read({ from, to, ...given }: Filters, cursor?: string): Promise<Page<AuditItem>> {
  const midnight = (date: string) => Date.parse(`${date}T00:00:00+08:00`)
  const query = {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
    ...(from !== '' && { from: new Date(midnight(from)).toISOString() }),
    ...(to !== '' && { to: new Date(midnight(to) + dayMs).toISOString() }),
  }
  return get<Page<AuditItem>>('/audit', { ...query, limit: shown, ...(cursor !== undefined && { cursor }) })
}

function FilterForm({ asked }: { readonly asked: Filters }) {
  const say = auditWords()
  const [actor, subject] = [useSignal(asked.actor), useSignal(asked.subject)]
  const isFiltered = Object.values(asked).some((text) => text !== '')

  function show(event: Event): void {
    event.preventDefault()
    setQuery({ actor: actor.value.trim() || null, subject: subject.value.trim() || null })
  }
  return (
    <form class="row" onSubmit={show} autocapitalize="none">
      <Field label={say.actor} value={actor} type="search" />
      <Field label={say.subject} value={subject} type="search" />
      <Select label={say.action} value={asked.action} onChange={(one) => setQuery({ action: one || null })}>
        <option value="">{say.anything}</option>
        {Object.entries(say.actions).map(([action, name]) => (
          <option key={action} value={action}>
            {name}
          </option>
        ))}
      </Select>
      {(['from', 'to'] as const).map((side) => (
        <label key={side} class="field">
          {say[side]}
          <input
            type="date"
            value={asked[side]}
            onChange={(event) => setQuery({ [side]: event.currentTarget.value || null })}
          />
        </label>
      ))}
      <Button type="submit">{say.show}</Button>
      {isFiltered && (
        <Button look="link" onClick={() => setQuery(Object.fromEntries(filters.map((name) => [name, null])))}>
          {say.clear}
        </Button>
      )}
    </form>
  )
}

function Entries({ first, asked }: { readonly first: Page<AuditItem>; readonly asked: Filters }) {
  const say = auditWords()
  const doing = useDoing()
  const pages = useSignal<readonly Page<AuditItem>[]>([first])
  const cursor = pages.value.at(-1)?.nextCursor ?? null
  const more = () =>
    doing.act(async () => {
      if (cursor !== null) pages.value = [...pages.value, await read(asked, cursor)]
    })
  return (
    <>
      <ul class="rows audit">
        {pages.value
          .flatMap(({ items }) => items)
          .map((entry) => (
            <li key={entry.id} class="card">
              <Entry entry={entry} />
            </li>
          ))}
      </ul>
      <Undone doing={doing} />
      {cursor !== null && (
        <Button onClick={more} busy={doing.isBusy}>
          {say.more}
        </Button>
      )}
    </>
  )
}

function Entry({ entry: { at, actor, action, subject, before, after, data } }: { readonly entry: AuditItem }) {
  const say = auditWords()
  const names: Readonly<Record<string, string>> = say.actions
  const changes = differences(before, after)
  const details = differences(null, data)
  return (
    <>
      <div class="line">
        <Moment at={at} />
        <button type="button" class="tree-link" title={say.only} onClick={() => setQuery({ actor })}>
          <strong>{actor}</strong>
        </button>
        <span class={action === 'denied' || action === 'breach' ? 'caution' : ''}>{names[action] ?? action}</span>
        <button type="button" class="tree-link" title={say.only} onClick={() => setQuery({ subject })}>
          <code>{subject}</code>
        </button>
      </div>
      {changes.length > 0 && (before == null || after == null) && (
        <details>
          <summary>{say.had(changes.length)}</summary>
          <Changes changes={changes} />
        </details>
      )}
      {before != null && after != null && <Changes changes={changes} />}
      {changes.length === 0 && details.length > 0 && (
        <p class="muted">
          {details.map(({ field, is }) => (
            <span key={field} class="count">
              <FieldName of={field} text={is} /> {is}
            </span>
          ))}
        </p>
      )}
    </>
  )
}

function Changes({ changes }: { readonly changes: readonly Difference[] }) {
  const say = auditWords()
  return (
    <ul class="changes">
      {changes.map(({ field, was, is }) => (
        <li key={field}>
          <FieldName of={field} text={is ?? was} /> {was !== null && <del>{was}</del>}{' '}
          {is === null ? <em>{say.nothing}</em> : <ins>{is}</ins>}
        </li>
      ))}
    </ul>
  )
}

/** As people call it; what has no word here as programs do. */
function FieldName({ of, text }: { readonly of: string; readonly text: string | null }) {
  const name = fieldName(of, text ?? '')
  return name === undefined ? <code>{of}</code> : <span class="muted">{name}</span>
}
