import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { machineText, medianAndRange } from './figures.ts'
import { residentMegabytes } from './process-usage.ts'
import { startService } from './service.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const restSeconds = 20

/** P10: the committed state, cloned, installed and started until it says that it is ready; and its memory at rest. */
export async function benchStartup({ rounds }: { rounds: number }): Promise<void> {
  console.log(`startup: ${rounds} rounds; ${machineText()}`)
  const totals: number[] = []
  const atRest: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const parent = mkdtempSync(join(tmpdir(), 'liftwatt-clone-'))
    const clone = join(parent, 'liftwatt')
    try {
      const cloned = seconds(() => execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone]))
      const installed = seconds(() =>
        execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: clone, stdio: 'ignore' }),
      )
      const service = await startService(clone) // builds first
      const total = cloned + installed + service.startSeconds
      totals.push(total)
      await sleep(restSeconds * 1000)
      const { now } = residentMegabytes(service.pid)
      atRest.push(now)
      await service.stop()
      const parts = `clone ${cloned.toFixed(1)} s, npm ci ${installed.toFixed(1)} s, build and start ${service.startSeconds.toFixed(1)} s`
      console.log(
        `round ${round}  ${total.toFixed(1)} s: ${parts}; ${now.toFixed(0)} MB after ${restSeconds} s of rest`,
      )
    } finally {
      rmSync(parent, { recursive: true, force: true })
    }
  }
  console.log(
    `P10 clone → npm ci → ready: ${medianAndRange(totals, (value) => `${value.toFixed(1)} s`)}   (floor 90 s, goal 40 s, npm cache warm)`,
  )
  console.log(
    `memory at rest, without PostgreSQL: ${medianAndRange(atRest, (value) => `${value.toFixed(0)} MB`)}   (floor 300 MB)`,
  )
}

function seconds(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return (performance.now() - startedAt) / 1000
}
