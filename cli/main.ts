import { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { version } from '../version.ts'
import { UsageError } from './output.ts'

type Describe = (program: Command) => void

/** The words, in the order of the help. Each is loaded when it is said: the service is large, and most words only talk to it. */
const words: Readonly<Record<string, () => Promise<Describe>>> = {
  start: async () => (await import('./start.ts')).startCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  config: async () => (await import('./config.ts')).configCommand,
  gateway: async () => (await import('./gateway.ts')).gatewayCommands,
  device: async () => (await import('./device.ts')).deviceCommands,
  import: async () => (await import('./import.ts')).importCommand,
  order: async () => (await import('./order.ts')).orderCommands,
  team: async () => (await import('./team.ts')).teamCommands,
  account: async () => (await import('./account.ts')).accountCommands,
  channel: async () => (await import('./channel.ts')).channelCommands,
  rule: async () => (await import('./rule.ts')).ruleCommands,
  backtest: async () => (await import('./backtest.ts')).backtestCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  simulate: async () => (await import('./simulate.ts')).simulateCommand,
  replay: async () => (await import('./replay.ts')).replayCommand,
  detect: async () => (await import('./detect.ts')).detectCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  'mqtt-conformance': async () => (await import('./conformance.ts')).conformanceCommand,
  bench: async () => (await import('./bench.ts')).benchCommand,
}

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
async function run(): Promise<void> {
  const program = new Command('liftwatt')
    .description('Elevator and rental-room electricity monitoring: MQTT telemetry in, 30-minute work orders out')
    .version(version)
    .showHelpAfterError('(add --help for the words and an example)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

  const said = process.argv[2] ?? ''
  const wanted = Object.hasOwn(words, said) ? [said] : Object.keys(words) // all of them for the help, and for a misspelt one
  for (const word of wanted) (await words[word]?.())?.(program)
  await program.parseAsync()
}

run().catch((cause: unknown) => {
  console.error(reasonOf(cause))
  process.exit(cause instanceof UsageError ? 2 : 1)
})
