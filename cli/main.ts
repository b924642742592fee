import { reasonOf } from '../core/errors.ts'
import { UsageError } from './output.ts'
import { programFor } from './words.ts'

/** Exit codes: 0 done, 1 failed, 2 wrong usage. */
async function run(): Promise<void> {
  const program = await programFor(process.argv[2] ?? '')
  await program.parseAsync()
}

run().catch((cause: unknown) => {
  console.error(reasonOf(cause))
  process.exit(cause instanceof UsageError ? 2 : 1)
})
