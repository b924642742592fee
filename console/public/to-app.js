// On the page behind a crew's link: goes on in the app, with the same token. Whoever asked for the plain page stays, and so does a browser
// that is too old for the app.
{
  const [, token] = /^\/o\/([\w-]+)$/.exec(location.pathname) ?? []
  const isPlain = /[?&](plain|done)\b/.test(location.search)
  if (token !== undefined && !isPlain && 'noModule' in document.createElement('script') && 'findLast' in []) {
    location.replace(`/console/o/${token}`)
  }
}
