import type { RefObject } from 'preact'
import { useMemo } from 'preact/hooks'
import { get } from '../../shared/api.ts'
import { SearchBox } from '../../shared/components/search-box.tsx'
import { base, navigate } from '../../shared/router.ts'
import { siteAround } from '../../shared/site-around.ts'
import { find, type Hit } from './find.ts'
import { searchWords } from './search-words.ts'

interface SearchProps {
  readonly views: readonly string[]
  readonly input: RefObject<HTMLInputElement>
}

/** One box for places, devices, gateways, orders and pages; the arrows go through what was found. */
export function Search({ views, input }: SearchProps) {
  const say = searchWords()
  const around = useMemo(() => siteAround((path) => get(path)), [])
  return (
    <SearchBox<Hit>
      words={say}
      input={input}
      find={(text, signal) => find(text, views, (path, query) => get(path, query, signal), around)}
      keyOf={({ to }) => to}
      hrefOf={({ to }) => base + to}
      choose={({ to }) => {
        input.current?.blur()
        navigate(to)
      }}
      show={({ kind, name, where, id }) => (
        <>
          <span class="muted">{say.kinds[kind]}</span> <strong>{name}</strong>{' '}
          {where !== '' && <span class="muted">{where}</span>} <code>{id}</code>
        </>
      )}
    />
  )
}
