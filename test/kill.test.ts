import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { createGateway } from '../simulators/gateway.ts'
import { createJudge, type Judge } from './judge.ts'
import { postmasterPid, type ServiceUnderTest, startService } from './service.ts'

const long = process.env.LIFTWATT_TEST_LONG !== undefined
const rounds = long ? 50 : 10

let service: ServiceUnderTest | undefined
let judge: Judge | undefined
afterEach(async () => {
  await judge?.stop()
  await service?.remove()
})

/** What is killed in each round; PostgreSQL is a process of its own. */
const victims = ['service', 'database', 'both'] as const

test(`${rounds} rounds of kill -9 under load: nothing acknowledged is lost or stored twice, one order per fault`, async () => {
  service = await startService()
  judge = await createJudge(service, 20)
  const readyMs: number[] = []

  for (let round = 0; round < rounds; round++) {
    const load = judge.load(10)
    const episode = judge.faultEpisode()
    await delay(100 + Math.random() * 900)

    const victim = victims[round % victims.length]
    const postmaster = await postmasterPid(service.directory)
    if (victim !== 'service' && postmaster !== undefined) process.kill(postmaster, 'SIGKILL')
    if (victim !== 'database') {
      await service.kill()
      const begin = performance.now()
      service = await service.restart()
      readyMs.push(await firstPuback(service, round, begin))
    }
    await episode
    await load.stop()
    await judge.drained()
  }

  const verdict = await judge.verdict(service)
  const slowest = Math.round(Math.max(...readyMs))
  console.log(`kill -9, ${rounds} rounds: ${JSON.stringify(verdict)}, start to first PUBACK at most ${slowest} ms`)
  expect(verdict).toMatchObject({ missing: 0, storedTwice: 0, wrong: 0, fewestOrders: 1, mostOrders: 1 })
  expect(verdict.acknowledged).toBeGreaterThan(rounds * 100)
}, 1_200_000)

/** ms from the start command to the first acknowledgement of a new gateway. */
async function firstPuback(service: ServiceUnderTest, round: number, begin: number): Promise<number> {
  const id = `early-${round}`
  const { password } = await service.api<{ password: string }>('POST', '/gateways', {
    id,
    autoRegister: 'electricity-meter',
  })
  const gateway = await createGateway({ url: `mqtt://127.0.0.1:${service.mqttPort}`, gatewayId: id, password })
  await gateway.record(id, { at: Date.now(), values: { volts: 230 } })
  await gateway.drained()
  await gateway.stop()
  return performance.now() - begin
}
