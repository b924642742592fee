import { Command } from 'commander'
import { version } from '../version.ts'

type Describe = (program: Command) => void

/** The words, in the order of the help. Each is loaded when it is said: the service is large, and most words only talk to it. */
const words: Readonly<Record<string, () => Promise<Describe>>> = {
  start: async () => (await import('./start.ts')).startCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  config: async () => (await import('./config.ts')).configCommand,
  gateway: async () => (await import('./gateway.ts')).gatewayCommands,
  device: async () => (await import('./device.ts')).deviceCommands,
  site: async () => (await import('./site.ts')).siteCommands,
  import: async () => (await import('./import.ts')).importCommand,
  incident: async () => (await import('./incident.ts')).incidentCommands,
  order: async () => (await import('./order.ts')).orderCommands,
  shelf: async () => (await import('./shelf.ts')).shelfCommands,
  plan: async () => (await import('./plan.ts')).planCommands,
  team: async () => (await import('./team.ts')).teamCommands,
  member: async () => (await import('./member.ts')).memberCommands,
  roster: async () => (await import('./roster.ts')).rosterCommands,
  contract: async () => (await import('./contract.ts')).contractCommands,
  overhaul: async () => (await import('./overhaul.ts')).overhaulCommands,
  account: async () => (await import('./account.ts')).accountCommands,
  channel: async () => (await import('./channel.ts')).channelCommands,
  rule: async () => (await import('./rule.ts')).ruleCommands,
  backtest: async () => (await import('./backtest.ts')).backtestCommand,
  report: async () => (await import('./report.ts')).reportCommands,
  sample: async () => (await import('./sample.ts')).sampleCommand,
  erase: async () => (await import('./erase.ts')).eraseCommands,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  simulate: async () => (await import('./simulate.ts')).simulateCommand,
  replay: async () => (await import('./replay.ts')).replayCommand,
  detect: async () => (await import('./detect.ts')).detectCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  'mqtt-conformance': async () => (await import('./conformance.ts')).conformanceCommand,
  bench: async () => (await import('./bench.ts')).benchCommand,
}

/** Other names of a word, which it must know as its `alias` too. */
const aliases: Readonly<Record<string, string>> = { user: 'account' }

/** @param said the first word typed; when it is none of ours, as in `--help` or when misspelt, all words are loaded */
export async function programFor(said: string): Promise<Command> {
  const program = new Command('liftwatt')
    .description('Elevator and rental-room electricity monitoring: MQTT telemetry in, 30-minute work orders out')
    .version(version)
    .showHelpAfterError('(add --help for the words and an example)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .addHelpText('after', '\nExample:\n  liftwatt gateway add gw-7 --auto-register elevator')

  const word = Object.hasOwn(aliases, said) ? aliases[said] : said
  const wanted = Object.keys(words).filter((known) => known === word)
  for (const known of wanted.length > 0 ? wanted : Object.keys(words)) (await words[known]?.())?.(program)
  return program
}
