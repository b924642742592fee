import type { Command } from 'commander'
import { commandsTopic, telemetryTopic } from '../core/topic.ts'
import { mappingCommands } from './gateway-mapping.ts'
import { identifier, print } from './output.ts'
import { connectService } from './service.ts'

interface GatewayRow {
  id: string
  name: string | null
  autoRegister: string | null
  revokedAt: string | null
}

interface Secret {
  id: string
  username: string
  password: string
}

interface RotatedSecret extends Secret {
  previousValidUntil: string | null
}

interface NewGatewayOptions {
  name?: string
  autoRegister?: string
  site?: string
  json?: boolean
}

export function gatewayCommands(program: Command): void {
  const gateway = program
    .command('gateway')
    .description('The boxes that publish for elevators and meters')
    .addHelpText('after', '\nExample:\n  liftwatt gateway add gw-7 --auto-register elevator')

  gateway
    .command('add <id>')
    .description('Register a gateway; its password is shown once')
    .option('--name <text>', 'what people call it')
    .option('--auto-register <kind>', 'register its unknown devices as this kind: elevator or electricity-meter')
    .option('--site <id>', 'where it stands; devices that it registers stand there too')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt gateway add gw-7 --auto-register elevator --site building-12')
    .action(async (id: string, options: NewGatewayOptions) => {
      identifier('<id>', id)
      const service = connectService(process.env)
      const { name, autoRegister, site } = options
      const secret = await service.request<Secret>('POST', '/gateways', {
        id,
        ...(name !== undefined && { name }),
        ...(autoRegister !== undefined && { autoRegister }),
        ...(site !== undefined && { siteId: site }),
      })
      const kind = autoRegister ?? 'electricity-meter'
      const lines = [
        ...secretLines(secret),
        ...(autoRegister === undefined
          ? [`Register a device:  liftwatt device add meter-1 --kind ${kind} --gateway ${id}`]
          : []),
        'Publish a first reading:',
        publishLine(secret, kind, service.settings.MQTT_PORT),
      ]
      print(options.json === true, secret, lines)
    })

  gateway
    .command('list')
    .description('All gateways')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt gateway list')
    .action(async (options: { json?: boolean }) => {
      const gateways = await connectService(process.env).list<GatewayRow>('/gateways')
      const lines = gateways.map(({ id, name, autoRegister, revokedAt }) =>
        [
          id,
          name ?? '-',
          autoRegister ? `registers ${autoRegister}` : '-',
          revokedAt ? `revoked ${revokedAt}` : 'active',
        ].join('\t'),
      )
      print(
        options.json === true,
        gateways,
        lines.length > 0 ? lines : ['No gateway yet. Add one: liftwatt gateway add gw-1'],
      )
    })

  gateway
    .command('rotate <id>')
    .description('Make a new password; only the last one before stays valid, for 24 hours')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt gateway rotate gw-7\nA second rotate ends the first password at once.',
    )
    .action(async (id: string, options: { json?: boolean }) => {
      identifier('<id>', id)
      const secret = await connectService(process.env).request<RotatedSecret>('POST', `/gateways/${id}/rotate`)
      print(options.json === true, secret, [...secretLines(secret), previousLine(secret)])
    })

  gateway
    .command('revoke <id>')
    .description('Void its passwords and cut its connection now, for good')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Example:
  liftwatt gateway revoke gw-7
A revoked id never comes back; what it sent stays. A box that is to go on gets a new id, to which each of its devices is moved with
PATCH /api/v1/devices/<device> {"gatewayId": "gw-8"}, or all with "liftwatt import" and a file with the columns id and gatewayId.`,
    )
    .action(async (id: string, options: { json?: boolean }) => {
      identifier('<id>', id)
      await connectService(process.env).request('DELETE', `/gateways/${id}`)
      print(options.json === true, { id, revoked: true }, [`Gateway ${id} is revoked.`])
    })

  mappingCommands(gateway)
}

function secretLines({ id, username, password }: Secret): string[] {
  return [
    `Gateway ${id}: MQTT 3.1.1, client id ${id}, QoS 1`,
    `  user      ${username}`,
    `  password  ${password}   (shown once)`,
    `  publish   ${telemetryTopic(id, '<device>')}`,
    `  subscribe ${commandsTopic(id)}`,
  ]
}

/** Exported for its test. */
export function previousLine({ previousValidUntil }: Pick<RotatedSecret, 'previousValidUntil'>): string {
  return previousValidUntil === null
    ? 'No password before it is valid.'
    : `The password before it is valid until ${previousValidUntil}; any older one is void now.`
}

const firstValues: Readonly<Record<string, string>> = {
  elevator: '"floor":3,"doorState":"closed","motorCelsius":41.5',
  'electricity-meter': '"volts":228.4,"amps":3.2,"terminalCelsius":31.5',
}

/** A line that can be pasted into a shell: `date` fills in the time. */
export function publishLine({ id, username, password }: Secret, kind: string, port: number): string {
  const device = kind === 'elevator' ? 'elevator-1' : 'meter-1'
  const message = `{\\"at\\":$(date +%s%3N),\\"values\\":{${(firstValues[kind] ?? '').replaceAll('"', '\\"')}}}`
  return [
    `mosquitto_pub -h 127.0.0.1 -p ${port} -q 1 -i ${id} -u ${username} -P ${password}`,
    ` -t ${telemetryTopic(id, device)} -m "${message}"`,
  ].join('')
}
