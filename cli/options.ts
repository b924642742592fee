import { UsageError } from './output.ts'

export function positive(option: string, text: string): number {
  const value = Number(text)
  if (!(Number.isFinite(value) && value > 0)) throw new UsageError(`${option} is a number above 0, not "${text}"`)
  return value
}

export function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (!(Number.isInteger(value) && value >= 0))
    throw new UsageError(`${option} is a whole number from 0 on, not "${text}"`)
  return value
}

/** Ctrl-C ends a run early, and what was measured is still delivered; a second one ends it at once. */
export function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}
