/** Makes the phone's pages work without a link, and installable; once. Where there is no TLS, a browser allows neither. */
export function install(): void {
  if (document.querySelector('link[rel=manifest]') !== null) return
  const link = document.createElement('link')
  link.rel = 'manifest'
  link.href = '/console/manifest.webmanifest'
  document.head.append(link)
  navigator.serviceWorker?.register('/console/sw.js', { scope: '/console/' }).catch(() => {
    // it works all the same, as long as there is a link
  })
}
