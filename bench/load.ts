import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromGenerator, LoadClient, LoadSample, ToGenerator } from './mqtt-load.ts'

/** The generator as its bench sees it. */
export interface Load {
  connect(port: number, clients: readonly LoadClient[]): Promise<void>
  startClosedLoop(window: number): void
  startOpenLoop(messagesPerSecond: number): void
  sample(): Promise<LoadSample>
  /** Resolves when nothing is in flight any more. */
  rest(): Promise<void>
  end(): void
}

export function startLoad(): Load {
  const child = fork(fileURLToPath(new URL('./generator.js', import.meta.url)), { serialization: 'advanced' })
  const tell = (message: ToGenerator) => child.send(message)
  const ask = async <Type extends FromGenerator['type']>(message: ToGenerator, answer: Type) => {
    const answered = answerOf(child, answer)
    tell(message)
    return answered
  }
  return {
    async connect(port, clients) {
      await ask({ type: 'connect', port, clients }, 'connected')
    },
    startClosedLoop: (window) => tell({ type: 'closed-loop', window }),
    startOpenLoop: (messagesPerSecond) => tell({ type: 'open-loop', messagesPerSecond }),
    sample: () => ask({ type: 'sample' }, 'sample'),
    async rest() {
      await ask({ type: 'rest' }, 'resting')
    },
    end: () => tell({ type: 'end' }),
  }
}

function answerOf<Type extends FromGenerator['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<FromGenerator, { type: Type }>> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      child.off('message', onMessage)
      child.off('exit', onExit)
      outcome()
    }
    const onMessage = (message: FromGenerator) => {
      if (message.type === 'failed') settle(() => reject(new Error(message.reason)))
      if (message.type === type) settle(() => resolve(message as Extract<FromGenerator, { type: Type }>))
    }
    const onExit = () => settle(() => reject(new Error('the load generator ended')))
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}
