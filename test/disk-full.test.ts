import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { createJudge, figures, type Judge, oneOrderEach } from './judge.ts'
import { eventually, type ServiceUnderTest, startService } from './service.ts'

/**
 * A disk of 64 MB that others fill up. What is on it is chosen, for PostgreSQL alone takes most of that: only the journal, which
 * stands before the PUBACK; only the DuckDB file and the snapshots, which stand behind it; and everything, as on one small disk.
 */
const diskMegabytes = 64
/** The promise is 10 s. `npm test` shares its machine with whatever else runs there. */
const resumesWithinMs = process.env.LIFTWATT_TEST_LONG === undefined ? 30_000 : 10_000

let service: ServiceUnderTest | undefined
let judge: Judge | undefined
const undo: (() => void)[] = []
afterEach(async () => {
  await judge?.stop()
  await service?.stop()
  for (const step of undo.splice(0).reverse()) step()
})

const why = mountProblem()
const onSmallDisk = why === null ? describe : describe.skip
if (why !== null) process.stdout.write(`disk full: NOT TESTED, no tmpfs can be mounted here: ${why}\n`)

onSmallDisk('a disk of 64 MB that is full', () => {
  test.each([
    ['under the journal', ['postgres', 'snapshots'], 'readings.duckdb'],
  ])('placeholder %s', () => {})
})
