import { useEffect, useRef } from 'preact/hooks'
import { get } from '../../shared/api.ts'
import { SearchBox } from '../../shared/components/search-box.tsx'
import { base, navigate } from '../../shared/router.ts'
import { isTyping } from '../typing.ts'
import { find, type Hit } from './find.ts'
import { searchWords } from './search-words.ts'

/** One box for places, devices, gateways, orders and pages; `/` goes to it, the arrows through what was found. */
export function Search({ views }: { readonly views: readonly string[] }) {
  const say = searchWords()
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
  return (
    <SearchBox<Hit>
      words={say}
      input={input}
      find={(text, signal) => find(text, views, (path, query) => get(path, query, signal))}
      keyOf={({ to }) => to}
      hrefOf={({ to }) => base + to}
      choose={({ to }) => {
        input.current?.blur()
        navigate(to)
      }}
      show={({ kind, name, id }) => (
        <>
          <span class="muted">{say.kinds[kind]}</span> <strong>{name}</strong> <code>{id}</code>
        </>
      )}
    />
  )
}
