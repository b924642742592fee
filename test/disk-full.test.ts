import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { createJudge, figures, type Judge, oneOrderEach } from './judge.ts'
import { eventually, postmasterPid, type ServiceUnderTest, startRefused, startService } from './service.ts'

/**
 * A disk of 64 MB that somebody else fills up. Three choices of what lies on it: only the journal, which stands before the PUBACK;
 * the history and the snapshots, which stand behind it; and everything, where PostgreSQL alone takes most of the room.
 */
const size = '64m'
/** The promise is 10 s. `npm test` shares its machine with whatever else runs there. */
const resumesWithinMs = process.env.LIFTWATT_TEST_LONG === undefined ? 30_000 : 10_000

let service: ServiceUnderTest | undefined
let judge: Judge | undefined
let stopFilling = () => {}
const undo: (() => void)[] = []
afterEach(async () => {
  stopFilling()
  await judge?.stop()
  await service?.kill()
  await service?.remove().catch(() => {}) // a mount point cannot be removed before it is unmounted
  for (const step of undo.splice(0).reverse()) step()
})

const why = mountProblem()
if (why !== null) process.stdout.write(`disk full: NOT TESTED, no tmpfs can be mounted here: ${why}\n`)

describe.skipIf(why !== null)('a full disk of 64 MB', () => {
  test.each([
    { what: 'under the journal', layOut: () => withJournalOnSmallDisk() },
    { what: 'under everything', layOut: () => withEverythingOnSmallDisk() },
  ])(
    '$what: nothing is acknowledged, reads go on, and it goes on by itself when there is room',
    async ({ what, layOut }) => {
      const { directory, disk } = layOut()
      service = await startService({ directory })
      judge = await createJudge(service, 20)
      const load = judge.load(10)
      const before = await judge.faultEpisode()
      await orderFor(service, before)
      const stored = await readingsListed(service)

      const free = fillUp(disk)
      await isNotReady(service)
      await acknowledgementsStop(judge)
      const acknowledged = judge.acknowledged()
      expect((await service.list('/devices/meter-0/readings')).length).toBeGreaterThanOrEqual(stored)
      expect(await service.list('/devices')).not.toHaveLength(0)
      expect(judge.acknowledged()).toBe(acknowledged)

      free()
      const freedAt = performance.now()
      const current = judge
      await eventually('acknowledgements resume', async () => current.acknowledged() > acknowledged, 120_000)
      const resumedMs = performance.now() - freedAt
      await orderFor(service, await judge.faultEpisode())
      const orderedMs = performance.now() - freedAt
      await load.stop()
      await judge.drained()

      const verdict = await judge.verdict(service)
      console.log(
        figures(`disk full ${what}`, verdict, { 'room to first PUBACK': resumedMs, 'room to order': orderedMs }),
      )
      expect(verdict).toMatchObject({ ...oneOrderEach, episodes: 2 })
      expect(resumedMs).toBeLessThanOrEqual(resumesWithinMs)
      expect(await service.stop()).toBe(0)
    },
    300_000,
  )

  test('under the history: gateways are acknowledged, orders are raised, and the history catches up when there is room', async () => {
    const { directory, disk } = withHistoryOnSmallDisk()
    service = await startService({ directory })
    judge = await createJudge(service, 20)
    const load = judge.load(10)
    await orderFor(service, await judge.faultEpisode())
    const stored = await readingsListed(service)

    const free = fillUp(disk)
    const current = service
    await eventually('the history says that it cannot go on', async () => (await historyWaits(current)) === 1, 60_000)
    const acknowledged = judge.acknowledged()
    await orderFor(service, await judge.faultEpisode())
    const whileFull = judge
    await eventually('gateways are acknowledged', async () => whileFull.acknowledged() > acknowledged + 100)
    expect((await service.list('/devices/meter-0/readings')).length).toBeGreaterThanOrEqual(stored)

    free()
    const freedAt = performance.now()
    await eventually('the history goes on', async () => (await historyWaits(current)) === 0, 60_000)
    const resumedMs = performance.now() - freedAt
    await load.stop()
    await judge.drained()

    const verdict = await judge.verdict(service)
    console.log(figures('disk full under the history', verdict, { 'room to history': resumedMs }))
    expect(verdict).toMatchObject({ ...oneOrderEach, episodes: 2 })
    expect(await service.stop()).toBe(0)
  }, 300_000)
})

describe.skipIf(why !== null)('a disk of 64 MB that is full at the start', () => {
  test.each([
    ['before it', async () => true],
    ['while PostgreSQL is starting', async (cluster: string) => existsSync(join(cluster, 'postmaster.pid'))],
  ])(
    '%s: the start ends with that reason, and nothing stays behind',
    async (_, isReached) => {
      const { directory, disk } = withEverythingOnSmallDisk()
      const full = eventually('the moment', () => isReached(join(directory, 'postgres', 'cluster'))).then(() =>
        fillUp(disk),
      )
      const { exitCode, printed } = await startRefused({ LIFTWATT_DATA: directory, HTTP_PORT: '0', MQTT_PORT: '0' })
      ;(await full)()

      expect(exitCode).toBe(1)
      const reason = printed.trim().split('\n').at(-1) ?? ''
      expect(reason).toMatch(/no space left on device/i)
      expect(reason).toContain(directory)
      expect(reason).not.toMatch(/^DATABASE_URL/)
      expect(await postmasterPid(directory)).toBeUndefined()
    },
    120_000,
  )
})

interface Layout {
  readonly directory: string
  readonly disk: string
}

function withEverythingOnSmallDisk(): Layout {
  const directory = newDirectory()
  mountTmpfs(directory)
  return { directory, disk: directory }
}

function withJournalOnSmallDisk(): Layout {
  const directory = newDirectory()
  const disk = join(directory, 'journal')
  mkdirSync(disk)
  mountTmpfs(disk)
  return { directory, disk }
}

/** The journal and PostgreSQL elsewhere, bound into it. */
function withHistoryOnSmallDisk(): Layout {
  const layout = withEverythingOnSmallDisk()
  for (const name of ['journal', 'postgres']) {
    const elsewhere = newDirectory()
    const target = join(layout.directory, name)
    mkdirSync(target)
    execFileSync('mount', ['--bind', elsewhere, target])
    undo.push(() => unmount(target))
  }
  return layout
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'liftwatt-disk-'))
  undo.push(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function mountTmpfs(target: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=711`, 'liftwatt-test', target], { stdio: 'pipe' })
  undo.push(() => unmount(target))
}

function unmount(target: string): void {
  execFileSync('umount', ['--lazy', target])
}

function mountProblem(): string | null {
  const probe = mkdtempSync(join(tmpdir(), 'liftwatt-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'liftwatt-test', probe], { stdio: 'pipe' })
    unmount(probe)
    return null
  } catch (cause) {
    return String((cause as { stderr?: unknown }).stderr ?? cause).trim()
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

/** Takes all the room there is, and whatever becomes free, until the answer is called. */
function fillUp(disk: string): () => void {
  const ballast = join(disk, 'ballast')
  const file = openSync(ballast, 'a')
  const takeAll = () => {
    for (const bytes of [1024 * 1024, 4096]) {
      try {
        while (writeSync(file, Buffer.alloc(bytes)) === bytes);
      } catch {
        // ENOSPC: the smaller ones may still fit
      }
    }
  }
  takeAll()
  const timer = setInterval(takeAll, 20)
  stopFilling = () => clearInterval(timer)
  return () => {
    stopFilling()
    closeSync(file)
    unlinkSync(ballast)
  }
}

async function isNotReady({ httpUrl }: ServiceUnderTest): Promise<void> {
  await eventually('it says that it is not ready', async () => (await fetch(`${httpUrl}/readyz`)).status === 503)
}

/** Twenty gateways go on trying, each ten times a second. */
async function acknowledgementsStop(judge: Judge): Promise<void> {
  await eventually('acknowledgements stop', async () => {
    const seen = judge.acknowledged()
    await delay(3_000)
    return judge.acknowledged() === seen
  })
}

/** How many, once there are some: orders come from the analysis, and the history need not have stored anything by then. */
async function readingsListed(service: ServiceUnderTest): Promise<number> {
  return eventually(
    'the history lists readings',
    async () => (await service.list('/devices/meter-0/readings')).length || undefined,
    60_000,
  )
}

async function historyWaits({ httpUrl }: ServiceUnderTest): Promise<number> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text()
  return Number(/^liftwatt_consumer_waiting\{consumer="history"\} (\d)/m.exec(text)?.[1])
}

async function orderFor(service: ServiceUnderTest, deviceId: string): Promise<void> {
  await eventually(
    `an order for ${deviceId}`,
    async () => (await service.list(`/work-orders?deviceId=${deviceId}`)).length > 0,
    60_000,
  )
}
