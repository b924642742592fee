import { readSettings, settingsShape } from '../core/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>
type SettingName = keyof typeof settingsShape

const names = Object.keys(settingsShape) as SettingName[]
const secret = /TOKEN|PASSWORD|DATABASE_URL|INFLUX_URL/

/** Every setting with its present value, or as a `.env` file to start from. Secrets are never printed. */
export function printSettings(environment: Environment, asEnv: boolean): void {
  if (asEnv) {
    console.log(envExample())
    return
  }
  const settings = readSettings(environment)
  for (const name of names) {
    const value = settings[name]
    const shown =
      value === undefined
        ? '(not set)'
        : secret.test(name)
          ? '(set)'
          : Array.isArray(value)
            ? value.join(',')
            : String(value)
    console.log(`${name}=${shown}\n    ${settingsShape[name].description}`)
  }
}

/** The text of `.env.example`: every setting commented out, with its default. */
export function envExample(): string {
  const defaults = readSettings({})
  const lines = names.flatMap((name) => {
    const value = defaults[name]
    const shown = value === undefined ? '' : Array.isArray(value) ? value.join(',') : String(value)
    return [`# ${settingsShape[name].description}`, `#${name}=${shown}`, '']
  })
  return ['# Settings of Liftwatt. Made by `npm run config -- --env`; a test keeps it so.', '', ...lines]
    .join('\n')
    .trimEnd()
}
