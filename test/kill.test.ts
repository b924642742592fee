import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createJudge, figures, type Judge, oneOrderEach } from './judge.ts'
import { eventually, postmasterPid, type ServiceUnderTest, startService } from './service.ts'

const long = process.env.LIFTWATT_TEST_LONG !== undefined
const rounds = long ? 50 : 10
/** The promise is 3 s. `npm test` shares its machine with whatever else runs there. */
const firstPubackWithinMs = long ? 3_000 : 20_000

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
  let slowestMs = 0

  for (let round = 0; round < rounds; round++) {
    const load = judge.load(25)
    const episode = judge.faultEpisode()
    await delay(100 + Math.random() * 900)

    const victim = victims[round % victims.length]
    const postmaster = await postmasterPid(service.directory)
    if (postmaster === undefined) throw new Error('there is no PostgreSQL')
    if (victim === 'database' || victim === 'both') process.kill(postmaster, 'SIGKILL')
    if (victim === 'database session') process.kill(anySessionOf(postmaster), 'SIGKILL')
    if (victim === 'service' || victim === 'both') {
      await service.kill()
      const killedAt = Date.now()
      const heard = firstPubackAfter(judge, killedAt)
      service = await service.restart()
      slowestMs = Math.max(slowestMs, (await heard) - killedAt)
    }
    await episode
    await load.stop()
    await judge.drained()
  }

  const verdict = await judge.verdict(service)
  console.log(figures(`kill -9, ${rounds} rounds`, verdict, { 'restart to first PUBACK at most': slowestMs }))
  expect(verdict).toMatchObject({ ...oneOrderEach, episodes: rounds })
  expect(verdict.acknowledged).toBeGreaterThan(rounds * 100)
  expect(slowestMs).toBeLessThanOrEqual(firstPubackWithinMs)
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

function anySessionOf(postmaster: number): number {
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(postmaster)], { encoding: 'utf8' })
  const sessions = children.split('\n').filter((line) => line.includes('[local]'))
  const pid = Number.parseInt(sessions[Math.floor(Math.random() * sessions.length)] ?? '', 10)
  if (!Number.isInteger(pid)) throw new Error(`PostgreSQL has no session:\n${children}`)
  return pid
}
