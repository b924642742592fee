import { describe } from 'vitest'
import { type EngineName, findEngine } from './find.ts'

/**
 * A `describe` whose tests need a real engine. Without it they are skipped by name, and counted.
 * Await it, so that the tests are known when vitest has read the file.
 */
export async function describeWithEngine(name: EngineName, title: string, body: () => void) {
  if (await findEngine(name)) describe(title, body)
  else describe.skip(`${title} (no ${name})`, body)
}
