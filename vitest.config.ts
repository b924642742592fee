import { defineConfig } from 'vitest/config'

const unread = ['**/node_modules/**', 'dist/**', '.cache/**', 'data/**']
/** Only pure functions: their tests share a process, and read the modules once. */
const pure = ['core/**/*.test.ts', 'devices/**/*.test.ts', 'docs/**/*.test.ts', 'console/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // a third of a test's time is waiting for processes: three at a time keep two cores busy
    maxWorkers: 3,
    reporters: ['default', './test/closing-line.ts'],
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      {
        extends: true,
        test: {
          name: 'service',
          include: ['**/*.test.ts'],
          // real processes on a shared machine: one that needed it is named at the end (test/closing-line.ts), to be mended
          retry: process.env.CI ? 1 : 0,
          exclude: [...unread, ...pure],
          globalSetup: ['test/engines/run.ts', 'test/shared-postgres.ts'],
        },
      },
    ],
  },
})
