import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** vitest's globalSetup: names this run, so that its workers announce an engine once and look for a missing one once. */
export function setup() {
  if (process.env.LIFTWATT_TEST_RUN !== undefined) return // for another project of this run
  const run = mkdtempSync(join(tmpdir(), 'liftwatt-test-run-'))
  process.env.LIFTWATT_TEST_RUN = run
  return () => rmSync(run, { recursive: true, force: true })
}
