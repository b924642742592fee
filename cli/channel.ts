import type { Command } from 'commander'
import { channelTypes } from '../core/notice.ts'
import { jsonFile, jsonText } from './input.ts'
import { identifier, print } from './output.ts'
import { connectService } from './service.ts'

interface ChannelRow {
  id: string
  type: string
  name: string
  enabled: boolean
  state: { waiting: number; dead: number; lastSentAt: string | null; lastError: string | null }
}

interface TestResult {
  outcome: 'delivered' | 'retry' | 'refused'
  reason: string | null
}

export function channelCommands(program: Command): void {
  const channel = program
    .command('channel')
    .description('Ways to reach people: robots, e-mail, webhooks, SMS, gateways')
    .addHelpText('after', '\nExample:\n  liftwatt channel test duty-group')

  channel
    .command('add <id>')
    .description('Add a channel; docs/channels.md shows what each type needs')
    .requiredOption('--type <type>', channelTypes.join(', '))
    .requiredOption(
      '--settings <json>',
      'what its type needs, as JSON; @FILE reads it from a file, @- from standard input',
    )
    .option('--name <text>', 'what people call it')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `\nExample:\n  liftwatt channel add duty-group --type dingtalk --settings '{"url":"https://oapi.dingtalk.com/robot/send?access_token=…","secret":"SEC…"}'`,
    )
    .action(async (id: string, options: { type: string; settings: string; name?: string; json?: boolean }) => {
      identifier('<id>', id)
      const { type, name = id } = options
      const body = { id, type, name, settings: settingsFrom(options.settings) }
      const made = await connectService(process.env).request<ChannelRow>('POST', '/channels', body)
      print(options.json === true, made, [`Channel ${id} (${type}) is there. Try it: liftwatt channel test ${id}`])
    })

  channel
    .command('list')
    .description('All channels, and what becomes of their notices')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt channel list')
    .action(async (options: { json?: boolean }) => {
      const channels = await connectService(process.env).list<ChannelRow>('/channels')
      const lines = channels.map(channelLine)
      print(
        options.json === true,
        channels,
        lines.length > 0 ? lines : ['No channel yet. Nobody can be told of an order.'],
      )
    })

  channel
    .command('test <id>')
    .description('Send a test notice now; exit code 1 when it is not delivered')
    .option('--to <address>', 'a phone number, a mailbox or a gateway, as its type needs')
    .option('--locale <locale>', 'zh-CN or en', 'zh-CN')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt channel test sms --to 13900000000 --locale en')
    .action(async (id: string, options: { to?: string; locale: string; json?: boolean }) => {
      identifier('<id>', id)
      const { to: address = null, locale } = options
      const path = `/channels/${id}/test`
      const result = await connectService(process.env).request<TestResult>('POST', path, { address, locale })
      const { outcome, reason } = result
      print(options.json === true, result, [outcome === 'delivered' ? 'Delivered.' : `Not delivered: ${reason}`])
      if (outcome !== 'delivered') process.exitCode = 1
    })
}

function channelLine({ id, type, name, enabled, state }: ChannelRow): string {
  const troubles = [
    ...(enabled ? [] : ['switched off']),
    ...(state.dead > 0 ? [`${state.dead} dead letters`] : []),
    ...(state.waiting > 0 ? [`${state.waiting} waiting`] : []),
    ...(state.lastError === null ? [] : [state.lastError]),
  ]
  const last = state.lastSentAt === null ? 'nothing sent yet' : `last sent ${state.lastSentAt}`
  return [id, type, name, last, troubles.join('; ') || 'well'].join('\t')
}

/** A file keeps secrets out of the shell's history. */
function settingsFrom(given: string): unknown {
  return given.startsWith('@') ? jsonFile('--settings', given.slice(1)) : jsonText('--settings', given)
}
