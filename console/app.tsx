import { effect, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { type Route, routes } from './routes.ts'
import { Button } from './shared/components/button.tsx'
import { language } from './shared/language.ts'
import type { PageProps } from './shared/page-props.ts'
import { problemText } from './shared/problem-text.ts'
import { base, matchPath, navigate, place } from './shared/router.ts'
import { findMe, hasRole, me } from './shared/session.ts'
import { usualTheme } from './shared/theme.ts'
import { words } from './shared/words.ts'

type Loaded = ComponentType<PageProps> | 'loading' | 'failed'

const loaded = signal<ReadonlyMap<Route, Loaded>>(new Map())
const meProblem = signal<unknown>(null)

/** Shows the page of the address to who may see it, and sends who is not signed in to sign in and back. */
export function App() {
  useEffect(() => {
    askWho()
    return effect(() => {
      document.documentElement.lang = language.value
    })
  }, [])
  const { path, query } = place.value
  const found = routes.flatMap((route) => {
    const params = matchPath(route.pattern, path)
    return params === undefined ? [] : [{ route, params }]
  })[0]
  if (found === undefined) return <Notice text={words().pageNotFound} />
  const { route, params } = found
  // the home page has nothing to say to whom it does not know
  if (me.value === undefined && (route.for !== 'everyone' || route.pattern === '/'))
    return meProblem.value === null ? null : <Notice text={problemText(meProblem.value)} again={askWho} />
  if (route.for !== 'everyone') {
    if (me.value === null)
      return <Redirect to={`/sign-in?next=${encodeURIComponent(path + (query.size > 0 ? `?${query}` : ''))}`} />
    if (!hasRole(route.for)) return <NotAllowed />
  }
  return <PageOf route={route} params={params} />
}

const askedAgainMs = 5_000

/** Rights that are given back open the page again: nobody sits at a screen on a wall. */
function NotAllowed() {
  useEffect(() => {
    const timer = setInterval(() => findMe().catch(() => {}), askedAgainMs) // not heard now, it is the next time
    return () => clearInterval(timer)
  }, [])
  return <Notice text={words().pageNotAllowed} />
}

function PageOf({ route, params }: PageProps & { readonly route: Route }) {
  useEffect(() => {
    usualTheme.value = route.theme
    if (!loaded.value.has(route)) load(route)
  }, [route])
  const Page = loaded.value.get(route)
  if (Page === 'failed') return <Notice text={words().chunkFailed} again={() => load(route)} />
  return Page === undefined || Page === 'loading' ? null : <Page params={params} />
}

async function load(route: Route): Promise<void> {
  const set = (value: Loaded) => {
    loaded.value = new Map(loaded.value).set(route, value)
  }
  set('loading')
  try {
    set((await route.load()).Page)
  } catch {
    set('failed')
  }
}

async function askWho(): Promise<void> {
  meProblem.value = null
  await findMe().catch((cause: unknown) => {
    meProblem.value = cause
  })
}

function Redirect({ to }: { readonly to: string }) {
  useEffect(() => navigate(to, 'replace'), [to])
  return null
}

function Notice({ text, again }: { readonly text: string; readonly again?: () => void }) {
  const say = words()
  return (
    <main class="notice">
      <p>{text}</p>
      {again ? <Button onClick={again}>{say.tryAgain}</Button> : <a href={`${base}/`}>{say.home}</a>}
    </main>
  )
}
