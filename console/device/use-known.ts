import { useEffect, useState } from 'preact/hooks'
import { type Known, readDevice } from './read.ts'

const againMs = 60_000

/** What is known of a device, read again each minute while somebody looks. */
export function useKnown(id: string): { known: Known | null; problem: unknown; again(): void } {
  const [known, setKnown] = useState<Known | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  const [round, setRound] = useState(0)
  useEffect(() => {
    const controller = new AbortController()
    const onDevice = (first: Known) => {
      if (!controller.signal.aborted) setKnown((before) => before ?? first)
    }
    readDevice(id, controller.signal, onDevice).then(
      (read) => {
        if (controller.signal.aborted) return
        setKnown(read)
        setProblem(null)
      },
      (cause: unknown) => {
        if (!controller.signal.aborted) setProblem(cause)
      },
    )
    const timer = setInterval(() => {
      if (!document.hidden) setRound((before) => before + 1)
    }, againMs)
    return () => {
      controller.abort()
      clearInterval(timer)
    }
  }, [id, round])
  return { known, problem, again: () => setRound((before) => before + 1) }
}
