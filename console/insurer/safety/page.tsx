import { place } from '../../shared/router.ts'
import { Frame } from '../frame.tsx'
import { ViewTabs } from '../view-tabs.tsx'
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
      <ViewTabs
        page="safety"
        names={views.map(({ name }) => name)}
        shown={shown.name}
        label={say.viewsOf}
        say={say.views}
      />
      <shown.View key={shown.name} />
    </Frame>
  )
}
