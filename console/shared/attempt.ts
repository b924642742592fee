import type { Signal } from '@preact/signals'

/** Whether it was done; if not, `problem` says why. */
export async function attempt(problem: Signal<unknown>, work: () => Promise<void>): Promise<boolean> {
  problem.value = null
  try {
    await work()
    return true
  } catch (cause) {
    problem.value = cause
    return false
  }
}
