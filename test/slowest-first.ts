import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest begins first, lest one of them be left alone at the end. */
const slowest = [
  'test/stop.test.ts',
  'test/kill.test.ts',
  'test/finding-to-notice.test.ts',
  'test/disk-full.test.ts',
  'test/crash-points.test.ts',
  'test/backtest-live.test.ts',
  'test/cli.test.ts',
  'test/compose.test.ts',
  'test/influx-outage.test.ts',
  'test/clock-jumps.test.ts',
  'test/fuzz.test.ts',
  'test/fleet-events.test.ts',
  'test/database-away.test.ts',
  'test/demo.test.ts',
  'test/tls.test.ts',
  'test/fsync-before-puback.test.ts',
]

/** Those that share a process come one after the other: it is kept from one file to the next of the same project, and no longer. */
const projects = ['service', 'alone', 'pure']

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const largestFirst = await super.sort(files)
    return largestFirst.toSorted(
      (one, other) =>
        projects.indexOf(one.project.name) - projects.indexOf(other.project.name) || rank(one) - rank(other),
    )
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  const place = slowest.indexOf(relative(project.config.root, moduleId))
  return place === -1 ? slowest.length : place
}
