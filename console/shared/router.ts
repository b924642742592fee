import { signal } from '@preact/signals'

/** Where the service serves this app; addresses inside it are written without it: "/duty". */
export const base = '/console'

export interface Place {
  readonly path: string
  readonly query: URLSearchParams
}

/** Where we are. */
export const place = signal<Place>(currentPlace())

export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', base + to)
  place.value = currentPlace()
}

/** The same page with other filters: a link to just this view. `null` takes one out. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const query = new URLSearchParams(place.value.query)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name)
    else query.set(name, value)
  }
  navigate(place.value.path + (query.size === 0 ? '' : `?${query}`), 'replace')
}

/** Plain `<a href>` within the app change the place and load nothing; everything else is the browser's. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    place.value = currentPlace()
  })
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a[href]')
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return
    const isOurs = link.origin === location.origin && link.pathname.startsWith(`${base}/`)
    if (!isOurs || link.target !== '' || link.hasAttribute('download')) return
    event.preventDefault()
    navigate(link.pathname.slice(base.length) + link.search)
  })
}

/** The address of a page of this app, without what leads up; null = it is none: "/../elsewhere", "//somebody.example". */
export function placeWithin(to: string): string | null {
  if (!/^\/(?![/\\])/.test(to)) return null
  const { pathname, search } = new URL(base + to, 'http://here')
  return pathname.startsWith(`${base}/`) ? pathname.slice(base.length) + search : null
}

/** The parts that a pattern such as "/orders/:id" names, or undefined where it does not fit. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const parts: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? ''
    if (!part.startsWith(':') ? part !== text : text === '') return undefined
    if (part.startsWith(':')) parts[part.slice(1)] = decoded(text)
  }
  return parts
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function currentPlace(): Place {
  if (typeof location === 'undefined') return { path: '/', query: new URLSearchParams() }
  const { pathname, search } = location
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : pathname
  return { path: path === '' ? '/' : path, query: new URLSearchParams(search) }
}
