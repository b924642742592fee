import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { get } from '../../shared/api.ts'
import { Around } from '../../shared/components/around.tsx'
import { SearchBox } from '../../shared/components/search-box.tsx'
import { base, navigate } from '../../shared/router.ts'
import { type SiteAround, siteAround } from '../../shared/site-around.ts'
import { find, type Hit } from './find.ts'
import { searchWords } from './search-words.ts'

interface SearchProps {
  readonly views: readonly string[]
  readonly input: RefObject<HTMLInputElement>
}

/** One box for places, devices, gateways, orders and pages; the arrows go through what was found. */
export function Search({ views, input }: SearchProps) {
  const say = searchWords()
  // of this search: a place may have another name by the next one
  const around = useRef<SiteAround>(async () => '')
  return (
    <SearchBox<Hit>
      words={say}
      input={input}
      find={(text, signal) => {
        around.current = siteAround((path) => get(path, undefined, signal))
        return find(text, views, (path, query) => get(path, query, signal))
      }}
      keyOf={({ to }) => to}
      hrefOf={({ to }) => base + to}
      choose={({ to }) => {
        input.current?.blur()
        navigate(to)
      }}
      show={({ kind, name, siteId, id }) => (
        <>
          <span class="muted">{say.kinds[kind]}</span> <strong>{name}</strong>{' '}
          <span class="muted">
            <Around id={siteId} around={around.current} />
          </span>
          <code>{id}</code>
        </>
      )}
    />
  )
}
