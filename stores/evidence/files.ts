import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isErrno, StoreUnavailable } from '../../core/errors.ts'
import type { EvidenceStore } from './port.ts'

const sha256Pattern = /^[0-9a-f]{64}$/

/** Files in `directory`, in folders by the first two letters of their hash: `ab/abcdef…`. */
export function evidenceFiles(directory: string): EvidenceStore {
  const pathOf = (sha256: string) => join(directory, sha256.slice(0, 2), sha256)
  return {
    async put(content) {
      const sha256 = createHash('sha256').update(content).digest('hex')
      await guarded(() => writeOnce(pathOf(sha256), content))
      return { sha256, bytes: content.byteLength }
    },
    async get(sha256) {
      if (!sha256Pattern.test(sha256)) return undefined
      return guarded(() =>
        readFile(pathOf(sha256)).catch((cause: unknown) => {
          if (isErrno(cause, 'ENOENT')) return undefined
          throw cause
        }),
      )
    },
    async remove(sha256) {
      if (!sha256Pattern.test(sha256)) return
      const path = pathOf(sha256)
      await guarded(async () => {
        await rm(path, { force: true })
        await syncFolder(dirname(path)).catch((cause: unknown) => {
          if (!isErrno(cause, 'ENOENT')) throw cause
        })
      })
    },
  }
}

/** Whole or not at all, and on disk with its name: a link fails where a rename would replace what is there. */
async function writeOnce(path: string, content: Uint8Array): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = join(folder, `.${randomUUID()}`)
  try {
    const file = await open(temporary, 'wx', 0o400)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(temporary, path).catch((cause: unknown) => {
      if (!isErrno(cause, 'EEXIST')) throw cause
    })
  } finally {
    await unlink(temporary).catch(() => {})
  }
  await syncFolder(folder)
  await syncFolder(dirname(folder))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new StoreUnavailable('evidence', cause)
  }
}
