import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { Keys } from '../shared/components/keys.tsx'
import { Preferences } from '../shared/components/preferences.tsx'
import { base, navigate, place } from '../shared/router.ts'
import { hasRole } from '../shared/session.ts'
import { words as sharedWords } from '../shared/words.ts'
import { sameFilter } from './filter.ts'
import { inspectionRoles, reviewRoles, safetyRoles } from './roles.ts'
import { words } from './words.ts'
import './insurer.css'

const tabs = [
  { name: 'overview', path: '/review', for: reviewRoles },
  { name: 'visits', path: '/review/visits', for: reviewRoles },
  { name: 'inspections', path: '/review/inspections', for: inspectionRoles },
  { name: 'overhauls', path: '/review/overhauls', for: reviewRoles },
  { name: 'safety', path: '/review/safety', for: safetyRoles },
  { name: 'reports', path: '/review/reports', for: reviewRoles },
] as const
export type TabName = (typeof tabs)[number]['name']

interface FrameProps {
  readonly tab: TabName
  /** Of this page; the overview has the name of the whole. */
  readonly title?: string
  readonly children: ComponentChildren
}

/** Where one is in the review; the filter goes along from page to page. */
export function Frame({ tab, title, children }: FrameProps) {
  const [say, common] = [words(), sharedWords()]
  const heading = title ?? say.tabs[tab]
  useEffect(() => {
    document.title = `${heading} · ${say.title} · Liftwatt`
  }, [heading, say.title])
  const filter = sameFilter(place.value.query)
  const theirs = tabs.filter((one) => hasRole(one.for))
  const hasNames = tab === 'overview' && title === undefined
  return (
    <div class="review">
      <header class="review-header">
        <a href={`${base}/`}>Liftwatt</a>
        <strong>{say.title}</strong>
        <nav aria-label={say.pages} class="review-tabs">
          {theirs.map(({ name, path }) => (
            <a key={name} href={base + path + filter} aria-current={name === tab ? 'page' : undefined}>
              {say.tabs[name]}
            </a>
          ))}
        </nav>
        <span class="review-header-end">
          <Keys
            acts={{
              ...Object.fromEntries(theirs.map(({ path }, index) => [`${index + 1}`, () => navigate(path + filter)])),
              ...(hasNames && { '/': toFind }),
            }}
            rows={[[`1 – ${theirs.length}`, common.keysPages], ...(hasNames ? [['/', say.find] as const] : [])]}
          />
          <Preferences />
        </span>
      </header>
      <main class="review-main">
        <h1 class={title === undefined ? 'unseen' : undefined}>{heading}</h1>
        {children}
      </main>
    </div>
  )
}

function toFind(): void {
  document.querySelector<HTMLElement>('.review-find input')?.focus()
}
