import type { Command } from 'commander'
import { importCommand } from './import.ts'
import { identifier, print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface DeviceRow {
  id: string
  kind: string
  gatewayId: string
  name: string | null
  retiredAt: string | null
}

export function deviceCommands(program: Command): void {
  const device = program
    .command('device')
    .description('Elevators and meters')
    .addHelpText('after', '\nExample:\n  liftwatt device add meter-1 --kind electricity-meter --gateway gw-7')
  importCommand(device)

  device
    .command('add <id>')
    .description('Register a device')
    .requiredOption('--kind <kind>', 'elevator or electricity-meter')
    .requiredOption('--gateway <id>', 'the gateway that publishes for it')
    .option('--name <text>', 'what people call it')
    .option('--facts <json>', 'what is known of it')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt device add lift-3 --kind elevator --gateway gw-7 --facts \'{"insulationClass":"F","stops":18}\'',
    )
    .action(
      async (id: string, options: { kind: string; gateway: string; name?: string; facts?: string; json?: boolean }) => {
        identifier('<id>', id)
        identifier('--gateway', options.gateway)
        const { kind, gateway: gatewayId, name } = options
        const facts = options.facts === undefined ? undefined : parseFacts(options.facts)
        const body = { id, kind, gatewayId, ...(name !== undefined && { name }), ...(facts !== undefined && { facts }) }
        const made = await connectService(process.env).request<DeviceRow>('POST', '/devices', body)
        print(options.json === true, made, [`Device ${id} (${kind}) is registered with gateway ${gatewayId}.`])
      },
    )

  device
    .command('list')
    .description('All devices in service')
    .option('--gateway <id>', 'of this gateway only')
    .option('--retired', 'those that were removed instead')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt device list --gateway gw-7')
    .action(async (options: { gateway?: string; retired?: boolean; json?: boolean }) => {
      const { gateway, retired = false } = options
      const filter = gateway === undefined ? '' : `&gatewayId=${identifier('--gateway', gateway)}`
      const devices = await connectService(process.env).list<DeviceRow>(`/devices?retired=${retired}${filter}`)
      const lines = devices.map(({ id, kind, gatewayId, name, retiredAt }) =>
        [id, kind, gatewayId, name ?? '-', ...(retiredAt === null ? [] : [`retired ${retiredAt}`])].join('\t'),
      )
      const none = retired ? 'No device is retired.' : 'No device yet.'
      print(options.json === true, devices, lines.length > 0 ? lines : [none])
    })

  device
    .command('remove <id>')
    .description('Retire a device: nothing sent for it is taken any more; readings, incidents and evidence stay')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Example:
  liftwatt device remove lift-3 --reason "a typing error: it is lift-13"
It is refused while an order for it is open. "liftwatt device add" with the same id takes it back into service, with what is not
given as it was.`,
    )
    .action(async (id: string, options: { reason: string; json?: boolean }) => {
      const query = new URLSearchParams({ reason: options.reason })
      await connectService(process.env).request('DELETE', `/devices/${identifier('<id>', id)}?${query}`)
      print(options.json === true, { id, retired: true }, [`Device ${id} is retired.`])
    })
}

function parseFacts(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`--facts is not JSON: ${text}`)
  }
}
