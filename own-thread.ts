import { type Transferable, Worker } from 'node:worker_threads'

/**
 * One piece of work in a thread of its own, cancelled by ending the thread. Beyond its memory the work ends, not the service.
 * @param onMessage what the thread says; `end` ends the thread and settles the promise
 */
export function inOwnThread<Result, Message>(options: {
  script: URL
  workerData: unknown
  transferList?: Transferable[]
  megabytes: number
  signal: AbortSignal
  onMessage: (message: Message, end: { resolve: (result: Result) => void; reject: (reason: string) => void }) => void
}): Promise<Result> {
  const { script, workerData, transferList = [], megabytes, signal, onMessage } = options
  return new Promise((resolve, reject) => {
    const thread = new Worker(script, {
      workerData,
      transferList,
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
    })
    const end = (settle: () => void) => {
      signal.removeEventListener('abort', onAbort)
      thread.terminate().then(settle, settle)
    }
    const onAbort = () => end(() => reject(new Error('cancelled')))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
    const settled = {
      resolve: (result: Result) => end(() => resolve(result)),
      reject: (reason: string) => end(() => reject(new Error(reason))),
    }
    thread.on('message', (message: Message) => onMessage(message, settled))
    thread.once('error', (cause) => end(() => reject(cause)))
  })
}
