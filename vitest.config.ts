import { defineConfig } from 'vitest/config'
import { SlowestFirst } from './test/slowest-first.ts'

const unread = ['**/node_modules/**', 'dist/**', '.cache/**', 'data/**']
/** Only pure functions: their tests share a process, and read the modules once. */
const pure = ['core/**/*.test.ts', 'devices/**/*.test.ts', 'docs/**/*.test.ts', 'console/**/*.test.ts']
/** They change what a process has only once (a prototype, the umask), or look at how it keeps up: each has one of its own. */
const alone = [
  '{bench,bin,broker,simulators}/**/*.test.ts',
  'stores/{journal,readings}/**/*.test.ts',
  'stores/*.test.ts',
]

/** Real processes on a shared machine: one that needed it is named at the end (test/closing-line.ts), to be mended. */
const retry = process.env.CI ? 1 : 0

export default defineConfig({
  test: {
    // patience costs a test nothing that passes: a busy machine takes many times as long as a quiet one
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
    pool: 'forks',
    // a third of a test's time is waiting for processes: three at a time keep two cores busy
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'alone', include: alone, retry, globalSetup: ['test/engines/run.ts'] } },
      {
        extends: true,
        test: {
          name: 'service',
          include: ['**/*.test.ts'],
          retry,
          exclude: [...unread, ...pure, ...alone],
          isolate: false,
          globalSetup: ['test/engines/run.ts', 'test/shared-postgres.ts'],
        },
      },
    ],
  },
})
