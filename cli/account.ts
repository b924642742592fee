import type { Command } from 'commander'
import { siteRoles, teamRoles } from '../core/account.ts'
import { identifier, print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface MembershipRow {
  role: string
  scope: { sites: string[] } | { teamId: string }
}

interface AccountRow {
  id: string
  name: string
  memberships: MembershipRow[]
  passwordSetAt: string | null
}

interface InvitationRow {
  url: string
  purpose: 'invitation' | 'reset'
  expiresAt: string
}

export function accountCommands(program: Command): void {
  const account = program
    .command('account')
    .alias('user')
    .description('Who may sign in, as what, and where')
    .addHelpText('after', '\nExample:\n  liftwatt account add li --name "Li" --role operator\n"user" is the same word.')

  account
    .command('list')
    .description('All accounts with their roles')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt account list --json')
    .action(async ({ json }: { json?: boolean }) => {
      const accounts = await connectService(process.env).list<AccountRow>('/accounts')
      const lines = accounts.map(({ id, name, memberships, passwordSetAt }) =>
        [id, name, memberships.map(inWords).join(' '), passwordSetAt === null ? 'not joined yet' : 'joined'].join('\t'),
      )
      print(json === true, accounts, lines.length > 0 ? lines : ['No account yet: there is only the operator token.'])
    })

  account
    .command('add <id>')
    .description('Add an account and print the link with which its owner sets a password')
    .requiredOption('--name <name>', 'of the person')
    .requiredOption(
      '--role <role...>',
      `with sites or a team behind a colon: operator, duty-room:xihu,binjiang, technician:east (${[...siteRoles, ...teamRoles].join(', ')})`,
    )
    .option('--english', 'their pages and messages are in English')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt account add wang --name "Wang" --role technician:east')
    .action(async (id: string, options: { name: string; role: string[]; english?: boolean; json?: boolean }) => {
      const service = connectService(process.env)
      const memberships = options.role.map(membershipOf)
      const body = { id, name: options.name, memberships, ...(options.english && { locale: 'en' }) }
      await service.request('POST', '/accounts', body)
      const invitation = await service.request<InvitationRow>('POST', `/accounts/${id}/invitation`)
      print(options.json === true, invitation, linesOf(id, invitation))
    })

  account
    .command('invite <id>')
    .description('Print a new one-time link to set a password, or to set another one; the link before is void')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt account invite wang')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const path = `/accounts/${identifier('id', id)}/invitation`
      const invitation = await connectService(process.env).request<InvitationRow>('POST', path)
      print(json === true, invitation, linesOf(id, invitation))
    })

  account
    .command('remove <id>')
    .description('End it with its sessions and tokens; its id stays taken')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt account remove wang')
    .action(async (id: string, { json }: { json?: boolean }) => {
      await connectService(process.env).request('DELETE', `/accounts/${identifier('id', id)}`)
      print(json === true, { id, removed: true }, [`${id} can do nothing any more.`])
    })
}

function membershipOf(text: string): MembershipRow {
  const [role = '', where = ''] = text.split(':')
  const ids = where.split(',').filter((id) => id !== '')
  if (siteRoles.some((one) => one === role)) {
    return { role, scope: { sites: ids.map((id) => identifier('site', id)) } }
  }
  if (!teamRoles.some((one) => one === role)) throw new UsageError(`There is no role ${role}`)
  const [teamId, ...more] = ids
  if (teamId === undefined || more.length > 0) throw new UsageError(`${role} needs one team, such as ${role}:east`)
  return { role, scope: { teamId: identifier('team', teamId) } }
}

function inWords({ role, scope }: MembershipRow): string {
  const where = 'teamId' in scope ? scope.teamId : scope.sites.join(',')
  return where === '' ? role : `${role}:${where}`
}

function linesOf(id: string, { url, purpose, expiresAt }: InvitationRow): string[] {
  const what = purpose === 'reset' ? 'set another password' : 'set a password'
  return [`Send this to ${id} and to nobody else: it is good once, to ${what}, until ${expiresAt}`, url]
}
