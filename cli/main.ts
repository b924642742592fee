import { Command } from 'commander'
import { reasonOf } from '../core/errors.ts'
import { version } from '../version.ts'
import { printSettings } from './config.ts'
import { UsageError } from './output.ts'
import { runService } from './start.ts'

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
  .command('config')
  .description('Print every setting with its value and meaning')
  .option('--env', 'as a .env file with the defaults, to start from')
  .action(({ env }: { env?: boolean }) => printSettings(process.env, env === true))

program.parseAsync().catch((cause: unknown) => {
  console.error(reasonOf(cause))
  process.exit(cause instanceof UsageError ? 2 : 1)
})
