import { type Signal, useSignal } from '@preact/signals'
import type { ComponentChildren, Ref } from 'preact'
import { useEffect, useId } from 'preact/hooks'
import { problemText } from '../problem-text.ts'
import './search-box.css'

export interface Found<Hit> {
  readonly hits: readonly Hit[]
  /** Why something could not be asked: then that nothing was found says nothing. Null = all was asked. */
  readonly problem: unknown
}

interface SearchBoxProps<Hit> {
  readonly words: { readonly label: string; readonly hint: string; readonly results: string; readonly none: string }
  readonly find: (text: string, signal: AbortSignal) => Promise<Found<Hit>>
  readonly keyOf: (hit: Hit) => string
  readonly show: (hit: Hit) => ComponentChildren
  readonly choose: (hit: Hit) => void
  /** Where a hit leads, for who opens it in a tab of its own. */
  readonly hrefOf?: (hit: Hit) => string
  readonly input?: Ref<HTMLInputElement>
}

/** The API takes no longer text to look for. */
const mostLetters = 100
const waitMs = 200

/** A text to look for, and what was found under it: the arrows go through that, Enter takes one. Needs no pointer. */
export function SearchBox<Hit>({ words: say, find, keyOf, show, choose, hrefOf, input }: SearchBoxProps<Hit>) {
  const id = useId()
  const text = useSignal('')
  const chosen = useSignal(0)
  const found = useFound(text, chosen, find)
  const hits = found?.hits ?? []
  const take = (hit: Hit | undefined) => {
    if (hit === undefined) return
    text.value = ''
    choose(hit)
  }
  const onKey = (event: KeyboardEvent) => {
    // while a word is being composed, Enter and the arrows are for that
    if (event.isComposing) return
    if (event.key === 'Escape' && text.value !== '') text.value = ''
    else if (event.key === 'ArrowDown') chosen.value = Math.min(hits.length - 1, chosen.value + 1)
    else if (event.key === 'ArrowUp') chosen.value = Math.max(0, chosen.value - 1)
    else if (event.key === 'Enter') take(hits[chosen.value])
    else return
    event.preventDefault()
  }
  const inView = (element: HTMLElement | null) => element?.scrollIntoView({ block: 'nearest' })
  return (
    <div class="search">
      <input
        ref={input ?? null}
        class="search-box"
        type="search"
        role="combobox"
        aria-label={say.label}
        aria-keyshortcuts="/"
        aria-expanded={hits.length > 0}
        aria-controls={`${id}-results`}
        aria-activedescendant={hits.length > 0 ? `${id}-${chosen.value}` : undefined}
        autocomplete="off"
        placeholder={say.hint}
        maxLength={mostLetters}
        value={text}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={onKey}
      />
      {found !== null && (
        <div class="card found">
          {found.problem !== null && (
            <p class="wrong" role="status">
              ■ {problemText(found.problem)}
            </p>
          )}
          {found.problem === null && hits.length === 0 && <p role="status">{say.none}</p>}
          {hits.length > 0 && (
            <div id={`${id}-results`} role="listbox" aria-label={say.results}>
              {hits.map((hit, index) => (
                <a
                  key={keyOf(hit)}
                  id={`${id}-${index}`}
                  ref={index === chosen.value ? inView : null}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen.value}
                  href={hrefOf?.(hit)}
                  onClick={(event) => {
                    if (event.ctrlKey || event.metaKey) return
                    event.preventDefault()
                    take(hit)
                  }}
                >
                  {show(hit)}
                </a>
              ))}
            </div>
          )}
        </div>
      )}
    </div>
  )
}

/** Asked once nobody writes any more; what is answered for a text of before goes nowhere. */
function useFound<Hit>(text: Signal<string>, chosen: Signal<number>, find: SearchBoxProps<Hit>['find']) {
  const found = useSignal<Found<Hit> | null>(null)
  const wanted = text.value.trim()
  useEffect(() => {
    found.value = null
    chosen.value = 0
    if (wanted === '') return undefined
    const asked = new AbortController()
    const timer = setTimeout(async () => {
      const answer = await find(wanted, asked.signal)
      if (!asked.signal.aborted) found.value = answer
    }, waitMs)
    return () => {
      clearTimeout(timer)
      asked.abort()
    }
  }, [wanted])
  return found.value
}
