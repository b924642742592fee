import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { ExpectedError, reasonOf } from '../core/errors.ts'
import { parseMapping } from '../simulators/csv-mapping.ts'
import { createGateway } from '../simulators/gateway.ts'
import { parseSpeed } from '../simulators/pace.ts'
import { replayCsv } from '../simulators/replay-csv.ts'
import { interrupted } from './options.ts'
import { identifier, print, UsageError } from './output.ts'
import { connectService, type ServiceClient } from './service.ts'
import { newestQuarantined, notAcceptedSince, untilRead } from './verdict.ts'

interface ReplayOptions {
  mapping: string
  gateway: string
  password?: string
  kind?: string
  endNow?: boolean
  speed: string
  url?: string
  json?: boolean
}

export function replayCommand(program: Command): void {
  program
    .command('replay <csv>')
    .description('Publish a recorded file through MQTT, as a gateway would')
    .requiredOption('--mapping <file>', 'JSON that says which column is what (docs/mqtt.md)')
    .option('--gateway <id>', 'as this gateway', 'replay')
    .option('--password <text>', 'its password; needed unless the gateway is new or was made by replay')
    .option('--kind <kind>', 'needed for a new gateway: its devices are registered as this kind')
    .option('--end-now', 'shift all times so that the last reading is now')
    .option('--speed <speed>', 'max, or how many recorded seconds pass in one', 'max')
    .option('--url <url>', 'MQTT address of the service')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt replay day.csv --mapping day.json --kind electricity-meter --end-now')
    .action(async (csv: string, options: ReplayOptions) => {
      identifier('--gateway', options.gateway)
      const mapping = asUsage(() => parseMapping(readFileSync(options.mapping, 'utf8')), options.mapping)
      const speed = asUsage(() => parseSpeed(options.speed), '--speed')
      const service = connectService(process.env)
      const gateway = await createGateway({
        url: options.url ?? `mqtt://127.0.0.1:${service.settings.MQTT_PORT}`,
        gatewayId: options.gateway,
        password: options.password ?? (await passwordFor(service, options.gateway, options.kind)),
      })
      try {
        await gateway.connected(15_000)
        const before = await newestQuarantined(service, options.gateway)
        const log = { debug() {}, info() {}, warn: toStderr, error: toStderr }
        const replayed = await replayCsv({
          file: csv,
          mapping,
          gateway,
          endNow: options.endNow === true,
          speed,
          log,
          signal: interrupted(),
        })
        const { rows, readings, devices, firstAt, lastAt } = replayed
        const span = `${new Date(firstAt).toISOString()} to ${new Date(lastAt).toISOString()}`
        await untilRead(service.url)
        const notAccepted = await notAcceptedSince(service, options.gateway, before)
        const { messages, first } = notAccepted
        print(options.json === true, { ...replayed, notAccepted }, [
          `${readings} readings of ${devices} device(s) from ${rows} rows, ${span}: all acknowledged`,
          ...(first === null
            ? ['Everything was accepted.']
            : [
                `${messages} message(s) were not, or not fully, accepted. The first, of ${first.deviceId}: ${first.reason}, ${first.text}`,
                `All of them: GET /api/v1/quarantine?gatewayId=${options.gateway}`,
              ]),
        ])
        if (messages > 0) process.exitCode = 1
      } finally {
        await gateway.stop()
      }
    })
}

interface GatewayRow {
  id: string
  name: string | null
  autoRegister: string | null
}

/** How gateways made here are told from real ones, whose password must not change under them. */
const madeByReplay = 'replay'

/** Of a gateway made here: a new one's, or a new one. @throws {UsageError} for any other gateway, or without a kind */
export async function passwordFor(
  service: Pick<ServiceClient, 'request' | 'list'>,
  id: string,
  kind: string | undefined,
): Promise<string> {
  const known = (await service.list<GatewayRow>('/gateways')).find((gateway) => gateway.id === id)
  if (known === undefined) {
    if (kind === undefined) throw new UsageError(`Gateway ${id} is new: --kind says what its devices are registered as`)
    const gateway = { id, name: madeByReplay, autoRegister: kind }
    return (await service.request<{ password: string }>('POST', '/gateways', gateway)).password
  }
  if (known.name !== madeByReplay) {
    throw new UsageError(`Gateway ${id} was not made by replay: give its --password; a new one would lock it out`)
  }
  if (kind !== undefined && kind !== known.autoRegister) {
    throw new UsageError(`Gateway ${id} registers its devices as ${known.autoRegister}: take another one, --gateway`)
  }
  const path = `/gateways/${encodeURIComponent(id)}/rotate`
  return (await service.request<{ password: string }>('POST', path)).password
}

function toStderr(fields: object, message: string): void {
  console.error(message, JSON.stringify(fields))
}

function asUsage<T>(read: () => T, what: string): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof ExpectedError) throw new UsageError(`${what}: ${cause.message}`)
    throw new UsageError(`${what} cannot be read: ${reasonOf(cause)}`)
  }
}
