import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules', 'dist', '.cache', 'data'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // much of a test's time is waiting for processes: two at a time, on two cores too
    maxWorkers: 2,
    globalSetup: 'test/engines/run.ts',
    reporters: ['default', './test/closing-line.ts'],
  },
})
