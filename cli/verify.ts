import type { Command } from 'commander'
import { writtenSeal } from '../core/written-seal.ts'
import { print, UsageError } from './output.ts'
import { connectService } from './service.ts'

interface Verification {
  ok: boolean
  orders: number
  records: number
  events: number
  seals: number
  files: number
  visitsWithoutChain: number
  erased: number
  head: { number: number; at: string; hash: string } | null
  breaks: { what: string; id: string; event: number | null; text: string }[]
  breaksInAll: number
}

export function verifyCommand(program: Command): void {
  program
    .command('verify')
    .description('Check that orders and evidence are as they were written; exit code 1 names what is not')
    .option(
      '--head <number:hash>',
      'a seal as it was written down elsewhere, which must be there unchanged; may be repeated',
      (text: string, others: readonly string[]) => [...others, sealIn(text)],
      [],
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  liftwatt verify || echo "somebody changed the record"\n  liftwatt verify --head 1287:"$HASH_IN_THE_REPORT_OF_MAY"',
    )
    .action(async (options: { head: readonly string[]; json?: boolean }) => {
      const query = new URLSearchParams(options.head.map((head): [string, string] => ['head', head]))
      const path = query.size === 0 ? '/verify' : `/verify?${query}`
      const found = await connectService(process.env).request<Verification>('GET', path)
      const { orders, records, events, seals, files, visitsWithoutChain, erased, head, breaks, breaksInAll } = found
      const counted = `${orders} orders, ${records} other records, ${events} events, ${seals} seals, ${files} evidence files checked`
      const left =
        visitsWithoutChain === 0
          ? []
          : [
              `${visitsWithoutChain} visits of an earlier version are not checked: they get their chains in these minutes`,
            ]
      const forgotten = erased === 0 ? [] : [`from ${erased} of them a person was erased; see liftwatt erase list`]
      const sealed = head === null ? 'nothing is sealed yet' : `seal ${head.number} of ${head.at}: ${head.hash}`
      const lines = breaks.map(
        ({ what, id, event, text }) => `${what} ${id}${event === null ? '' : ` event ${event}`}: ${text}`,
      )
      const more = breaksInAll > breaks.length ? [`and ${breaksInAll - breaks.length} more`] : []
      print(options.json === true, found, [
        counted,
        ...left,
        ...forgotten,
        sealed,
        ...(found.ok ? ['All is as it was written.'] : [...lines, ...more]),
      ])
      if (!found.ok) process.exitCode = 1
    })
}

/** @throws {UsageError} */
function sealIn(text: string): string {
  const seal = text.trim().toLowerCase()
  if (writtenSeal.test(seal)) return seal
  throw new UsageError(`--head is a seal's number, a colon and its hash of 64 hex digits, not "${text}"`)
}
