import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * A vitest reporter whose one line, `N passed, N failed, N skipped`, is the last of the run.
 *
 * A test is what counts; besides, whatever kept tests from running counts as one failed: a file that
 * could not be read, a hook that threw, an error outside any test. Skipped includes `todo`.
 * Tests that passed only when they were tried again (on CI, vitest.config.ts) are named before it.
 */
export default class ClosingLine implements Reporter {
  // Until a run has ended, something broke: that is what a crash would print.
  private line = '0 passed, 1 failed, 0 skipped'
  private triedAgain: readonly string[] = []

  constructor() {
    // At exit, because other reporters and the teardown still print after the end of the run.
    process.once('exit', () => process.stdout.write([...this.triedAgain, this.line, ''].join('\n')))
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]) {
    this.line = closingLine(modules, errors)
    this.triedAgain = modules.flatMap(({ relativeModuleId, children }) =>
      [...children.allTests()]
        .filter((test) => test.diagnostic()?.flaky)
        .map(({ fullName }) => `failed, and passed when tried again: ${relativeModuleId} > ${fullName}`),
    )
  }
}

export function closingLine(modules: readonly TestModule[], errors: readonly SerializedError[]): string {
  const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 }
  for (const module of modules) {
    for (const test of module.children.allTests()) counts[test.result().state]++
    const holders = [module, ...module.children.allSuites()]
    counts.failed += holders.filter((holder) => holder.errors().length > 0).length
  }
  // A test still pending when the run has ended was interrupted.
  return `${counts.passed} passed, ${counts.failed + counts.pending} failed, ${counts.skipped} skipped`
}
