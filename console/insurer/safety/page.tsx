import { base, place } from '../../shared/router.ts'
import { sameFilter } from '../filter.ts'
import { Frame } from '../frame.tsx'
import { IndexView } from './index-view.tsx'
import { RoomsView } from './rooms-view.tsx'
import { safetyWords } from './safety-words.ts'

const views = [
  { name: 'index', View: IndexView },
  { name: 'rooms', View: RoomsView },
] as const

/** How safe estates are, and rental rooms. */
export function Page() {
  const say = safetyWords()
  const { query } = place.value
  const shown = views.find(({ name }) => name === query.get('view')) ?? views[0]
  return (
    <Frame tab="safety">
      <nav class="review-tabs" aria-label={say.viewsOf}>
        {views.map(({ name }) => (
          <a
            key={name}
            href={`${base}/review/safety${sameFilter(query, { view: name })}`}
            aria-current={name === shown.name ? 'page' : undefined}
          >
            {say.views[name]}
          </a>
        ))}
      </nav>
      <shown.View key={shown.name} />
    </Frame>
  )
}
