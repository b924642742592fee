import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findEngine } from './find.ts'

export interface FakedClock {
  /** For a process whose clock this is to be, and for all that it starts. Its monotonic clock is the machine's. */
  readonly environment: Readonly<Record<string, string>>
  /** Sets it so far from the machine's, `+1h` or `-2h`; whoever has it sees that within a second or two. */
  set(apart: string): void
  remove(): void
}

/** @throws {Error} the engine is not to be had (see `describeWithEngine`) */
export async function fakeClock(): Promise<FakedClock> {
  const engine = await findEngine('faketime')
  if (!engine) throw new Error('no faketime; put the test into describeWithEngine')
  const directory = mkdtempSync(join(tmpdir(), 'liftwatt-faketime-'))
  chmodSync(directory, 0o755) // PostgreSQL runs as somebody else
  const file = join(directory, 'clock')
  const library = join(directory, 'faketime.so') // LD_PRELOAD is a list, parted by blanks: the checkout's path may have some
  symlinkSync(libraryOf(engine.path), library)
  const set = (apart: string) => writeFileSync(file, apart)
  set('+0')
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: '1',
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Beside `bin/`, in a folder with the machine's triplet: the one for programs with threads. */
function libraryOf(binary: string): string {
  const folder = join(dirname(dirname(binary)), 'lib')
  const triplet = readdirSync(folder).find((name) => /-linux-gnu/.test(name)) ?? ''
  return join(folder, triplet, 'faketime', 'libfaketimeMT.so.1')
}
