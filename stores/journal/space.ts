import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { writeBufferBytes } from './level.ts'

/** Below the lesser of the two the journal keeps only what a reader has still to read. Unverified defaults. */
const scarceBelow = { bytes: 2 * 1024 ** 3, share: 0.05 }
/** With less nothing is tried: reopening LevelDB rewrites its log, and half a recovery would only take the readers' handle away. */
const recoveryBytes = 2 * writeBufferBytes

/** For `Journal.trim`: all that every reader has read may go. */
export const everythingRead = { receivedBefore: Number.POSITIVE_INFINITY, maxBytes: 0 }

export async function isSpaceScarce(directory: string): Promise<boolean> {
  const { bavail, blocks, bsize } = await statfs(directory)
  return bavail * bsize < Math.min(scarceBelow.bytes, scarceBelow.share * blocks * bsize)
}

/** Whether a recovery has room and the disk takes writes at all: free space says nothing of a quota, EROFS or EIO. */
export async function canRecoverIn(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory)
  if (bavail * bsize < recoveryBytes) return false

  const probe = join(directory, 'probe')
  try {
    const file = await open(probe, 'w')
    try {
      await file.writeFile(Buffer.alloc(recoveryBytes))
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  } catch {
    return false
  } finally {
    await rm(probe, { force: true }).catch(() => {})
  }
}
