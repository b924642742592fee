import { base, place } from '../shared/router.ts'
import { sameFilter } from './filter.ts'

interface ViewTabsProps<Name extends string> {
  /** Of the page below the review: `inspections`. */
  readonly page: string
  readonly names: readonly Name[]
  readonly shown: Name
  readonly label: string
  readonly say: Readonly<Record<Name, string>>
}

/** The views of one page; the filter goes along from one to the other. */
export function ViewTabs<Name extends string>({ page, names, shown, label, say }: ViewTabsProps<Name>) {
  const { query } = place.value
  return (
    <nav class="review-tabs" aria-label={label}>
      {names.map((name) => (
        <a
          key={name}
          href={`${base}/review/${page}${sameFilter(query, { view: name })}`}
          aria-current={name === shown ? 'page' : undefined}
        >
          {say[name]}
        </a>
      ))}
    </nav>
  )
}
