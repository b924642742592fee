import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { identifier, print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface MappingRow {
  version: number
  mapping: object | null
  at: string
  actor: string
  reason: string
}

interface TriedRow {
  source: string
  topic: string
  isMapped: boolean
  readings: { deviceId: string; at: string; values: Record<string, unknown> }[]
  faults: { path: string; reason: string; text: string }[]
}

interface SetOptions {
  off?: boolean
  reason: string
  json?: boolean
}

interface TryOptions {
  topic?: string
  payload?: string
  json?: boolean
}

/** How a gateway that speaks in its own words is read; docs/mapping.md says what stands in the file. */
export function mappingCommands(gateway: Command): void {
  const mapping = gateway
    .command('mapping')
    .description('How a gateway is read that can be told neither our topics nor our words')
    .addHelpText('after', '\nExample:\n  liftwatt gateway mapping show gw-7')

  mapping
    .command('show <id>')
    .description('The version in force, as JSON; an earlier one with --version-number')
    .option('--version-number <n>', 'an earlier one')
    .addHelpText(
      'after',
      '\nThere is no --json: it is JSON anyway.\n\nExample:\n  liftwatt gateway mapping show gw-7 > map.json',
    )
    .action(async (id: string, { versionNumber }: { versionNumber?: string }) => {
      const query = versionNumber === undefined ? '' : `?version=${encodeURIComponent(versionNumber)}`
      const found = await connectService(process.env).request<MappingRow>('GET', `${pathOf(id)}${query}`)
      const { version, at, actor, reason } = found
      if (version > 0) console.error(`Version ${version}; ${actor} at ${at}: ${reason}`)
      console.log(JSON.stringify(found.mapping, null, 2))
    })

  mapping
    .command('set <id> [file]')
    .description('Put a mapping in force for what the gateway publishes from now on')
    .option('--off', 'none: it speaks our words from now on')
    .requiredOption('--reason <text>', 'why; it is kept with the version')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt gateway mapping set gw-7 map.json --reason "it speaks zigbee2mqtt"')
    .action(async (id: string, file: string | undefined, { off = false, reason, json }: SetOptions) => {
      if (off === (file !== undefined)) throw new UsageError('Give a file, or --off')
      const wanted = file === undefined ? null : mappingIn(file)
      const service = connectService(process.env)
      const { version } = await service.request<MappingRow>('GET', pathOf(id))
      const saved = await service.request<MappingRow>('PUT', pathOf(id), { mapping: wanted, version, reason })
      const state = saved.mapping === null ? 'is switched off' : 'is in force'
      print(json === true, saved, [`The mapping of ${id} ${state}: version ${saved.version}.`])
    })

  mapping
    .command('try <id> <file>')
    .description('What a mapping would make of a message, or of those that were not accepted last; stores nothing')
    .option('--topic <topic>', 'of a message of yours')
    .option('--payload <text>', 'the message')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt gateway mapping try gw-7 map.json --topic acme/up --payload \'{"P": "1.25"}\'',
    )
    .action(async (id: string, file: string, { topic, payload, json }: TryOptions) => {
      if ((topic === undefined) !== (payload === undefined))
        throw new UsageError('Give --topic and --payload, or neither')
      const body = { mapping: mappingIn(file), ...(topic !== undefined && { samples: [{ topic, payload }] }) }
      const { items } = await connectService(process.env).request<{ items: TriedRow[] }>(
        'POST',
        `${pathOf(id)}/try`,
        body,
      )
      print(
        json === true,
        items,
        items.length > 0 ? items.flatMap(linesOf) : ['Nothing to try it on: give --topic and --payload.'],
      )
    })
}

function pathOf(id: string): string {
  return `/gateways/${identifier('<id>', id)}/mapping`
}

/** @throws {UsageError} it cannot be read, or is no JSON */
function mappingIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new UsageError(`${file}: ${reasonOf(cause)}`)
  }
}

function linesOf({ source, topic, isMapped, readings, faults }: TriedRow): string[] {
  return [
    `${topic} (${source})`,
    ...(isMapped ? [] : ['  no rule is for this topic: it would be refused']),
    ...readings.map(({ deviceId, at, values }) => `  ${deviceId} at ${at}: ${JSON.stringify(values)}`),
    ...faults.map(({ path, reason, text }) => `  not used: ${path} ${text} (${reason})`),
  ]
}
