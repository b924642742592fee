import { stat } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { ExpectedError, reasonOf, StoreUnavailable } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'

export interface DuckdbFileOptions<State> {
  readonly file: string
  readonly memoryLimitMegabytes: number
  /** A write-ahead log above this is folded into the file: it bounds the disk it takes and the replay after a crash. */
  readonly checkpointAtBytes: number
  readonly log: Log
  /** Brings the tables up to date and answers what the adapter remembers of them; called at every (re)opening. */
  prepare(writer: DuckDBConnection): Promise<State>
}

export interface DuckdbFile<State> {
  /**
   * One transaction, after those asked for before; `work` answers what to do once it is committed.
   * `commit: 'alone'` lets no read run beside the commit, for one that moves rows from table to table: a query that starts
   * in that moment was seen to find them in neither (1.5.5, 3 times in 40).
   * @throws {StoreUnavailable} it is not stored, or nobody can tell
   */
  write<T>(work: Work<State, () => T>, options?: { commit: 'alone' }): Promise<T>
  /** One after another, beside the writer. @throws {StoreUnavailable} */
  read<T>(work: Work<State, T>): Promise<T>
  close(): Promise<void>
}

type Work<State, T> = (connection: DuckDBConnection, state: State) => Promise<T>

interface Session<State> {
  readonly instance: DuckDBInstance
  readonly writer: DuckDBConnection
  readonly reader: DuckDBConnection
  readonly state: State
}

/**
 * One DuckDB file with a connection that writes and one that reads, each used by one caller at a time: two queries at once
 * on one connection crash it. An engine that has declared itself unusable (a failed write to its log does that) is closed
 * and opened again by the next call, so a full disk needs no restart of ours. What `State` remembers goes with the session.
 */
export async function openDuckdbFile<State>(options: DuckdbFileOptions<State>): Promise<DuckdbFile<State>> {
  const { file, log, checkpointAtBytes } = options
  const writing = oneAtATime()
  const reading = oneAtATime()
  let opening: Promise<Session<State>> | undefined = openSession(options)
  let closed = false
  await opening

  /** Both queues meet here, so the reader is never cut off in the middle of a query. */
  async function discard(broken: Promise<Session<State>>, cause: unknown): Promise<void> {
    await reading(async () => {
      if (opening !== broken) return
      opening = undefined
      log.warn({ file, reason: reasonOf(cause) }, 'the readings file is closed after an error, the next call opens it')
      await broken.then(closeSession, () => {})
    })
  }

  function session(): Promise<Session<State>> {
    if (closed) return Promise.reject(new Error(`${file} is closed`))
    if (opening) return opening
    const session = openSession(options)
    session.catch(() => {
      if (opening === session) opening = undefined
    })
    opening = session
    return session
  }

  function write<T>(work: Work<State, () => T>, { commit } = { commit: 'beside reads' }): Promise<T> {
    return writing(async () => {
      const current = session()
      let result: T
      try {
        const { writer, state } = await current
        const committed = await untilCommit(writer, () => work(writer, state))
        // A commit that fails may still have reached the disk: only opening the file again tells.
        await (commit === 'alone' ? reading(() => writer.run('COMMIT')) : writer.run('COMMIT'))
        result = committed()
      } catch (cause) {
        if (cause instanceof RolledBack) throw new StoreUnavailable('readings', cause.cause)
        await discard(current, cause)
        throw new StoreUnavailable('readings', cause)
      }
      await checkpointWhenLarge(current)
      return result
    })
  }

  async function read<T>(work: Work<State, T>): Promise<T> {
    const attempt = () =>
      reading(async () => {
        const { reader, state } = await session()
        return work(reader, state)
      })
    const current = opening
    try {
      return await attempt()
    } catch (cause) {
      if (closed || !isEngineGone(cause)) throw new StoreUnavailable('readings', cause)
      // The writer met the fault first; a reader that comes before the next write opens the file anew.
      if (current) await writing(() => discard(current, cause))
      return attempt().catch((again: unknown) => {
        throw new StoreUnavailable('readings', again)
      })
    }
  }

  async function checkpointWhenLarge(current: Promise<Session<State>>): Promise<void> {
    const bytes = await stat(`${file}.wal`).then(
      ({ size }) => size,
      () => 0,
    )
    if (bytes < checkpointAtBytes) return
    // A long read holds it off; the log only grows meanwhile, and the next write tries again.
    await (await current).writer.run('CHECKPOINT').catch(async (cause: unknown) => {
      log.debug({ file, bytes, reason: reasonOf(cause) }, 'checkpoint postponed')
      if (isEngineGone(cause)) await discard(current, cause)
    })
  }

  return {
    write,
    read,
    async close() {
      if (closed) return
      closed = true
      await writing(() => reading(async () => opening?.then(closeSession, () => {})))
    },
  }
}

/** The transaction failed and was undone, and the connection is as good as before. */
class RolledBack extends Error {}

async function untilCommit<T>(writer: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await writer.run('BEGIN')
  try {
    return await work()
  } catch (cause) {
    // When the engine refuses the rollback, the error that leaves here has the session closed.
    await writer.run('ROLLBACK').catch(() => {
      throw cause
    })
    if (isEngineGone(cause)) throw cause
    throw new RolledBack(reasonOf(cause), { cause })
  }
}

async function openSession<State>(options: DuckdbFileOptions<State>): Promise<Session<State>> {
  const { file, memoryLimitMegabytes } = options
  const instance = await DuckDBInstance.create(file, {
    // Of the engine's own; each connection works in the thread that calls it anyway. With two, they share out what is too little
    // to share, and a row costs 7 µs of CPU instead of 4 (docs/performance.md).
    threads: '1',
    memory_limit: `${memoryLimitMegabytes}MB`,
    checkpoint_threshold: '1GB',
    preserve_insertion_order: 'false',
  }).catch((cause: unknown) => {
    throw openingError(file, cause)
  })
  try {
    const writer = await instance.connect()
    const reader = await instance.connect()
    return { instance, writer, reader, state: await options.prepare(writer) }
  } catch (cause) {
    instance.closeSync()
    throw cause
  }
}

function closeSession({ instance, writer, reader }: Session<unknown>): void {
  writer.closeSync()
  reader.closeSync()
  instance.closeSync()
}

function openingError(file: string, cause: unknown): Error {
  const reason = reasonOf(cause)
  if (!/lock/i.test(reason)) return new StoreUnavailable('readings', cause)
  const holder = /PID (\d+)/.exec(reason)?.[1]
  const who = holder ? `the process ${holder}` : 'another process'
  return new ExpectedError('unavailable', `${file} is in use by ${who}; only one process at a time can open it`, {
    cause,
  })
}

/** Errors after which DuckDB serves nothing more until the file is opened again. */
function isEngineGone(cause: unknown): boolean {
  return /FATAL|INTERNAL|invalidated|must be restarted|connection.*closed/i.test(reasonOf(cause))
}
