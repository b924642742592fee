import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

test('nobody in this project imports across a boundary, and every file was looked at', () => {
  const { modules, violations } = cruise(root)

  expect(violations).toEqual([])
  // With a TypeScript it cannot use, dependency-cruiser looks at nothing and is content.
  const looked = new Set(modules)
  expect(sourceFiles().filter((file) => !looked.has(file))).toEqual([])
  expect(looked.size).toBeGreaterThan(10)
})

test('no file takes its own place from the path of a URL, in which blanks and Chinese letters are encoded', () => {
  const wrong = sourceFiles().filter((file) =>
    /import\.meta\.url\)\.pathname/.test(readFileSync(join(root, file), 'utf8')),
  )
  expect(wrong).toEqual([])
})

/** File, what it imports, the rules that forbid it. */
const imports: [file: string, from: string, ...rules: string[]][] = [
  ['core/a.ts', '../devices/kind.ts', 'core-alone'],
  ['core/b.ts', '../stores/readings/port.ts', 'core-alone'],
  ['core/c.ts', 'zod'],
  ['core/d.ts', 'pino', 'pure-folders'],
  ['core/e.ts', 'fs/promises', 'pure-folders-no-io'],
  ['core/e.test.ts', '../stores/readings/duckdb.ts'],
  ['devices/elevator/a.ts', '../../core/reading.ts'],
  ['devices/elevator/b.ts', '../../broker/server.ts', 'devices-core'],
  ['devices/elevator/c.ts', 'mqtt', 'pure-folders'],
  ['devices/elevator/d.ts', 'simple-statistics'],

  ['stores/journal/port.ts', '../../core/reading.ts'],
  ['stores/operations/port.ts', '../../devices/kind.ts', 'port-core'],
  ['stores/evidence/port.ts', 'pg', 'port-no-client'],
  ['stores/readings/contract.ts', 'vitest'],
  ['stores/journal/contract.ts', './port.ts'],
  ['stores/operations/contract.ts', './postgres.ts', 'contract-port'],
  ['stores/evidence/contract.ts', 'classic-level', 'contract-no-client'],
  ['stores/operations/postgres.ts', 'pg'],
  ['stores/operations/schema.ts', 'drizzle-orm/pg-core'],
  ['stores/readings/duckdb.ts', './port.ts'],
  ['stores/readings/influx.ts', '../journal/port.ts', 'adapter-port'],
  ['stores/readings/memory.ts', '../../ingest/decode.ts', 'adapter-port'],
  ['stores/readings/production.ts', './contract.ts', 'no-test-in-production'],

  ['broker/server.ts', 'aedes'],
  ['broker/a.ts', '../stores/journal/port.ts'],
  ['broker/b.ts', '../ingest/decode.ts', 'broker-alone'],
  ['broker/b.test.ts', '../ingest/decode.ts'],
  ['broker/c.ts', 'mqtt-packet', 'no-dev-dependency-in-production'],
  ['broker/d.ts', 'fastify', 'fastify-in-api'],
  ['ingest/decode.ts', '../devices/kind.ts'],
  ['ingest/a.ts', '../stores/readings/duckdb.ts', 'ingest-alone'],
  ['ingest/b.ts', 'aedes', 'aedes-in-broker'],
  ['ingest/c.ts', '../main.ts', 'ingest-alone'],
  ['ingest/d.ts', '../test/faults.ts', 'ingest-alone', 'no-test-in-production'],
  ['ingest/e.ts', './nowhere.ts', 'ingest-alone', 'no-unresolvable'],
  ['analytics/a.ts', '@duckdb/node-api', 'store-clients-in-stores'],
  ['analytics/b.ts', '../workorders/life/open.ts', 'analytics-alone'],
  ['workorders/life/open.ts', 'node-cron'],
  ['workorders/a.ts', '../registry/a.ts', 'workorders-alone'],
  ['workorders/b.ts', 'drizzle-orm', 'store-clients-in-stores'],
  ['quality/a.ts', '../workorders/life/open.ts', 'quality-alone'],
  ['registry/a.ts', '@influxdata/influxdb-client', 'store-clients-in-stores'],
  ['registry/b.ts', '../api/server.ts', 'registry-alone'],
  ['simulators/a.ts', 'classic-level', 'store-clients-in-stores'],
  ['simulators/b.ts', '../stores/readings/contract.ts', 'simulators-alone', 'no-test-in-production'],
  ['dashboards/a.ts', '../analytics/a.ts', 'dashboards-alone'],

  ['api/server.ts', 'fastify'],
  ['api/schemas.ts', '../workorders/life/open.ts'],
  ['api/a.ts', '../broker/server.ts', 'api-commands'],
  ['api/b.ts', '../stores/operations/postgres.ts', 'api-commands'],
  ['api/c.ts', 'pg', 'store-clients-in-stores'],
  ['console/a.ts', '../api/schemas.ts', 'console-schema-types'],
  ['console/b.ts', '../api/server.ts', 'console-schemas'],
  ['console/c.tsx', 'preact'],
  ['console/d.tsx', 'fastify', 'console-packages', 'fastify-in-api'],
  ['console/e.ts', 'crypto', 'console-packages'],
  ['console/f.ts', '../core/reading.ts', 'console-schemas'],
  ['console/g.ts', '../core/local-time.ts'],

  ['main.ts', './stores/operations/postgres.ts'],
  ['cli/a.ts', '../main.ts'],
  ['cli/b.ts', 'yaml', 'no-dev-dependency-in-production'],
  ['bench/a.ts', 'aedes'],
  ['bench/b.ts', 'mqtt-packet'],
  ['test/faults.ts', '../stores/readings/influx.ts'],
]

test('an import across a boundary is caught, one that the table allows is not', () => {
  const project = fixture()
  try {
    for (const [file, from] of imports) write(project, file, `import * as it from '${from}'\nexport default it\n`)
    for (const file of ['devices/kind.ts', 'core/reading.ts', 'core/local-time.ts', 'stores/readings/port.ts'])
      write(project, file, 'export default 1\n')

    const expected = imports.flatMap(([file, from, ...rules]) => rules.map((rule) => `${rule}: ${file} → ${from}`))
    const found = cruise(project).violations.map(({ rule, from, asWritten }) => `${rule}: ${from} → ${asWritten}`)
    expect(found.sort()).toEqual(expected.sort())
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

test('an import of a type counts, and a circle is caught', () => {
  const project = fixture()
  try {
    write(project, 'core/reading.ts', 'export interface Reading { at: number }\n')
    write(project, 'console/page.ts', "import type { Site } from '../api/schemas.ts'\nexport type Page = Site\n")
    write(project, 'api/schemas.ts', 'export interface Site { id: string }\n')
    write(project, 'broker/a.ts', "import type { B } from '../ingest/b.ts'\nexport type A = B\n")
    write(project, 'ingest/b.ts', "import type { Pool } from 'pg'\nexport type B = Pool\n")
    // Reported once a circle.
    write(project, 'quality/one.ts', "import { two } from './two.ts'\nexport const one = () => two\n")
    write(project, 'quality/two.ts', "import { one } from './one.ts'\nexport const two = () => one\n")

    const found = cruise(project).violations.map(({ rule, from }) => `${rule}: ${from}`)
    expect(found.sort()).toEqual([
      'broker-alone: broker/a.ts',
      'no-circular: quality/one.ts',
      'store-clients-in-stores: ingest/b.ts',
    ])
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

interface Cruise {
  modules: string[]
  violations: { rule: string; from: string; to: string; asWritten: string }[]
}

interface CruiserOutput {
  modules: { source: string; dependencies: { module: string; resolved: string }[] }[]
  summary: { violations: { rule: { name: string }; from: string; to: string }[] }
}

/** What `npm run lint` runs, read by a machine. */
function cruise(project: string): Cruise {
  const cruiser = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const args = [cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.']
  const output = execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8', maxBuffer: 2 ** 28 })
  const { modules, summary } = JSON.parse(output) as CruiserOutput

  const violations = summary.violations.map(({ rule, from, to }) => {
    const dependencies = modules.find(({ source }) => source === from)?.dependencies ?? []
    const asWritten = dependencies.find(({ resolved }) => resolved === to)?.module ?? to
    return { rule: rule.name, from, to, asWritten }
  })
  return { modules: modules.map(({ source }) => source), violations }
}

function sourceFiles(): string[] {
  const notOurs = /^(?:node_modules|dist|data|\.[^/]+)(?:\/|$)/
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => !notOurs.test(entry.name))
    .flatMap((entry) => {
      if (!entry.isDirectory()) return [entry.name]
      return readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${entry.name}/${name}`,
      )
    })
    .filter((file) => /\.tsx?$/.test(file))
}

/** An empty project under our rules. */
function fixture(): string {
  const project = mkdtempSync(join(tmpdir(), 'liftwatt-boundaries-'))
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    copyFileSync(join(root, file), join(project, file))
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'))
  return project
}

function write(project: string, file: string, text: string) {
  mkdirSync(dirname(join(project, file)), { recursive: true })
  writeFileSync(join(project, file), text)
}
