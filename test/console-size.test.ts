import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

/* What a browser loads before it shows a page, on the built files: over the weak signal of a lift shaft every KB counts. */

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
}

const root = join(import.meta.dirname, '..')
const built = join(root, 'dist', 'console')
const chunks = JSON.parse(readFileSync(join(built, 'assets.json'), 'utf8')) as Record<string, Chunk>

/** Page file and budget of each route, as they stand in the source: the routes themselves load only in a browser. */
const source = readFileSync(join(root, 'console', 'routes.ts'), 'utf8')
const pages = [...source.matchAll(/pattern: '([^']+)'[\s\S]*?import\('\.\/([^']+)'\)[\s\S]*?budgetKb: (\d+)/g)].map(
  ([, pattern = '', file = '', budgetKb]) => ({ pattern, file, budgetKb: Number(budgetKb) }),
)

test('every route has a page and a budget', () => {
  const patterns = [...source.matchAll(/pattern: '([^']+)'/g)].map(([, pattern]) => pattern)
  expect(pages.map(({ pattern }) => pattern)).toEqual(patterns)
  expect(patterns).toContain('/duty')
})

test.each(pages)('the script of $pattern is at most $budgetKb KB gzip', ({ pattern, file, budgetKb }) => {
  const files = new Set([...filesOf('index.html'), ...filesOf(file)])
  const bytes = [...files].reduce((sum, name) => sum + gzipSync(readFileSync(join(built, name))).length, 0)
  console.log(`${pattern}: ${(bytes / 1024).toFixed(1)} KB gzip in ${files.size} files`)
  expect(bytes).toBeLessThanOrEqual(budgetKb * 1024)
})

/** A chunk's own file and those that it cannot start without. */
function filesOf(key: string, seen = new Set<string>()): Set<string> {
  const chunk = chunks[key]
  if (chunk === undefined) throw new Error(`the build has no ${key}`)
  if (seen.has(chunk.file)) return seen
  seen.add(chunk.file)
  for (const other of chunk.imports ?? []) filesOf(other, seen)
  return seen
}
