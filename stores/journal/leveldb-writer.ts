import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf, StoreUnavailable } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import {
  checkBlob,
  createSlab,
  emptySlab,
  entryBytes,
  headerBytes,
  mostEntriesIn,
  type Slab,
  sealBlob,
  writeEntry,
} from './blob.ts'
import { blobBefore, blobsFrom, readBatch } from './groups.ts'
import { createLevelAccess, keyOf, type Level, type LevelAccess, openLevel } from './level.ts'
import { broken, claimIdentity, type Marks, readMarks, readPositions, saveMarks, savePosition } from './marks.ts'
import type { Journal } from './port.ts'
import type { LevelJournalWriter } from './roles.ts'
import { canRecoverIn, everythingRead, isSpaceScarce } from './space.ts'
import { endless, hostReaders } from './thread-channel.ts'

const slabBytes = 1024 * 1024
const keptSlabs = 8
const retryMs = { first: 100, most: 2_000 }
const releaseLimitMs = 5_000
const marksEveryMs = 5_000
const trimStepBytes = 4 * 1024 * 1024
/** Deleting writes tombstones; the space comes back with a compaction, worth its reading once so much is dead. */
const compactAfterBytes = 32 * 1024 * 1024

type OnDurable = (error: Error | null) => void

interface Group {
  readonly slabs: readonly Slab[]
  readonly callbacks: readonly OnDurable[]
  readonly bytes: number
}

interface Chore {
  run(level: Level): Promise<void>
  done(error: Error | null): void
}

export async function openLevelWriter({
  directory,
  log,
}: {
  directory: string
  log: Log
}): Promise<LevelJournalWriter> {
  const id = await claimIdentity(directory)
  await refuseHeadless(directory)
  const opened = await openLevel(directory).catch((cause: unknown) => {
    throw broken(directory, openingProblem(cause), cause)
  })
  const found = await findEnd(opened, directory, log)
  const access = createLevelAccess(() => openLevel(directory), opened)

  let { oldest, head, appendedBytes } = found
  /** What is appended from here on may stand where somebody has read already, until `passed` says how far that was. */
  const openedAt = found.openedAt ?? found.head
  let isConfirmed = false
  const problem = () =>
    lastError === null ? 'it is being closed' : `it cannot be written: ${reasonOf(lastError.cause)}`
  const readers = hostReaders(directory, () => head, problem)

  // What has been appended since the last commit began.
  let filling: Slab | null = null
  let slabs: Slab[] = []
  let callbacks: OnDurable[] = []
  let fillingBytes = 0
  let committingBytes = 0
  const spareSlabs: Slab[] = []

  let turnPlanned = false
  let turnRunning = false
  const chores: Chore[] = []
  let lastError: StoreUnavailable | null = null
  let recovery: Promise<void> = Promise.resolve()
  let closing: Promise<void> | null = null
  let atRest = () => {}

  let marksSavedAt = performance.now()
  /** The small files beside the entries: each is written aside first, and two at once would write the same. */
  const inTurn = oneAtATime()
  let trimming: Promise<unknown> = Promise.resolve()
  /** Behind `oldest` when a disk was too full to delete: the next trim does it then. */
  let cleared = 0
  let deadBytes = 0

  const append: Journal['append'] = (entries, onDurable) => {
    if (lastError !== null || closing !== null) {
      setImmediate(onDurable, lastError ?? new StoreUnavailable('journal', 'it is closed'))
      return
    }
    for (const entry of entries) {
      const bytes = entryBytes(entry)
      writeEntry(roomFor(bytes), entry)
      fillingBytes += bytes
    }
    callbacks.push(onDurable)
    planTurn()
  }

  function roomFor(bytes: number): Slab {
    if (filling && filling.used + bytes <= filling.bytes.length) return filling
    const needed = bytes + headerBytes
    filling = (needed <= slabBytes && spareSlabs.pop()) || createSlab(Math.max(needed, slabBytes))
    slabs.push(filling)
    return filling
  }

  function planTurn(): void {
    if (turnPlanned || turnRunning) return
    turnPlanned = true
    setImmediate(turn)
  }

  /** Everything that writes to LevelDB happens here, one after the other: a failure must not hit a write that seemed to succeed. */
  async function turn(): Promise<void> {
    turnPlanned = false
    turnRunning = true
    if (callbacks.length > 0) await commit(takeGroup())
    const chore = chores.shift()
    if (chore) await runChore(chore)
    turnRunning = false
    if (callbacks.length > 0 || chores.length > 0) planTurn()
    else atRest()
  }

  function takeGroup(): Group {
    const group = { slabs, callbacks, bytes: fillingBytes }
    filling = null
    slabs = []
    callbacks = []
    fillingBytes = 0
    return group
  }

  async function commit(group: Group): Promise<void> {
    committingBytes = group.bytes
    try {
      const written = await write(group)
      head = written.head
      appendedBytes = written.appendedBytes
    } catch (cause) {
      fail(cause)
    }
    committingBytes = 0
    reuse(group.slabs)
    answer(group, lastError)
    if (lastError) refuseWaiting(lastError)
    else saveMarksNowAndThen()
  }

  async function write(group: Group): Promise<{ head: number; appendedBytes: number }> {
    const end = { head, appendedBytes }
    const operations = group.slabs.filter(holdsEntries).map((slab) => {
      const value = sealBlob(slab, end.head, end.appendedBytes)
      const operation = { type: 'put' as const, key: keyOf(end.head), value }
      end.head += slab.count
      end.appendedBytes += value.length
      return operation
    })
    await access.use((level) => level.batch(operations, { sync: true }))
    return end
  }

  function answer(group: Group, error: Error | null): void {
    for (const onDurable of group.callbacks) {
      try {
        onDurable(error)
      } catch (thrown) {
        log.error({ err: thrown }, 'What waited for the journal failed')
      }
    }
  }

  function reuse(used: readonly Slab[]): void {
    for (const slab of used) {
      if (spareSlabs.length === keptSlabs) return
      if (slab.bytes.length > slabBytes) continue
      emptySlab(slab)
      spareSlabs.push(slab)
    }
  }

  /** What came while the failed write ran: it would go to a log that may be torn. */
  function refuseWaiting(error: Error): void {
    const group = takeGroup()
    reuse(group.slabs)
    answer(group, error)
  }

  function fail(cause: unknown): Error {
    lastError = new StoreUnavailable('journal', cause)
    log.error({ err: cause, directory, head }, 'The journal cannot be written: nothing is acknowledged until it can')
    recovery = recover()
    return lastError
  }

  /**
   * LevelDB refuses everything after a failed fsync, and after a failed write its log can be torn where it writes on. So it is
   * closed by every thread and opened afresh, and what surfaces of the failed group is deleted before anyone can read it.
   * Between two tries reads go on where there is anything open to read from.
   */
  async function recover(): Promise<void> {
    for (let waitMs = retryMs.first; !closing; waitMs = Math.min(2 * waitMs, retryMs.most)) {
      await sleep(waitMs)
      try {
        if (!(await canRecoverIn(directory))) continue
        if (!(await readers.release(releaseLimitMs))) {
          log.warn({ directory }, 'The journal waits for a reader to let go of it')
          readers.resume(head)
          continue
        }
        await access.release()
        const level = await openLevel(directory)
        let cleared = false
        try {
          await deleteFrom(level, head)
          await makeRoom(level)
          cleared = true
        } finally {
          access.resume(level)
          readers.resume(cleared ? endless : head)
        }
        lastError = null
        log.info({ directory, head }, 'The journal can be written again')
        return
      } catch (cause) {
        log.warn({ err: cause, directory }, 'The journal cannot be written yet')
      }
    }
  }

  /** On a disk that is nearly full, what has been read goes before anything new comes; `trim` cannot do it while writing fails. */
  async function makeRoom(level: Level): Promise<void> {
    if (!(await isSpaceScarce(directory))) return
    await trim(everythingRead, { read: (work) => work(level), write: (work) => work(level) })
  }

  async function runChore(chore: Chore): Promise<void> {
    if (lastError) return chore.done(lastError)
    try {
      await access.use(chore.run)
      chore.done(null)
    } catch (cause) {
      const error = fail(cause)
      refuseWaiting(error)
      chore.done(error)
    }
  }

  /** Deletes and the like take their turn between commits. */
  function doChore(run: Chore['run']): Promise<void> {
    return new Promise((resolve, reject) => {
      chores.push({ run, done: (error) => (error ? reject(error) : resolve()) })
      planTurn()
    })
  }

  async function passed(position: number): Promise<void> {
    if (position > openedAt) {
      log.error({ from: openedAt, to: position, directory }, 'The journal has lost entries that were read already')
      await appendAgainBehind(position)
    }
    isConfirmed = true
    await keepMarks()
  }

  async function appendAgainBehind(position: number): Promise<void> {
    const kept: Promise<void>[] = []
    await doChore(async (level) => {
      const end = Math.min(head, position)
      for (let from = openedAt; from < end; ) {
        const { entries, next } = await readBatch(level, { from, head: end, end, maxBytes: trimStepBytes })
        kept.push(new Promise((resolve, reject) => append(entries, (error) => (error ? reject(error) : resolve()))))
        from = next
      }
      head = Math.max(head, position)
    })
    await Promise.all(kept)
  }

  function saveMarksNowAndThen(): void {
    if (performance.now() - marksSavedAt < marksEveryMs) return
    marksSavedAt = performance.now()
    keepMarks().catch((cause: unknown) => log.warn({ err: cause }, 'The journal could not note its head'))
  }

  function keepMarks(): Promise<void> {
    return inTurn(() =>
      saveMarks(directory, { oldest, head, appendedBytes, openedAt: isConfirmed ? undefined : openedAt }),
    )
  }

  async function trim(
    limits: { receivedBefore: number; maxBytes: number },
    on: { read: LevelAccess['use']; write: (work: Chore['run']) => Promise<void> } = {
      read: access.use,
      write: doChore,
    },
  ): Promise<number> {
    const positions = [...(await readPositions(directory)).values()]
    if (positions.length === 0) return oldest
    const slowest = Math.min(...positions)

    while (oldest < slowest && !closing) {
      const { cut, bytes } = await on.read((level) => findCut(level, oldest, slowest, appendedBytes, limits))
      if (cut === oldest) break
      oldest = cut
      // First the note, then the deed: a reader must never take what was trimmed for damage.
      await keepMarks()
      await on.write((level) => level.clear({ gte: keyOf(cleared), lt: keyOf(cut) }))
      cleared = cut
      deadBytes += bytes
    }
    if (deadBytes >= compactAfterBytes) {
      deadBytes = 0
      await on.read((level) => level.compactRange(keyOf(0), keyOf(oldest)))
    }
    return oldest
  }

  async function close(): Promise<void> {
    if (turnPlanned || turnRunning) {
      await new Promise<void>((resolve) => {
        atRest = resolve
      })
    }
    await recovery
    await trimming.catch(() => {})
    await keepMarks().catch((cause: unknown) => log.warn({ err: cause }, 'The journal could not note its head'))
    if (await readers.release(releaseLimitMs)) await access.close()
    else log.warn({ directory }, 'A reader still has the journal open: its files stay open until the process ends')
    readers.close()
  }

  await keepMarks().catch((cause: unknown) =>
    log.warn({ err: cause }, 'The journal could not note where it was opened'),
  )
  return {
    id,
    append,
    passed,
    get head() {
      return head
    },
    get pendingBytes() {
      return fillingBytes + committingBytes
    },
    get lastError() {
      return lastError
    },

    async read(from, maxBytes) {
      if (from >= head) return { entries: [], damaged: [], next: from }
      const start = Math.max(from, oldest)
      return await access.use((level) => readBatch(level, { from: start, head, end: head, maxBytes }))
    },

    positions: () => readPositions(directory),
    savePosition: (reader, position) => inTurn(() => savePosition(directory, reader, position)),

    trim(limits) {
      const next = trimming.catch(() => {}).then(() => trim(limits))
      trimming = next
      return next
    },

    close() {
      closing ??= close()
      return closing
    },
  }
}

// A slab stays empty when the entry it was taken for was refused.
function holdsEntries(slab: Slab): boolean {
  return slab.count > 0
}

/** How far the oldest blobs may go, about one step of them at a time. Damaged ones go with the next that goes. */
async function findCut(
  level: Level,
  oldest: number,
  slowest: number,
  appendedBytes: number,
  limits: { receivedBefore: number; maxBytes: number },
): Promise<{ cut: number; bytes: number }> {
  let cut = oldest
  let bytes = 0
  let seenBytes = 0
  for (let seek = oldest; cut === oldest; ) {
    const blobs = await blobsFrom(level, seek, trimStepBytes, slowest)
    for (const { first, blob } of blobs) {
      seenBytes += blob.length
      const header = checkBlob(first, blob)
      if (typeof header === 'string') continue
      const tooOld = header.newestAt < limits.receivedBefore
      const tooMuch = appendedBytes - header.bytesBefore > limits.maxBytes
      if (header.end > slowest || !(tooOld || tooMuch)) return { cut, bytes }
      cut = header.end
      bytes = seenBytes
    }
    const last = blobs.at(-1)
    if (!last) break
    seek = last.first + 1
  }
  return { cut, bytes }
}

/**
 * Where the entries end. The head never falls behind what the writer noted or a reader has read, even when the last entries were
 * lost: positions that someone has passed are not given out again, and what is missing below the head is reported as damage.
 */
async function findEnd(level: Level, directory: string, log: Log): Promise<Marks> {
  const marks = await readMarks(directory)
  const positions = await readPositions(directory)
  let head = Math.max(marks.head, ...positions.values())
  let appendedBytes = marks.appendedBytes
  let readable = 0

  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const last = await blobBefore(level, before)
    if (!last) break
    const header = checkBlob(last.first, last.blob)
    if (typeof header !== 'string') {
      readable = header.end
      head = Math.max(head, header.end)
      appendedBytes = Math.max(appendedBytes, header.bytesBefore + last.blob.length)
      break
    }
    // A key that was never written tells nothing; a key as it was written keeps its range, of which only the limit is known.
    if (header.startsWith('checksum')) head = Math.max(head, last.first + mostEntriesIn(last.blob.length))
    before = last.first
  }

  if (readable < head && head > marks.oldest) {
    log.error(
      { from: readable, to: head, directory, dropped: await droppedByLevel(directory) },
      'The journal has lost its last entries',
    )
  }
  return { ...marks, head, appendedBytes }
}

/** Without its `CURRENT` LevelDB takes the directory for a new one and deletes the entries as left-overs. */
async function refuseHeadless(directory: string): Promise<void> {
  const names = await readdir(join(directory, 'entries')).catch((): string[] => [])
  const hasEntries = names.some((name) => /\.(ldb|log)$/.test(name))
  if (hasEntries && !names.includes('CURRENT')) throw broken(directory, 'entries/CURRENT is missing')
}

/** What LevelDB's own diary (`entries/LOG`, begun at each opening) says it has dropped, with file and bytes. */
async function droppedByLevel(directory: string): Promise<string[]> {
  const diary = await readFile(join(directory, 'entries', 'LOG'), 'utf8').catch(() => '')
  return diary.split('\n').filter((line) => line.includes('dropping'))
}

async function deleteFrom(level: Level, position: number): Promise<void> {
  const keys = await level.keys({ gte: keyOf(position) }).all()
  // The first delete is there in any case: it is the proof that writing works again.
  const operations = [keyOf(position), ...keys].map((key) => ({ type: 'del' as const, key }))
  await level.batch(operations, { sync: true })
}

function openingProblem(cause: unknown): string {
  const reason = reasonOf(cause)
  if ((cause as { code?: string }).code === 'LEVEL_LOCKED') return `another process has it open (${reason})`
  if (/no space left on device/i.test(reason))
    return `${reason}; free space, and start again: it holds what was acknowledged`
  return `${reason}; if the files are damaged, move the directory away and start with an empty journal`
}
