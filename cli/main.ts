import { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { version } from '../version.ts'
import { accountCommands } from './account.ts'
import { backtestCommand } from './backtest.ts'
import { benchCommand } from './bench.ts'
import { channelCommands } from './channel.ts'
import { printSettings } from './config.ts'
import { conformanceCommand } from './conformance.ts'
import { runDemo } from './demo.ts'
import { detectCommand } from './detect.ts'
import { deviceCommands } from './device.ts'
import { doctorCommand } from './doctor.ts'
import { gatewayCommands } from './gateway.ts'
import { importCommands } from './import.ts'
import { orderCommands } from './order.ts'
import { UsageError } from './output.ts'
import { replayCommand } from './replay.ts'
import { ruleCommands } from './rule.ts'
import { simulateCommand } from './simulate.ts'
import { runService } from './start.ts'
import { teamCommands } from './team.ts'
import { verifyCommand } from './verify.ts'

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
const program = new Command('liftwatt')
  .description('Elevator and rental-room electricity monitoring: MQTT telemetry in, 30-minute work orders out')
  .version(version)
  .showHelpAfterError('(add --help for the words and an example)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

program
  .command('start')
  .description('Run the service; settings come from the environment (see: liftwatt config)')
  .action(() => runService(process.env))

program
  .command('demo')
  .description('Run the service with a simulated district and scripted faults; its data is kept in ./data/demo')
  .action(() => runDemo(process.env))

program
  .command('config')
  .description('Print every setting with its value and meaning')
  .option('--env', 'as a .env file with the defaults, to start from')
  .option('--json', 'as JSON')
  .action((as: { env?: boolean; json?: boolean }) => printSettings(process.env, as))

gatewayCommands(program)
deviceCommands(program)
importCommands(program)
orderCommands(program)
teamCommands(program)
accountCommands(program)
channelCommands(program)
ruleCommands(program)
backtestCommand(program)
verifyCommand(program)
simulateCommand(program)
replayCommand(program)
detectCommand(program)
doctorCommand(program)
conformanceCommand(program)
benchCommand(program)

program.parseAsync().catch((cause: unknown) => {
  console.error(reasonOf(cause))
  process.exit(cause instanceof UsageError ? 2 : 1)
})
