import { defineConfig } from 'vite'

/** The web app, into static files whose names carry their content; `bin/build.js` says where to. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  build: {
    emptyOutDir: true,
    // also the browsers inside of phones' apps, which are a few years old
    target: ['chrome107', 'safari16', 'firefox104'],
    manifest: 'assets.json',
    // nothing inline: the policy of our pages allows no such thing
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // how long a plugin took is nothing for whoever starts the service
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
})
