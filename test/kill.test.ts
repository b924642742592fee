import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createJudge, figures, type Judge, oneOrderEach } from './judge.ts'
import { eventually, postmasterPid, type ServiceUnderTest, startService } from './service.ts'

const long = process.env.LIFTWATT_TEST_LONG !== undefined
const rounds = long ? 50 : 10
/** The promise is 3 s. `npm test` shares its machine with whatever else runs there. */
const firstPubackWithinMs = long ? 3_000 : 120_000

let service: ServiceUnderTest | undefined
let judge: Judge | undefined
afterEach(async () => {
  await judge?.stop()
  await service?.remove()
})

/** What is killed in each round. PostgreSQL is a process of its own, and each of its sessions is one. */
const victims = ['service', 'database', 'database session', 'both'] as const

test(`${rounds} rounds of kill -9 under load: nothing acknowledged is lost or stored twice, one order per fault`, async () => {
  service = await startService()
  judge = await createJudge(service, 20)
  let slowest = { ms: 0, round: 0, victim: '' }

  for (let round = 0; round < rounds; round++) {
    const load = judge.load(25)
    const episode = judge.faultEpisode()
    await delay(100 + Math.random() * 900)

    const victim = victims[round % victims.length] ?? 'both'
    if (victim !== 'service') await killDatabase(service, victim)
    if (victim === 'service' || victim === 'both') {
      await service.kill()
      const killedAt = Date.now()
      const heard = firstPubackAfter(judge, killedAt)
      service = await service.restart()
      const ms = (await heard) - killedAt
      if (ms > slowest.ms) slowest = { ms, round, victim }
    }
    await episode
    await load.stop()
    await Promise.race([judge.drained(), service.died])
  }

  const verdict = await judge.verdict(service)
  console.log(figures(`kill -9, ${rounds} rounds`, verdict, { 'restart to first PUBACK at most': slowest.ms }))
  expect(verdict).toMatchObject({ ...oneOrderEach, episodes: rounds })
  expect(verdict.acknowledged).toBeGreaterThan(rounds * 100)
  expect(slowest.ms, `round ${slowest.round}, killed: ${slowest.victim}`).toBeLessThanOrEqual(firstPubackWithinMs)
}, 1_800_000)

/** The killed service's last acknowledgements may still be under way to the gateways; no start is as quick as this. */
const lastWordsMs = 100

/** When the first of the twenty is acknowledged by the next service; ms since 1970. */
function firstPubackAfter(judge: Judge, killedAt: number): Promise<number> {
  return eventually(
    'a gateway is acknowledged again',
    async () => judge.lastAcknowledgedAt() > killedAt + lastWordsMs && judge.lastAcknowledgedAt(),
    120_000,
  )
}

/** Waits for PostgreSQL to be there: it may be coming back from the round before. */
function killDatabase(service: ServiceUnderTest, victim: 'database' | 'database session' | 'both'): Promise<true> {
  return eventually('PostgreSQL has sessions', async () => {
    const postmaster = await postmasterPid(service.directory)
    const session = postmaster === undefined ? undefined : anySessionOf(postmaster)
    if (postmaster === undefined || session === undefined) return false
    return process.kill(victim === 'database session' ? session : postmaster, 'SIGKILL')
  })
}

function anySessionOf(postmaster: number): number | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(postmaster)], { encoding: 'utf8' })
  const sessions = stdout.split('\n').filter((line) => line.includes('[local]'))
  const line = sessions[Math.floor(Math.random() * sessions.length)]
  return line === undefined ? undefined : Number.parseInt(line, 10)
}
