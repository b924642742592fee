import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { list } from '../../shared/api.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { useLoaded } from '../../shared/loaded.ts'
import { place, setQuery } from '../../shared/router.ts'
import { siteTypeNames } from '../../shared/site-words.ts'
import type { Site } from '../../shared/wire.ts'
import { Filter } from '../filter.tsx'
import { words } from '../words.ts'
import { placeWords } from './place-words.ts'
import { OneSite } from './site.tsx'
import { AddSite } from './site-form.tsx'
import { SiteImport } from './site-import.tsx'
import { above, matching, placeText, type SiteTree, treeOf } from './site-tree.ts'

const foundShown = 200

/** Where everything is: the tree on the left, one site on the right. */
export function SitesView() {
  const say = placeWords()
  const { loaded, again } = useLoaded(() => list<Site>('/sites'))
  const { query } = place.value
  const [id, text] = [query.get('site'), query.get('q') ?? '']
  const tree = treeOf(loaded.value.value ?? [])
  const chosen = id === null ? undefined : tree.byId.get(id)
  const open = useSignal<ReadonlySet<string>>(new Set())
  // whoever comes by a link sees where it is
  useEffect(() => {
    if (id !== null) open.value = new Set([...open.peek(), ...above(tree, id)])
  }, [id, loaded.value.value])
  const isKnown = loaded.value.value !== null
  return (
    <>
      <LoadState of={loaded.value} />
      {isKnown && (
        <div class="split">
          <section aria-label={words().views.sites} class="column-of">
            {tree.byId.size > 0 && <Filter label={say.find} />}
            {tree.byId.size === 0 && <EmptyState title={say.none} hint={say.noneHint} />}
            {text !== '' ? <Found tree={tree} text={text} /> : <Branch tree={tree} of={null} open={open} />}
            <AddSite tree={tree} parent={chosen ?? null} onAdded={again} />
            <SiteImport onTaken={again} />
          </section>
          <section aria-label={chosen?.name ?? say.pick} class="column-of">
            {chosen === undefined ? (
              <EmptyState title={say.pick} hint={say.pickHint} />
            ) : (
              <OneSite key={chosen.id} site={chosen} tree={tree} onChange={again} />
            )}
          </section>
        </div>
      )}
    </>
  )
}

interface BranchProps {
  readonly tree: SiteTree
  readonly of: string | null
  readonly open: Signal<ReadonlySet<string>>
}

function Branch({ tree, of, open }: BranchProps) {
  const say = placeWords()
  const sites = tree.in.get(of) ?? []
  const turn = (id: string) => {
    const next = new Set(open.value)
    if (!next.delete(id)) next.add(id)
    open.value = next
  }
  return (
    <ul class="tree">
      {sites.map((site) => {
        const isOpen = open.value.has(site.id)
        return (
          <li key={site.id}>
            <div class="tree-line">
              {tree.in.has(site.id) ? (
                <button
                  type="button"
                  class="turn"
                  aria-expanded={isOpen}
                  aria-label={say.expand(site.name)}
                  onClick={() => turn(site.id)}
                >
                  {isOpen ? '▾' : '▸'}
                </button>
              ) : (
                <span class="turn" aria-hidden="true" />
              )}
              <SiteLink site={site} />
            </div>
            {isOpen && <Branch tree={tree} of={site.id} open={open} />}
          </li>
        )
      })}
    </ul>
  )
}

function Found({ tree, text }: { readonly tree: SiteTree; readonly text: string }) {
  const say = words()
  const found = matching(tree, text)
  if (found.length === 0) return <EmptyState title={say.noneFits} hint={say.noneFitsHint} />
  return (
    <ul class="tree">
      {found.slice(0, foundShown).map((site) => (
        <li key={site.id}>
          <div class="tree-line">
            <SiteLink site={site} /> <span class="muted">{placeText(tree, site.id)}</span>
          </div>
        </li>
      ))}
    </ul>
  )
}

function SiteLink({ site: { id, name, type } }: { readonly site: Site }) {
  const isChosen = place.value.query.get('site') === id
  return (
    <button
      type="button"
      class="tree-link"
      aria-current={isChosen ? 'true' : undefined}
      onClick={() => setQuery({ site: id })}
    >
      <strong>{name}</strong> <span class="muted">{siteTypeNames()[type]}</span> <code>{id}</code>
    </button>
  )
}
