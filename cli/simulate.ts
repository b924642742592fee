import { appendFileSync } from 'node:fs'
import type { Command } from 'commander'
import { kinds } from '../devices/index.ts'
import { type FleetDevice, runFleet, truthLine } from '../simulators/fleet.ts'
import { drawFaults, planFleet } from '../simulators/fleet-plan.ts'
import { interrupted, positive, wholeNumber } from './options.ts'
import { print, UsageError } from './output.ts'
import { connectService, type ServiceClient } from './service.ts'

export interface SimulateOptions {
  devices: string
  seconds: string
  interval: string
  speed: string
  faults: string
  seed: string
  truth?: string
  url?: string
  json?: boolean
}

const devicesPerGateway = 20
/** As in the pilot: elevators and rental rooms. */
const shares = { elevator: 0.7, 'electricity-meter': 0.3 }

export function simulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('Run a simulated district against the service; registers its own gateways and devices')
    .option('--devices <n>', 'how many', '50')
    .option('--seconds <n>', 'for how long', '60')
    .option('--interval <n>', 'seconds between two readings of a device', '10')
    .option('--speed <n>', 'simulated seconds per second; starts in the past and ends now', '1')
    .option('--faults <n>', 'so many devices fall ill', '0')
    .option('--seed <n>', 'the same seed gives the same district', '1')
    .option('--truth <file>', 'write what is really wrong, as NDJSON')
    .option('--url <url>', 'MQTT address of the service')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt simulate --devices 200 --seconds 120 --faults 5 --truth truth.ndjson')
    .action(async (options: SimulateOptions) => {
      const plan = planSimulation(options)
      const service = connectService(process.env)
      const credentials = await registerFleet(service, plan.devices)
      const { truth } = options
      const result = await runFleet({
        ...plan,
        url: options.url ?? `mqtt://127.0.0.1:${service.settings.MQTT_PORT}`,
        credentials,
        ...(truth !== undefined && { onTruth: (fact) => appendFileSync(truth, truthLine(fact)) }),
        signal: interrupted(),
      })
      const count = plan.devices.length
      const { readings, acknowledged, unacknowledged, messages } = result
      print(options.json === true, { devices: count, faults: plan.faults.length, ...result }, [
        `${count} devices: ${readings} readings in ${messages} messages, ${acknowledged} acknowledged, ${unacknowledged} not`,
      ])
      if (unacknowledged > 0) process.exitCode = 1
    })
}

/** Everything that can be wrong with the words is found here, before anything is registered. @throws {UsageError} */
export function planSimulation(options: SimulateOptions) {
  const count = wholeNumber('--devices', options.devices)
  if (count === 0) throw new UsageError('--devices is at least 1')
  const speedUp = positive('--speed', options.speed)
  if (speedUp < 1) throw new UsageError(`--speed is at least 1, not ${options.speed}: slower, it would not end now`)
  const durationSeconds = positive('--seconds', options.seconds)
  const intervalSeconds = positive('--interval', options.interval)
  const faultCount = wholeNumber('--faults', options.faults)
  const seed = wholeNumber('--seed', options.seed)
  const devices = planFleet({ devices: count, shares, devicesPerGateway, seed })
  const spanSeconds = (durationSeconds * speedUp) / 2
  const faults = drawFaults({ kinds, devices, count: faultCount, spanSeconds, seed })
  return { kinds, devices, faults, durationSeconds, intervalSeconds, speedUp }
}

/** Makes gateways and devices that are not there yet; of those that are, the password is rotated. Answers all passwords. */
export async function registerFleet(
  service: Pick<ServiceClient, 'request' | 'list'>,
  devices: readonly FleetDevice[],
): Promise<Record<string, string>> {
  const known = new Map(
    (await service.list<{ id: string; revokedAt: string | null }>('/gateways')).map((row) => [row.id, row]),
  )
  const knownDevices = new Set((await service.list<{ id: string }>('/devices')).map(({ id }) => id))
  const credentials: Record<string, string> = {}
  for (const id of new Set(devices.map((device) => device.gatewayId))) {
    const secret = known.has(id)
      ? await service.request<{ password: string }>('POST', `/gateways/${id}/rotate`)
      : await service.request<{ password: string }>('POST', '/gateways', { id, name: 'simulated' })
    credentials[id] = secret.password
  }
  for (const { id, kind, gatewayId, facts } of devices) {
    if (knownDevices.has(id)) continue
    await service.request('POST', '/devices', { id, kind, gatewayId, name: 'simulated', ...(facts && { facts }) })
  }
  return credentials
}
