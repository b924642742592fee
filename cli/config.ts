import type { Command } from 'commander'
import { readSettings, settingsShape } from '../core/settings.ts'
import { print } from './output.ts'

type Environment = Readonly<Record<string, string | undefined>>
type SettingName = keyof typeof settingsShape

const names = Object.keys(settingsShape) as SettingName[]
const secret = /TOKEN|PASSWORD|SECRET|DATABASE_URL|INFLUX_URL|HEARTBEAT_URL/

export function configCommand(program: Command): void {
  program
    .command('config')
    .description('Print every setting with its value and meaning')
    .option('--env', 'as a .env file with the defaults, to start from')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt config --env > .env')
    .action((as: { env?: boolean; json?: boolean }) => printSettings(process.env, as))
}

/** Every setting with its present value, or as a `.env` file to start from. Secrets are never printed. */
function printSettings(environment: Environment, as: { env?: boolean; json?: boolean }): void {
  if (as.env === true) {
    console.log(envExample())
    return
  }
  const shown = shownSettings(environment)
  const lines = names.map(
    (name) => `${name}=${asText(shown[name] ?? '(not set)')}\n    ${settingsShape[name].description}`,
  )
  print(as.json === true, shown, lines)
}

/** Every setting by name: its value, `(set)` for a secret, null when it is not set. */
export function shownSettings(environment: Environment): Record<SettingName, unknown> {
  const settings = readSettings(environment)
  const shown = names.map((name) => {
    const value = settings[name] ?? null
    return [name, value !== null && secret.test(name) ? '(set)' : value]
  })
  return Object.fromEntries(shown)
}

/** The text of `.env.example`: every setting commented out, with its default. */
export function envExample(): string {
  const defaults = readSettings({})
  const lines = names.flatMap((name) => {
    return [`# ${settingsShape[name].description}`, `#${name}=${asText(defaults[name] ?? '')}`, '']
  })
  return ['# Settings of Liftwatt. Made by `npm run config -- --env`; a test keeps it so.', '', ...lines]
    .join('\n')
    .trimEnd()
}

function asText(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}
