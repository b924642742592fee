import { createHash } from 'node:crypto'

/**
 * On the page behind a crew's link: goes on in the app, with the same token. Whoever asked for the plain page stays, and so does a
 * browser that is too old for the app or runs no script. In the page itself, for a file of its own is one more way to the service
 * and back over the weak signal of a lift shaft.
 */
const script = `{
  const [, token] = /^\\/o\\/([\\w-]+)$/.exec(location.pathname) ?? []
  const isPlain = /[?&](plain|done)\\b/.test(location.search)
  if (token !== undefined && !isPlain && 'noModule' in document.createElement('script') && 'findLast' in []) {
    location.replace('/console/o/' + token)
  }
}`

export const toApp = {
  element: `<script>${script}</script>`,
  /** The one script that the page's policy allows. */
  source: `sha256-${createHash('sha256').update(script).digest('base64')}`,
}
