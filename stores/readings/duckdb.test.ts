import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'vitest'
import { silentLog } from '../../core/log.ts'
import { contractCatalogue, readingStoreContract } from './contract.ts'
import { openDuckdbReadings } from './duckdb.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftwatt-readings-'))
})
afterEach(() => rm(directory, { recursive: true }))

const open = (options: object = {}) =>
  openDuckdbReadings({
    file: join(directory, 'readings.duckdb'),
    catalogue: contractCatalogue,
    log: silentLog,
    ...options,
  })

describe('readings in DuckDB', () => readingStoreContract({ open }))
describe('readings in DuckDB, sorted after each write', () =>
  readingStoreContract({ open: () => open({ sortAtRows: 1 }) }))
