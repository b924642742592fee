import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'

/** The benches are a program of their own, so that nothing of them is loaded where the service runs. */
export function benchCommand(program: Command): void {
  program
    .command('bench [arguments...]')
    .description('Measure this version on this machine: ingest, latency, detectors, deadlines, startup, soak')
    .allowUnknownOption()
    .helpOption(false)
    .addHelpText(
      'after',
      '\nExample:\n  liftwatt bench ingest --seconds 10\n"liftwatt bench --help" lists them. There is no --json: it prints figures with their meaning.',
    )
    .action(async (_arguments: string[], _options: object, command: Command) => {
      const main = fileURLToPath(new URL('../bench/main.js', import.meta.url))
      const child = spawn(process.execPath, [main, ...command.args], { stdio: 'inherit' })
      const [code] = (await once(child, 'exit')) as [number | null]
      process.exitCode = code ?? 1
    })
}
