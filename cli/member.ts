import type { Command } from 'commander'
import { fieldsOf, listWord, type Typed } from './list-show.ts'
import { identifier, print } from './output.ts'
import { connectService } from './service.ts'

interface Address {
  channelId: string
  address: string | null
}

interface MemberRow {
  id: string
  teamId: string
  name: string
  phone: string | null
  addresses: Address[]
}

interface AddOptions {
  json?: boolean
  team: string
  name: string
  phone?: string
  locale?: string
  tell?: string[]
}

export function memberCommands(program: Command): void {
  const member = program
    .command('member')
    .description('Who works in the teams')
    .addHelpText('after', '\nExample:\n  liftwatt member list --team crew-a')

  listWord<MemberRow>(member, {
    path: '/members',
    description: 'Members, by id',
    filters: [['--team <id>', 'of this team only']],
    apiNames: { team: 'teamId' },
    example: 'liftwatt member list --team crew-a',
    none: 'No member yet.',
    cells: ({ id, teamId, name, phone, addresses }) => [
      id,
      teamId,
      name,
      phone,
      addresses.map(addressText).join(',') || 'no address: hears nothing',
    ],
  })

  member
    .command('add <id>')
    .description('Add a member to a team')
    .requiredOption('--team <id>')
    .requiredOption('--name <text>')
    .option('--phone <number>')
    .option('--locale <locale>', 'zh-CN or en: the language of their notices')
    .option('--tell <channel:address...>', 'where their notices go; the channel alone where it needs no address')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt member add li --team crew-a --name "Li Lei" --phone 13900000000 --tell sms:13900000000',
    )
    .action(async (id: string, { json, team: teamId, tell, ...said }: AddOptions) => {
      const body = { id: identifier('<id>', id), teamId, ...said, ...(tell && { addresses: tell.map(addressIn) }) }
      const made = await connectService(process.env).request<MemberRow>('POST', '/members', body)
      print(json === true, made, fieldsOf(made))
    })

  member
    .command('remove <id>')
    .description('Take a member out of the team and its roster; refused while they are on the way to an order')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt member remove li')
    .action(async (id: string, { json }: Typed) => {
      const path = `/members/${identifier('<id>', id)}`
      await connectService(process.env).request('DELETE', path)
      print(json === true, { id, removed: true }, [`${id} works here no more.`])
    })
}

function addressText({ channelId, address }: Address): string {
  return address === null ? channelId : `${channelId}:${address}`
}

function addressIn(text: string): Address {
  const [channelId = '', ...rest] = text.split(':')
  return { channelId, address: rest.length === 0 ? null : rest.join(':') }
}
