// Keeps the app's files on the phone, so that a crew's page opens where there is no link, also by the link of their message, and an inspection's. It keeps
// nothing that the service says: the page does, and knows how old it is. Whatever else is asked of this address passes by.

const cacheName = 'liftwatt-app'
const shell = '/console/'
/** The address in a message. */
const orderLink = /^\/o\/([\w-]+)$/
/** Of Vite's manifest: what the crew's pages and an inspection's are made of. */
const entries = ['index.html', 'crew/page.tsx', 'insurer/inspections/page.tsx']
/** On a link that hardly is one, the kept page comes sooner. */
const pageWithinMs = 4_000

self.addEventListener('install', (event) => {
  event.waitUntil(keepApp().then(() => self.skipWaiting()))
})
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  const [, token] = orderLink.exec(pathname) ?? []
  if (token !== undefined && request.mode === 'navigate') event.respondWith(linked(request, token))
  if (!pathname.startsWith(shell)) return
  if (request.mode === 'navigate') event.respondWith(page(event))
  else if (pathname.startsWith(`${shell}assets/`)) event.respondWith(asset(request))
  else event.respondWith(fresh(request))
})

/** The newest page, while the phone has a link; with it the files of its build are kept. */
async function page(event) {
  try {
    const response = await within(fetch(event.request), pageWithinMs)
    // a proxy answers for a service that is away: to a crew that is the same as no link
    if (response.status >= 500) return (await kept(shell)) ?? response
    if (response.ok) event.waitUntil(keepApp().catch(() => {}))
    return response
  } catch (cause) {
    return (await kept(shell)) ?? Promise.reject(cause)
  }
}

/** What the service answers to a message's link; where it does not, the order as this phone has it. */
async function linked(request, token) {
  const inApp = async () => (await kept(shell)) && Response.redirect(`${location.origin}${shell}o/${token}`)
  try {
    const response = await within(fetch(request), pageWithinMs)
    return response.status >= 500 ? ((await inApp()) ?? response) : response
  } catch (cause) {
    return (await inApp()) ?? Promise.reject(cause)
  }
}

/** A file with a hash in its name never changes. */
async function asset(request) {
  return (await kept(request.url)) ?? fetch(request)
}

async function fresh(request) {
  try {
    return await fetch(request)
  } catch (cause) {
    return (await kept(request.url)) ?? Promise.reject(cause)
  }
}

async function kept(url) {
  return (await caches.open(cacheName)).match(url, { ignoreVary: true, ignoreSearch: true })
}

/** All files of the build, then its page, then the old ones go: never half of a build. */
async function keepApp() {
  const cache = await caches.open(cacheName)
  const built = await (await fetch(`${shell}assets.json`, { cache: 'no-cache' })).json()
  const files = [...filesOf(built), `${shell}icon.svg`, `${shell}icon-192.png`, `${shell}manifest.webmanifest`]
  const missing = []
  for (const file of files) if ((await cache.match(file, { ignoreVary: true })) === undefined) missing.push(file)
  await cache.addAll(missing)
  await cache.add(new Request(shell, { cache: 'no-cache' }))
  const wanted = new Set([...files, shell].map((path) => new URL(path, location.origin).href))
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request)
}

function filesOf(built) {
  const names = new Set()
  const add = (name) => {
    if (names.has(name) || built[name] === undefined) return
    names.add(name)
    for (const other of built[name].imports ?? []) add(other)
  }
  entries.forEach(add)
  const files = [...names].flatMap((name) => [
    built[name].file,
    ...(built[name].css ?? []),
    ...(built[name].assets ?? []),
  ])
  return [...new Set(files)].map((file) => shell + file)
}

function within(promise, ms) {
  return new Promise((resolve, reject) => {
    setTimeout(reject, ms, new Error('too slow'))
    promise.then(resolve, reject)
  })
}
