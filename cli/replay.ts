import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { ExpectedError, reasonOf } from '../core/errors.ts'
import { parseMapping } from '../simulators/csv-mapping.ts'
import { createGateway } from '../simulators/gateway.ts'
import { parseSpeed } from '../simulators/pace.ts'
import { replayCsv } from '../simulators/replay-csv.ts'
import { print, UsageError } from './output.ts'
import { connectService } from './service.ts'
import { interrupted } from './simulate.ts'

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
    .option('--password <text>', 'its password; without it, the gateway is registered, or its password rotated')
    .option('--kind <kind>', 'when registering: its devices are registered as this kind')
    .option('--end-now', 'shift all times so that the last reading is now')
    .option('--speed <speed>', 'max, or how many recorded seconds pass in one', 'max')
    .option('--url <url>', 'MQTT address of the service')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt replay day.csv --mapping day.json --kind electricity-meter --end-now')
    .action(async (csv: string, options: ReplayOptions) => {
      const mapping = asUsage(() => parseMapping(readFileSync(options.mapping, 'utf8')), options.mapping)
      const speed = asUsage(() => parseSpeed(options.speed), '--speed')
      const service = connectService(process.env)
      const gateway = await createGateway({
        url: options.url ?? `mqtt://127.0.0.1:${service.settings.MQTT_PORT}`,
        gatewayId: options.gateway,
        password: options.password ?? (await ensureGateway(service, options.gateway, options.kind)),
      })
      try {
        await gateway.connected(15_000)
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
        print(options.json === true, replayed, [
          `${readings} readings of ${devices} device(s) from ${rows} rows, ${span}: all acknowledged`,
        ])
      } finally {
        await gateway.stop()
      }
    })
}

async function ensureGateway(
  service: ReturnType<typeof connectService>,
  id: string,
  kind: string | undefined,
): Promise<string> {
  const known = await service.list<{ id: string }>('/gateways')
  const path = `/gateways/${encodeURIComponent(id)}`
  const secret = known.some((gateway) => gateway.id === id)
    ? await service.request<{ password: string }>('POST', `${path}/rotate`)
    : await service.request<{ password: string }>('POST', '/gateways', {
        id,
        ...(kind !== undefined && { autoRegister: kind }),
      })
  return secret.password
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
