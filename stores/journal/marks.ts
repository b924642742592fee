import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf, StoreUnavailable } from '../../core/errors.ts'

/**
 * The small facts beside the entries, each a file of its own that is replaced as a whole. They are not in LevelDB, because a
 * LevelDB write that fails half-way (disk full) endangers the ones after it: only the committing thread may write there.
 */
const format = 1

interface Identity {
  readonly format: number
  readonly id: string
}

/** What the writer knew a few seconds ago at the latest; the entries themselves may be further. */
export interface Marks {
  /** Everything before it has been trimmed. */
  readonly oldest: number
  readonly head: number
  readonly appendedBytes: number
  /** The head with which it was opened, while readers have not said yet how far they had read by then. */
  readonly openedAt?: number | undefined
}

/** Makes the directory a journal when it is empty. @throws {StoreUnavailable} it is of another format, or has lost its identity */
export async function claimIdentity(directory: string): Promise<string> {
  await mkdir(join(directory, 'positions'), { recursive: true })
  const known = await readIdentity(directory)
  if (known) return known

  const names = await readdir(directory)
  if (names.includes('entries'))
    throw broken(directory, 'it has entries, but its journal.json is missing or unreadable')
  const id = randomUUID()
  await replaceFile(directory, 'journal.json', { format, id } satisfies Identity)
  return id
}

/** The journal's id, or null when there is no journal yet. */
export async function readIdentity(directory: string): Promise<string | null> {
  const identity = await readJson<Identity>(join(directory, 'journal.json'))
  if (!identity?.id) return null
  if (identity.format !== format)
    throw broken(directory, `it has format ${identity.format}, this version reads ${format}`)
  return identity.id
}

export async function readMarks(directory: string): Promise<Marks> {
  const marks = await readJson<Partial<Marks>>(join(directory, 'marks.json'))
  const { oldest, head, appendedBytes, openedAt } = marks ?? {}
  return {
    ...{ oldest: whole(oldest), head: whole(head), appendedBytes: whole(appendedBytes) },
    ...(openedAt !== undefined && { openedAt: whole(openedAt) }),
  }
}

export function saveMarks(directory: string, marks: Marks): Promise<void> {
  return replaceFile(directory, 'marks.json', marks)
}

/** An unreadable position counts as none: its reader starts again from the oldest entry, never from further on. */
export async function readPositions(directory: string): Promise<Map<string, number>> {
  const positions = new Map<string, number>()
  for (const name of await readdir(join(directory, 'positions'))) {
    if (!name.endsWith('.json')) continue
    const saved = await readJson<{ position: number }>(join(directory, 'positions', name))
    positions.set(decodeURIComponent(name.slice(0, -'.json'.length)), whole(saved?.position))
  }
  return positions
}

export async function savePosition(directory: string, reader: string, position: number): Promise<void> {
  await replaceFile(join(directory, 'positions'), `${encodeURIComponent(reader)}.json`, { position })
}

export function broken(directory: string, reason: string, cause?: unknown): StoreUnavailable {
  return new StoreUnavailable(
    'journal',
    new Error(`the journal in ${directory} cannot be opened: ${reason}`, { cause }),
  )
}

async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new StoreUnavailable('journal', new Error(`cannot read ${path}: ${reasonOf(error)}`, { cause: error }))
  }
}

/** Either the old content or the new one is there, whenever the power goes: write aside, fsync, rename, fsync the directory. */
async function replaceFile(directory: string, name: string, content: object): Promise<void> {
  const aside = join(directory, `${name}.new`)
  try {
    const file = await open(aside, 'w')
    try {
      await file.writeFile(JSON.stringify(content))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, join(directory, name))
    await syncDirectory(directory)
  } catch (cause) {
    throw new StoreUnavailable('journal', cause)
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function whole(value: number | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}
