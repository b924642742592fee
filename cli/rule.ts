import type { Command } from 'commander'
import { rangeWords, type SettingRange } from '../core/setting-range.ts'
import { print } from './output.ts'
import { suggestCommand } from './rule-suggest.ts'
import { pathOf, scopeOf, settingsOf } from './rule-words.ts'
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
  ranges: Record<string, SettingRange>
  changes: ChangeRow[]
  outOfRange: { version: number; setting: string; message: string }[]
  inForce?: { enabled: boolean; settings: Record<string, unknown>; version: number } | null
}

interface ExplanationRow {
  measured: Record<string, unknown>
  baseline: Record<string, unknown>
  limits: Record<string, unknown>
  rule: {
    version: number
    settings: Record<string, unknown>
    change: Pick<ChangeRow, 'at' | 'actor' | 'reason'> | null
    finds: string
    source: string
  } | null
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
        settings: settingsOf(pairs),
        reason: options.reason,
      }
      const made = await connectService(process.env).request<ChangeRow>(
        'POST',
        `/rules/${pathOf(finding)}/changes`,
        body,
      )
      print(options.json === true, made, [`Version ${made.version} holds for ${made.scope.type} ${made.scope.id}.`])
    })

  rule
    .command('explain <incident>')
    .description('Why an incident was found: what was measured, against what, by which rule as it was then')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt rule explain <incident>\n<incident> is the incidentId of "liftwatt order show <id> --json".',
    )
    .action(async (incident: string, { json }: { json?: boolean }) => {
      const path = `/incidents/${encodeURIComponent(incident)}/explanation`
      const explained = await connectService(process.env).request<ExplanationRow>('GET', path)
      print(json === true, explained, explanationLines(explained))
    })

  suggestCommand(rule)
}

/** Exported for its tests. */
export function explanationLines({ measured, baseline, limits, rule }: ExplanationRow): string[] {
  const figures = (name: string, part: Record<string, unknown>) => {
    const said = Object.entries(part).map(([figure, value]) => `${figure} = ${JSON.stringify(value)}`)
    return said.length === 0 ? [] : [`${name}: ${said.join(', ')}`]
  }
  const found = [...figures('measured', measured), ...figures('usual', baseline), ...figures('limits', limits)]
  if (rule === null) return [...found, 'No rule found it: people reported it, or it collects other findings.']

  const { version, settings, change, finds, source } = rule
  const by = change === null ? '' : `, by ${change.actor} at ${change.at}: ${change.reason}`
  return [
    ...found,
    `rule: ${finds}`,
    ...figures(version === 0 ? 'settings as they ship' : `settings of version ${version}${by}`, settings),
    `source: ${source}`,
  ]
}

function linesOf(rule: RuleRow): string[] {
  const { finding, finds, severities, source, defaults, ranges, changes, outOfRange, inForce } = rule
  const settings = inForce?.settings ?? defaults
  return [
    `${finding}: ${finds}`,
    `severity ${severities.join(', ')}; source: ${source}`,
    inForce == null ? 'as it ships:' : `${inForce.enabled ? 'on' : 'OFF'} for this device, version ${inForce.version}:`,
    ...Object.entries(settings).map(([name, value]) => {
      const range = ranges[name]
      return `  ${name} = ${JSON.stringify(value)}${range === undefined ? '' : ` (${rangeWords(range)})`}`
    }),
    ...changes.map(
      ({ version, scope, enabled, settings, at, actor, reason }) =>
        `version ${version} for ${scope.type} ${scope.id}: ${[...(enabled === null ? [] : [enabled ? 'on' : 'off']), JSON.stringify(settings)].join(' ')}; ${actor} at ${at}: ${reason}`,
    ),
    ...outOfRange.map(
      ({ version, setting, message }) => `version ${version} would be refused now: ${setting} ${message}`,
    ),
  ]
}
