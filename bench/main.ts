/** The benches, a program of its own: production code does not import it. Started by `liftwatt bench` (`npm run bench -- <name>`). */
import { Command } from 'commander'
import { benchIngest } from './ingest.ts'

const program = new Command('liftwatt bench').description(
  'Measure this version on this machine; figures and their meaning: docs/performance.md',
)

const number = (text: string) => {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`a number above 0 is wanted, not "${text}"`)
  return value
}

program
  .command('ingest')
  .description('messages/s acknowledged, and stored and analysed, against bare aedes')
  .option('--rounds <n>', 'of both, alternating', number, 3)
  .option('--seconds <n>', 'of each measurement', number, 10)
  .option('--connections <n>', 'each a gateway with one device', number, 500)
  .option('--window <n>', 'unacknowledged messages of a connection', number, 32)
  .action(benchIngest)

program.parseAsync().catch((cause: unknown) => {
  console.error(cause)
  process.exit(1)
})
