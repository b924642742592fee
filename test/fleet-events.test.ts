import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAnalyticsHost, type EntryMark } from '../analytics/host.ts'
import { hourMs, minuteMs, secondMs } from '../core/clock.ts'
import type { EpisodeEvent } from '../core/episode.ts'
import type { Incident } from '../core/incident.ts'
import { silentLog } from '../core/log.ts'
import type { SiteType } from '../core/site.ts'
import { kinds } from '../devices/index.ts'
import { createDecoder } from '../ingest/decode.ts'
import { type FleetDevice, type FleetReading, fleetReadings, type PlannedFault } from '../simulators/fleet.ts'
import { testDevice } from './fixtures/rows.ts'
import { incidentScene, sceneStart } from './incident-scene.ts'
import { startTestDatabase, type TestDatabase } from './operations-database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.remove())

const buildings = ['house', 'other']
const decode = createDecoder({ kinds, maxAgeDays: 400 })
const passEveryMs = 10 * minuteMs

/** A reading on its way; `at` as the gateway's clock says. */
interface Sent {
  readonly at: number
  readonly receivedAt: number
}

interface Happening {
  readonly minutes: number
  readonly intervalSeconds?: number
  readonly tickSeconds?: number
  readonly faults?: readonly PlannedFault[]
  /** What becomes of a reading: as it was taken, a second later, otherwise; undefined = it never comes. */
  send?(reading: FleetReading): Sent | undefined
  /** Minutes in which the service does not run; it starts at the end of them. */
  readonly down?: readonly [from: number, to: number]
}

const minute = (minutes: number) => sceneStart + minutes * minuteMs

/** Two buildings, each with ten rooms behind one gateway and five elevators behind another. */
async function district() {
  const scene = incidentScene(database.operations)
  await scene.addSites(
    ['estate', 'estate', null],
    ...buildings.map((name) => ['building', name, 'estate'] as [SiteType, string, string]),
  )
  const fleet: FleetDevice[] = []
  for (const site of buildings) {
    for (const [kind, count, part] of [
      ['electricity-meter', 10, 'rooms'],
      ['elevator', 5, 'lifts'],
    ] as const) {
      const names = Array.from({ length: count }, (_, n) => `${site}-${part}-${n}`)
      const gateway = `${site}-${part}`
      await scene.addDevices(names, { site, kind, gateway })
      for (const name of names) {
        fleet.push({ id: scene.idOf(name), kind, gatewayId: scene.idOf(gateway), seed: fleet.length })
      }
    }
  }
  const devices = new Map(fleet.map(({ id, kind, gatewayId }) => [id, testDevice({ id, kind, gatewayId })]))
  const host = createAnalyticsHost({ kinds, log: silentLog })

  /** As the decoder hands it on: of what is refused as a whole, only that the gateway is there. */
  function take({ deviceId, gatewayId, values }: FleetReading, { at, receivedAt }: Sent, position: number) {
    const device = devices.get(deviceId)
    const payload = Buffer.from(JSON.stringify({ at, values }))
    const { readings, aheadMs } = decode({ position, receivedAt, gatewayId, deviceId, payload }, device)
    const mark = { position, receivedAt }
    if (device !== undefined && readings.length > 0) return host.message(device, readings, mark)
    if (aheadMs !== undefined) host.clockAhead(gatewayId, aheadMs, mark)
    return []
  }

  function started(mark: EntryMark): EpisodeEvent[] {
    host.start(mark)
    return []
  }

  function journalOf({ minutes, intervalSeconds = 30, tickSeconds = 5, faults = [], send = soon, down }: Happening) {
    const entries: { receivedAt: number; step: (position: number) => readonly EpisodeEvent[] }[] = []
    const isUp = ({ receivedAt }: { receivedAt: number }) =>
      down === undefined || receivedAt <= minute(down[0]) || receivedAt > minute(down[1])
    const plan = { kinds, devices: fleet, faults, intervalSeconds }
    for (const reading of fleetReadings(plan, sceneStart, minute(minutes))) {
      const sent = send(reading)
      if (sent === undefined) continue
      entries.push({ receivedAt: sent.receivedAt, step: (position) => take(reading, sent, position) })
    }
    for (let receivedAt = sceneStart; receivedAt < minute(minutes); receivedAt += tickSeconds * secondMs) {
      entries.push({ receivedAt, step: (position) => host.tick({ position, receivedAt }) })
    }
    const up = entries.filter(isUp)
    if (down !== undefined) {
      const receivedAt = minute(down[1])
      up.push({ receivedAt, step: (position) => started({ position, receivedAt }) })
    }
    return up.sort((one, other) => one.receivedAt - other.receivedAt)
  }

  /** Everything that happens, as the service takes it. @returns every order that people had at any time */
  async function happen(happening: Happening): Promise<string[]> {
    const sent = new Set<string>()
    let passedAt = sceneStart
    for (const [position, { receivedAt, step }] of journalOf(happening).entries()) {
      const events = step(position)
      for (const event of events) await scene.record(event)
      const passes = receivedAt - passedAt >= passEveryMs
      if (passes) {
        passedAt = receivedAt
        await scene.pass((receivedAt - sceneStart) / minuteMs)
      }
      if (events.length > 0 || passes) for (const order of await scene.running()) sent.add(order)
    }
    return [...sent]
  }

  const of = (site: string, part: string) =>
    fleet.filter(({ gatewayId }) => gatewayId === scene.idOf(`${site}-${part}`))
  /** Incidents that ask for somebody and that no larger one, and nobody, explains. */
  const shown = async () =>
    (await scene.incidents()).filter(({ severity, suppressed }) => suppressed === null && severity !== 'info')
  const explainedBy = async (larger: Incident | undefined) =>
    (await scene.incidents({ parentId: larger?.id ?? '' })).map((incident) => incident.scope.id)
  return { idOf: scene.idOf, happen, of, shown, explainedBy }
}

const soon = ({ at }: FleetReading): Sent => ({ at, receivedAt: at + secondMs })

test('a building loses its mains for an hour: one order, of the building; its gateway, rooms and elevators are the list', async () => {
  const { happen, of, shown, explainedBy, idOf } = await district()
  const lost = (devices: readonly FleetDevice[], fault: string) =>
    devices.map(({ id }): PlannedFault => ({ deviceId: id, fault, afterSeconds: 1_200, repairAfterSeconds: 4_800 }))
  const faults = [...lost(of('house', 'rooms'), 'outage'), ...lost(of('house', 'lifts'), 'mains-lost')]

  expect(await happen({ minutes: 95, faults })).toEqual(['house electricity-meter/outage'])
  const [building, ...others] = await shown()
  expect(others).toEqual([])
  const scope = { type: 'building', id: idOf('house') }
  expect(building).toMatchObject({ scope, state: 'cleared' })
  const explained = await explainedBy(building)
  for (const { id } of [...of('house', 'rooms'), ...of('house', 'lifts')]) expect(explained).toContain(id)
  expect(explained).toContain(idOf('house-rooms'))
})

test('a gateway falls silent for more than a day: one order, of the gateway, however long its devices are silent', async () => {
  const { happen, shown, idOf } = await district()
  const silent = (reading: FleetReading) => reading.gatewayId === idOf('house-lifts') && reading.at > minute(20)

  const day = { minutes: 24.5 * 60, intervalSeconds: 80, tickSeconds: 50 }
  const send = (reading: FleetReading) => (silent(reading) ? undefined : soon(reading))
  expect(await happen({ ...day, send })).toEqual(['house-lifts gateway/silent'])
  expect((await shown()).map(({ finding, state }) => [finding, state])).toEqual([['gateway/silent', 'open']])
})

describe('for an hour nothing comes in', () => {
  /** The gateways take four minutes to find their way back; those of the rooms bring the hour with them. */
  const back = minute(84)
  const send = (reading: FleetReading) => {
    if (reading.at < minute(20) || reading.at > back) return soon(reading)
    return reading.kind === 'elevator' ? undefined : { at: reading.at, receivedAt: back }
  }

  test('because the server was away: nobody is sent, and nothing is shown', async () => {
    const { happen, shown } = await district()
    expect(await happen({ minutes: 110, send, down: [20, 80] })).toEqual([])
    expect(await shown()).toEqual([])
  })

  test('though the server was there: every gateway is missed', async () => {
    const { happen } = await district()
    const silent = ['house-lifts', 'house-rooms', 'other-lifts', 'other-rooms'].map((name) => `${name} gateway/silent`)
    expect((await happen({ minutes: 90, send })).sort()).toEqual(silent)
  })
})

test('the clock of a gateway jumps 8 hours ahead and is set right a day later: one order, for its clock', async () => {
  const { happen, shown, explainedBy, of, idOf } = await district()
  const send = (reading: FleetReading) => {
    const isWrong = reading.gatewayId === idOf('other-lifts') && reading.at > minute(20) && reading.at < minute(25 * 60)
    const { at, receivedAt } = soon(reading)
    return { at: isWrong ? at + 8 * hourMs : at, receivedAt }
  }
  // long enough for a device to be a warning by itself
  const day = { minutes: 25.5 * 60, intervalSeconds: 80, tickSeconds: 50 }
  expect(await happen({ ...day, send })).toEqual(['other-lifts gateway/clock-ahead'])
  const [clock, ...others] = await shown()
  expect(others).toEqual([])
  expect(clock).toMatchObject({ finding: 'gateway/clock-ahead', state: 'cleared' })
  expect((await explainedBy(clock)).sort()).toEqual(
    of('other', 'lifts')
      .map(({ id }) => id)
      .sort(),
  )
})
