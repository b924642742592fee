import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClassicLevel } from 'classic-level'
import { StoreUnavailable } from '../../core/errors.ts'

export type Level = ClassicLevel<Buffer, Buffer>

/** LevelDB's log, and so what a recovery reads and writes again, is about this long. */
export const writeBufferBytes = 4 * 1024 * 1024
/** Taking back and opening afresh is a matter of some 100 ms. Whoever waits longer is told, so that it can stop or say why it waits. */
const patienceMs = 1_000

/** @throws LevelDB's own error, not the wrapper that only says that opening failed */
export async function openLevel(directory: string): Promise<Level> {
  const level: Level = new ClassicLevel(join(directory, 'entries'), {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: true,
    writeBufferSize: writeBufferBytes,
    // Readers go through the journal once: what they have read is not needed again.
    cacheSize: 1024 * 1024,
    // For the same reason few tables stay open: LevelDB maps each of them into memory, and an hour of load leaves hundreds.
    maxOpenFiles: 32,
    // One LevelDB for all threads of the process; a reader's handle is a second reference to it.
    multithreading: true,
  })
  try {
    await level.open()
    return level
  } catch (error) {
    throw (error as Error).cause ?? error
  }
}

export function keyOf(position: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  key.writeBigUInt64BE(BigInt(position))
  return key
}

export function positionOf(key: Buffer): number {
  return key.length === 8 ? Number(key.readBigUInt64BE(0)) : Number.NaN
}

/**
 * The one handle of a thread, and the way to take it back: a LevelDB that failed to write must be closed by every thread before
 * it can be opened afresh.
 */
export interface LevelAccess {
  /**
   * Runs `work` on the open database; waits a moment while it is taken back.
   * @throws {StoreUnavailable} it is not given back within about a second, or is closed
   */
  use<T>(work: (level: Level) => Promise<T>): Promise<T>
  /** Lets the work under way finish, then closes. What comes now waits for `resume`. */
  release(): Promise<void>
  /** With a database that was opened meanwhile, or none: then the next `use` opens it. */
  resume(level?: Level): void
  /** Releases for good: whatever waits or comes is refused at once. */
  close(): Promise<void>
}

export function createLevelAccess(open: () => Promise<Level>, opened?: Level): LevelAccess {
  let level: Promise<Level> | null = opened ? Promise.resolve(opened) : null
  let inUse = 0
  let closed = false
  let gate: PromiseWithResolve | null = null
  let idle: PromiseWithResolve | null = null

  async function release(): Promise<void> {
    gate ??= promiseWithResolve()
    // Resumed and taken back again meanwhile, it may be in use once more.
    while (inUse > 0) {
      idle ??= promiseWithResolve()
      await idle.promise
    }
    const last = level
    level = null
    await (await last?.catch(() => null))?.close()
  }

  function openGate(): void {
    gate?.resolve()
    gate = null
  }

  return {
    async use(work) {
      if (gate && !closed) await Promise.race([gate.promise, sleep(patienceMs, undefined, { ref: false })])
      if (closed) throw new StoreUnavailable('journal', 'it is closed')
      if (gate) throw new StoreUnavailable('journal', 'a write failed, and it could not yet be opened again')
      inUse += 1
      try {
        level ??= open()
        return await work(await level.catch(forget))
      } finally {
        inUse -= 1
        if (inUse === 0) {
          idle?.resolve()
          idle = null
        }
      }
    },

    release,

    resume(reopened) {
      if (reopened) level = Promise.resolve(reopened)
      openGate()
    },

    async close() {
      closed = true
      openGate()
      await release()
    },
  }

  function forget(error: unknown): never {
    level = null
    throw error
  }
}

interface PromiseWithResolve {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function promiseWithResolve(): PromiseWithResolve {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
