import type { Command } from 'commander'
import { startConformanceBroker } from '../broker/conformance.ts'
import { guardLimits } from '../broker/limits.ts'
import { wholeNumber } from './options.ts'
import { print, UsageError } from './output.ts'

export function conformanceCommand(program: Command): void {
  program
    .command('mqtt-conformance')
    .description('Run broker and stream guard alone on loopback, without data, for third-party protocol suites')
    .option('--port <n>', 'port; 0 for any', '1883')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt mqtt-conformance --port 18830\n\nAny user name (say, conf), any password, any client id; test/nosubscribe may not be subscribed.',
    )
    .action(async ({ port, json }: { port: string; json?: boolean }) => {
      // the suites send packets of several hundred KiB and hold connections without a keep-alive: sizes are not under test
      const limits = { ...guardLimits, maxBytesBeforeConnack: 256 * 1024, maxBytes: 268_435_455 }
      const wanted = wholeNumber('--port', port)
      if (wanted > 65_535) throw new UsageError(`--port is at most 65535, not ${port}`)
      const broker = await startConformanceBroker(wanted, limits)
      print(json === true, { port: broker.port }, [`MQTT 3.1.1 on 127.0.0.1:${broker.port}, without data`])
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        process.once(signal, () => broker.stop().then(() => process.exit(0)))
    })
}
