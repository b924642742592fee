import { ExpectedError, reasonOf } from './errors.ts'

/** As much of a `MessagePort` as calls between threads need. */
export interface CallPort {
  on(event: 'message', listener: (message: unknown) => void): unknown
  postMessage(message: unknown): void
}

interface Question {
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly failure?: { readonly code: ExpectedError['code'] | null; readonly message: string }
}

/** Answers the calls of `remoteCalls` at the other end of the channel with the methods of `served`. */
export function serveCalls(port: CallPort, served: object): void {
  const methods = served as Readonly<Record<string, (...args: unknown[]) => unknown>>
  port.on('message', async (question) => {
    const { id, method, args } = question as Question
    let answer: Answer
    try {
      answer = { id, value: await methods[method]?.(...args) }
    } catch (cause) {
      answer = { id, failure: { code: cause instanceof ExpectedError ? cause.code : null, message: reasonOf(cause) } }
    }
    port.postMessage(answer)
  })
}

/** Calls methods in another thread. `late` makes the error for one that does not answer in time. */
export function remoteCalls(
  port: CallPort,
  timeoutMs: number,
  late: (seconds: number) => Error,
): <T>(method: string, ...args: readonly unknown[]) => Promise<T> {
  const waiting = new Map<number, (answer: Answer) => void>()
  let nextId = 0
  port.on('message', (message) => {
    const answer = message as Answer
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  return <T>(method: string, ...args: readonly unknown[]) =>
    new Promise<T>((resolve, reject) => {
      const id = nextId++
      const timer = setTimeout(() => {
        waiting.delete(id)
        reject(late(timeoutMs / 1_000))
      }, timeoutMs)
      waiting.set(id, ({ value, failure }) => {
        clearTimeout(timer)
        if (failure === undefined) resolve(value as T)
        else
          reject(failure.code === null ? new Error(failure.message) : new ExpectedError(failure.code, failure.message))
      })
      port.postMessage({ id, method, args })
    })
}
