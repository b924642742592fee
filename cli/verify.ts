import type { Command } from 'commander'
import { print } from './output.ts'
import { connectService } from './service.ts'

interface Verification {
  ok: boolean
  orders: number
  events: number
  seals: number
  files: number
  head: { number: number; at: string; hash: string } | null
  breaks: { what: string; id: string; event: number | null; text: string }[]
  breaksInAll: number
}

export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .description('Check that orders and evidence are as they were written; exit code 1 names what is not')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  liftwatt verify || echo "somebody changed the record"')
    .action(async (options: { json?: boolean }) => {
      const found = await connectService(process.env).request<Verification>('GET', '/verify')
      const { orders, events, seals, files, head, breaks, breaksInAll } = found
      const counted = `${orders} orders, ${events} events, ${seals} seals, ${files} evidence files checked`
      const sealed = head === null ? 'nothing is sealed yet' : `seal ${head.number} of ${head.at}: ${head.hash}`
      const lines = breaks.map(
        ({ what, id, event, text }) => `${what} ${id}${event === null ? '' : ` event ${event}`}: ${text}`,
      )
      const more = breaksInAll > breaks.length ? [`and ${breaksInAll - breaks.length} more`] : []
      print(options.json === true, found, [
        counted,
        sealed,
        ...(found.ok ? ['All is as it was written.'] : [...lines, ...more]),
      ])
      if (!found.ok) process.exitCode = 1
    })
}
