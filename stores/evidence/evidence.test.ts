import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import { testEvidenceStore } from './contract.ts'
import { evidenceFiles } from './files.ts'
import { memoryEvidence } from './memory.ts'

const folders: string[] = []
const folder = () => {
  const made = mkdtempSync(join(tmpdir(), 'liftwatt-evidence-'))
  folders.push(made)
  return made
}
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true })
})

describe('memory', () => testEvidenceStore(async () => memoryEvidence()))
describe('files', () => {
  testEvidenceStore(async () => evidenceFiles(folder()))

  test('a file is read-only, in a folder of its first two letters, and nothing temporary stays', async () => {
    const directory = folder()
    const { sha256 } = await evidenceFiles(directory).put(new Uint8Array([1, 2, 3]))
    expect(readdirSync(join(directory, sha256.slice(0, 2)))).toEqual([sha256])
    expect(statSync(join(directory, sha256.slice(0, 2), sha256)).mode & 0o777).toBe(0o400)
  })

  test('a disk that does not take it says so', async () => {
    await expect(evidenceFiles('/dev/null/evidence').put(new Uint8Array([1]))).rejects.toBeInstanceOf(StoreUnavailable)
  })
})
