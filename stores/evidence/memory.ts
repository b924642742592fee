import { createHash } from 'node:crypto'
import type { EvidenceStore } from './port.ts'

/** For tests that are about something else. */
export function memoryEvidence(): EvidenceStore {
  const contents = new Map<string, Uint8Array>()
  return {
    async put(content) {
      const sha256 = createHash('sha256').update(content).digest('hex')
      contents.set(sha256, content.slice())
      return { sha256, bytes: content.byteLength }
    },
    get: async (sha256) => contents.get(sha256),
    async remove(sha256) {
      contents.delete(sha256)
    },
  }
}
