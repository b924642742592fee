/** Makes the phone's pages work without a link, and installable; once. Where there is no TLS, a browser allows neither. */
export function install(): void {
  if (document.querySelector('link[rel=manifest]') !== null) return
  const link = document.createElement('link')
  link.rel = 'manifest'
  link.href = '/console/manifest.webmanifest'
  document.head.append(link)
  keepPages()
}

/** So that a page that is opened without a link is the app's, and can say so. */
export function keepPages(): void {
  keepApp().catch(() => {
    // it works all the same, as long as there is a link
  })
}

/** For every address here, for the message's link is not one of the app; the worker lets alone what is neither. */
async function keepApp(): Promise<void> {
  const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (worker === undefined) return
  const { active } = await worker.register('/console/sw.js', { scope: '/' })
  // one from before, for the app alone, serves until this one does
  if (active === null) return
  for (const one of await worker.getRegistrations()) {
    // no other: behind one proxy another application may have its own
    if (new URL(one.scope).pathname === '/console/') await one.unregister()
  }
}
