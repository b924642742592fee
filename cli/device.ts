import type { Command } from 'commander'
import { importCommand } from './import.ts'
import { identifier, print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface DeviceRow {
  id: string
  kind: string
  gatewayId: string
  name: string | null
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
    .description('All devices')
    .option('--gateway <id>', 'of this gateway only')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt device list --gateway gw-7')
    .action(async (options: { gateway?: string; json?: boolean }) => {
      const { gateway } = options
      const filter = gateway === undefined ? '' : `?gatewayId=${identifier('--gateway', gateway)}`
      const devices = await connectService(process.env).list<DeviceRow>(`/devices${filter}`)
      const lines = devices.map(({ id, kind, gatewayId, name }) => [id, kind, gatewayId, name ?? '-'].join('\t'))
      print(options.json === true, devices, lines.length > 0 ? lines : ['No device yet.'])
    })
}

function parseFacts(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`--facts is not JSON: ${text}`)
  }
}
