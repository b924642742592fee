import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'vitest'
import { snapshotStoreContract } from './contract.ts'
import { openLevelSnapshots } from './leveldb.ts'
import { memorySnapshots } from './memory.ts'
import type { SnapshotStore } from './port.ts'

describe('in LevelDB', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftwatt-snapshots-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  snapshotStoreContract(() => openLevelSnapshots(directory))
})

describe('in memory', () => {
  let store: SnapshotStore
  beforeEach(() => {
    store = memorySnapshots()
  })

  snapshotStoreContract(async () => store)
})
