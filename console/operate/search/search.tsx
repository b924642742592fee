import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { get } from '../../shared/api.ts'
import { problemText } from '../../shared/problem-text.ts'
import { base, navigate } from '../../shared/router.ts'
import { isTyping } from '../typing.ts'
import { type Found, find, type Hit, mostLetters } from './find.ts'
import { searchWords } from './search-words.ts'

const waitMs = 200

/** One box for places, devices, gateways, orders and pages; `/` goes to it, the arrows through what was found. */
export function Search({ views }: { readonly views: readonly string[] }) {
  const say = searchWords()
  const text = useSignal('')
  const found = useSignal<Found | null>(null)
  const chosen = useSignal(0)
  const input = useRef<HTMLInputElement>(null)

  useEffect(() => {
    const toBox = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event.target)) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', toBox)
    return () => removeEventListener('keydown', toBox)
  }, [])

  const wanted = text.value.trim()
  useEffect(() => {
    found.value = null
    chosen.value = 0
    if (wanted === '') return undefined
    const asked = new AbortController()
    const timer = setTimeout(async () => {
      const answer = await find(wanted, views, (path, query) => get(path, query, asked.signal))
      if (!asked.signal.aborted) found.value = answer
    }, waitMs)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
  }, [wanted])

  const hits = found.value?.hits ?? []
  const problem = found.value?.problem ?? null

  function go(hit: Hit | undefined): void {
    if (hit === undefined) return
    text.value = ''
    input.current?.blur()
    navigate(hit.to)
  }
  function onKey(event: KeyboardEvent): void {
    const last = hits.length - 1
    if (event.key === 'Escape') text.value = ''
    else if (event.key === 'ArrowDown') chosen.value = Math.min(last, chosen.value + 1)
    else if (event.key === 'ArrowUp') chosen.value = Math.max(0, chosen.value - 1)
    else if (event.key === 'Enter') go(hits[chosen.value])
    else return
    event.preventDefault()
  }

  return (
    <div class="search">
      <input
        ref={input}
        class="search-box"
        type="search"
        role="combobox"
        aria-label={say.label}
        aria-keyshortcuts="/"
        aria-expanded={hits.length > 0}
        aria-controls="search-results"
        aria-activedescendant={hits.length > 0 ? `search-${chosen.value}` : undefined}
        autocomplete="off"
        placeholder={say.hint}
        maxLength={mostLetters}
        value={text}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={onKey}
      />
      {found.value !== null && (
        <div class="card found">
          {problem !== null && (
            <p class="wrong" role="status">
              ■ {problemText(problem)}
            </p>
          )}
          {problem === null && hits.length === 0 && <p role="status">{say.none}</p>}
          {hits.length > 0 && (
            <div id="search-results" role="listbox" aria-label={say.results}>
              {hits.map((hit, index) => (
                <a
                  key={hit.to}
                  id={`search-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen.value}
                  href={base + hit.to}
                  onClick={() => (text.value = '')}
                >
                  <span class="muted">{say.kinds[hit.kind]}</span> <strong>{hit.name}</strong> <code>{hit.id}</code>
                </a>
              ))}
            </div>
          )}
        </div>
      )}
    </div>
  )
}
