import type { Command } from 'commander'
import { print } from './output.ts'
import { suggestCommand } from './rule-suggest.ts'
import { pathOf, scopeOf, settingOf } from './rule-words.ts'
import { connectService } from './service.ts'

interface ChangeRow {
  version: number
  scope: { type: string; id: string }
  enabled: boolean | null
  settings: Record<string, unknown>
  at: string
  actor: string
  reason: string
}

interface RuleRow {
  finding: string
  finds: string
  severities: string[]
  source: string
  defaults: Record<string, unknown>
  changes: ChangeRow[]
  inForce?: { enabled: boolean; settings: Record<string, unknown>; version: number } | null
}

interface SetOptions {
  kind?: boolean
  site?: string
  device?: string
  off?: boolean
  on?: boolean
  reason: string
  json?: boolean
}

export function ruleCommands(program: Command): void {
  const rule = program
    .command('rule')
    .description('What raises each finding, and with which settings')
    .addHelpText('after', '\nExample:\n  liftwatt rule show elevator/entrapment')

  rule
    .command('list')
    .description('Every finding, and where people changed it')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt rule list')
    .action(async ({ json }: { json?: boolean }) => {
      const rules = await connectService(process.env).list<RuleRow>('/rules')
      const lines = rules.map(({ finding, severities, changes, finds }) =>
        [
          finding,
          severities.join(','),
          changes.length === 0 ? 'as it ships' : `changed at ${changes.length} place(s)`,
          finds,
        ].join('\t'),
      )
      print(json === true, rules, lines)
    })

  rule
    .command('show <finding>')
    .description('Its settings, as it ships or for one device, and what was changed')
    .option('--device <id>', 'as it is for this device')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt rule show elevator/door-close-drift --device lift-3')
    .action(async (finding: string, { device, json }: { device?: string; json?: boolean }) => {
      const query = device === undefined ? '' : `?deviceId=${encodeURIComponent(device)}`
      const found = await connectService(process.env).request<RuleRow>('GET', `/rules/${pathOf(finding)}${query}`)
      print(json === true, found, linesOf(found))
    })

  rule
    .command('set <finding> [settings...]')
    .description('Change what it finds, or whether, for a kind, a site or a device')
    .option('--kind', 'for all devices of its kind')
    .option('--site <id>', 'for all in a site')
    .option('--device <id>', 'for one device')
    .option('--off', 'it finds nothing there')
    .option('--on', 'it does, though a wider scope says off')
    .requiredOption('--reason <text>', 'why; it is kept with the change')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nWhat is not named is inherited again; no settings at all take the change of that scope back.\n\nExample:\n  liftwatt rule set electricity-meter/terminal-over-temperature warningCelsius=55 --site garden --reason "old aluminium cables"',
    )
    .action(async (finding: string, pairs: string[], options: SetOptions) => {
      const body = {
        scope: scopeOf(finding, options),
        enabled: options.off === true ? false : options.on === true ? true : null,
        settings: Object.fromEntries(pairs.map(settingOf)),
        reason: options.reason,
      }
      const made = await connectService(process.env).request<ChangeRow>(
        'POST',
        `/rules/${pathOf(finding)}/changes`,
        body,
      )
      print(options.json === true, made, [`Version ${made.version} holds for ${made.scope.type} ${made.scope.id}.`])
    })

  suggestCommand(rule)
}

function linesOf({ finding, finds, severities, source, defaults, changes, inForce }: RuleRow): string[] {
  const settings = inForce?.settings ?? defaults
  return [
    `${finding}: ${finds}`,
    `severity ${severities.join(', ')}; source: ${source}`,
    inForce == null ? 'as it ships:' : `${inForce.enabled ? 'on' : 'OFF'} for this device, version ${inForce.version}:`,
    ...Object.entries(settings).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`),
    ...changes.map(
      ({ version, scope, enabled, settings, at, actor, reason }) =>
        `version ${version} for ${scope.type} ${scope.id}: ${[...(enabled === null ? [] : [enabled ? 'on' : 'off']), JSON.stringify(settings)].join(' ')}; ${actor} at ${at}: ${reason}`,
    ),
  ]
}
