import { defineConfig } from 'vite'

/** What most pages share, in two files, and those of the review in one more: over a weak signal each one more is a wait. */
const shared = [
  { name: 'parts', test: /[\\/]components[\\/](?:bar|dialog|empty-state|field|preferences)\.tsx$/ },
  { name: 'orders', test: /[\\/](?:core[\\/].*|countdown|curve-data|finding|moment|picture|severity|time)\.tsx?$/ },
  { name: 'review', test: /[\\/]insurer[\\/].*\.tsx?$/ },
].map((group) => ({ ...group, minShareCount: 2, includeDependenciesRecursively: false }))

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
    rolldownOptions: {
      // how long a plugin took is nothing for whoever starts the service
      checks: { bundlerTimings: false },
      output: { codeSplitting: { groups: shared } },
    },
  },
})
