import { expect, test } from 'vitest'
import type { RecordedEpisode } from '../analytics/recorded.ts'
import { dayMs, hourMs, minuteMs } from '../core/clock.ts'
import { kinds } from '../devices/index.ts'
import type { Truth } from '../simulators/fleet.ts'
import { planFleet } from '../simulators/fleet-plan.ts'
import { classOf, planFaults } from './fleet-faults.ts'
import { createFleetScore, grouped, leadMs } from './fleet-score.ts'

const fleet = planFleet({
  devices: 400,
  shares: { elevator: 1, 'electricity-meter': 1 },
  devicesPerGateway: 10,
  seed: 1,
})
const planned = (given: { days?: number; seed?: number; perYear?: number } = {}) => {
  const { days = 30, seed = 1, perYear = 73 } = given
  return planFaults({ kinds, devices: fleet, days, seed, faultsPerYear: () => perYear })
}

test('a large fleet has every fault of its kinds, about as often as asked, the same ones for the same seed', () => {
  const faults = planned()
  const had = new Set(faults.map(({ fault }) => fault))
  for (const { simulator } of kinds) for (const fault of Object.keys(simulator.faults)) expect(had).toContain(fault)
  expect(planned()).toEqual(faults)
  expect(planned({ seed: 2 })).not.toEqual(faults)
  // 400 devices, 22 of 30 days; wear occupies some to the end
  expect(planned({ perYear: 2 }).length).toBeGreaterThan(25)
  expect(planned({ perYear: 2 }).length).toBeLessThan(75)
})

test('a device learns first, has one fault at a time, is sound for a day after it, and repaired before the end', () => {
  for (const [id, faults] of grouped(planned(), ({ deviceId }) => deviceId)) {
    let soundFrom = (30 * dayMs) / 4
    for (const { afterSeconds, repairAfterSeconds = Number.POSITIVE_INFINITY } of faults) {
      expect(afterSeconds * 1_000, id).toBeGreaterThanOrEqual(soundFrom - 1)
      expect(Number.isFinite(repairAfterSeconds) ? repairAfterSeconds : 0).toBeLessThanOrEqual((30 * dayMs) / 1_000)
      soundFrom = repairAfterSeconds * 1_000 + dayMs
    }
  }
})

test('a run too short for wear has none, and all the others', () => {
  const faults = planned({ days: 10 })
  expect(faults.length).toBeGreaterThan(100)
  expect(faults.filter(({ repairAfterSeconds }) => repairAfterSeconds === undefined)).toEqual([])
  expect(planned().some(({ repairAfterSeconds }) => repairAfterSeconds === undefined)).toBe(true)
})

const [first, second] = fleet
const truth = (given: Partial<Truth> = {}): Truth => ({
  ...{ deviceId: first?.id ?? '', kind: 'elevator', fault: 'entrapment', finding: 'elevator/entrapment' },
  ...{ injectedAt: 10 * hourMs, limitAt: null, repairedAt: 20 * hourMs },
  ...given,
})
const episode = (at: number, given: Partial<RecordedEpisode> = {}): RecordedEpisode => ({
  ...{ deviceId: first?.id ?? '', gatewayId: first?.gatewayId ?? '', finding: 'elevator/entrapment' },
  ...{ severity: 'critical', occurredAt: at, detectedAt: at, upgradedAt: null, clearedAt: null },
  ...{ order: 'emergency', summary: 'Someone is trapped', evidence: {} },
  ...given,
})

function scored(truths: readonly Truth[], episodes: readonly RecordedEpisode[]) {
  const score = createFleetScore(fleet, ({ id }) => (id === second?.id ? 'faulty' : 'usual'))
  for (const one of truths) score.truth(one)
  for (const one of episodes) score.episode(one)
  const tally = (part: string) => Object.fromEntries(score.tallies.get(part) ?? [])
  return { faults: score.faults, usual: tally('usual'), faulty: tally('faulty'), firstFalse: score.firstFalse }
}

const nothing = { beside: 0, falseEmergency: 0, falsePlanned: 0, falseInfo: 0 }

test('a fault is found by its own finding, on its own device, while it is there or ten minutes after', () => {
  const found = (...episodes: RecordedEpisode[]) => scored([truth()], episodes).faults[0]?.foundAt
  expect(found(episode(11 * hourMs), episode(12 * hourMs))).toBe(11 * hourMs)
  expect(found(episode(20 * hourMs + 10 * minuteMs))).toBe(20 * hourMs + 10 * minuteMs)
  expect(found(episode(20 * hourMs + 10 * minuteMs + 1))).toBeNull()
  expect(found(episode(10 * hourMs - 1))).toBeNull()
  expect(found(episode(11 * hourMs, { finding: 'elevator/alarm-button' }))).toBeNull()
  expect(found(episode(11 * hourMs, { deviceId: second?.id ?? '' }))).toBeNull()
})

test('when it became an emergency, and how late by its own account', () => {
  const risen = { severity: 'urgent', order: 'emergency', upgradedAt: 15 * hourMs, occurredAt: 12 * hourMs } as const
  const [fault] = scored([truth({ repairedAt: null })], [episode(13 * hourMs, risen)]).faults
  expect(fault).toMatchObject({ foundAt: 13 * hourMs, ownDelayMs: hourMs, emergencyAt: 15 * hourMs })
  const [planned] = scored([truth()], [episode(13 * hourMs, { order: 'planned' })]).faults
  expect(planned).toMatchObject({ foundAt: 13 * hourMs, emergencyAt: null })
})

test('the lead is from the first finding to the limit; none when it comes too late or never', () => {
  const grows = { injectedAt: 0, limitAt: 20 * dayMs, repairedAt: null }
  const lead = (...episodes: RecordedEpisode[]) =>
    scored([truth(grows)], episodes).faults.map((fault) => leadMs(fault) ?? 'nothing grows')
  expect(lead(episode(9 * dayMs), episode(4 * dayMs))).toEqual([16 * dayMs])
  expect(lead(episode(21 * dayMs))).toEqual([0])
  expect(lead()).toEqual([0])
  expect(scored([truth()], [episode(11 * hourMs)]).faults.map(leadMs)).toEqual([null])
})

test('what takes a week or more to its limit is wear, even where it may become an emergency', () => {
  const urgent = { about: { severities: ['warning', 'urgent'] } } as unknown as Parameters<typeof classOf>[0]
  expect([6 * dayMs, 7 * dayMs].map((after) => classOf(urgent, after))).toEqual(['emergency', 'wear'])
  const [elevator] = kinds
  const slow = elevator && {
    ...elevator,
    simulator: { ...elevator.simulator, limitAfterMs: { entrapment: 7 * dayMs } },
  }
  const faults = planFaults({
    kinds: slow === undefined ? [] : [slow],
    devices: fleet.filter(({ kind }) => kind === 'elevator'),
    ...{ days: 30, seed: 1, faultsPerYear: () => 73 },
  })
  const repaired = faults.flatMap(({ fault, repairAfterSeconds }) =>
    fault === 'entrapment' ? [repairAfterSeconds] : [],
  )
  expect(repaired.length).toBeGreaterThan(0)
  expect(repaired.filter((seconds) => seconds !== undefined)).toEqual([])
})

test('what a sound device raises is false; what comes with another fault is beside it', () => {
  const button = { finding: 'elevator/alarm-button' }
  const planned = { deviceId: second?.id ?? '', order: 'planned' } as const
  const { usual, faulty, firstFalse } = scored(
    [truth()],
    [episode(11 * hourMs, button), episode(hourMs, button), episode(2 * hourMs, button), episode(3 * hourMs, planned)],
  )
  expect(usual).toEqual({ 'elevator/alarm-button': { ...nothing, beside: 1, falseEmergency: 2 } })
  expect(faulty).toEqual({ 'elevator/entrapment': { ...nothing, falsePlanned: 1 } })
  expect(firstFalse.get('elevator/alarm-button')?.detectedAt).toBe(hourMs)
})

test('a gateway’s silence is explained by the fault of any of its devices, and false without one', () => {
  const silent = { deviceId: null, finding: 'gateway/silent', order: 'planned' } as const
  expect(scored([truth()], [episode(11 * hourMs, silent), episode(hourMs, silent)]).usual).toEqual({
    'gateway/silent': { ...nothing, beside: 1, falsePlanned: 1 },
  })
})
