import { useComputed } from '@preact/signals'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { now, serverNow } from '../shared/clock.ts'
import { quietSpans, stepSecondsFor, windowsOf } from '../shared/components/chart-data.ts'
import { place } from '../shared/router.ts'
import { type Drawn, freshMs } from './chart-models.ts'
import { readWindows } from './read.ts'
import { type TimeRange, timeRange, withFuture } from './time-range.ts'

/** How often the axis moves on, in shares of its length: about a pixel of it. */
const moveShare = 1 / 1_440
const leastMoveMs = 60_000

/** The time range that the address asks for; it moves on with the clock, in steps. */
export function useTimeRange(): TimeRange {
  const range = useComputed(() => {
    const { query } = place.value
    const { span, name } = timeRange(query, 0)
    if (name === null) return timeRange(query, now.value)
    const stepMs = Math.max(leastMoveMs, (span.to - span.from) * moveShare)
    return timeRange(query, Math.ceil(now.value / stepMs) * stepMs)
  })
  const { span, name } = range.value
  return useMemo(() => ({ span, name }), [span.from, span.to, name])
}

/**
 * The windows of these metrics in that range. While others are read, the ones before stay.
 * @param reaches when forecasts reach their limits last
 */
export function useDrawn(
  deviceId: string,
  metrics: readonly string[],
  range: TimeRange,
  reaches: readonly number[],
): { drawn: Drawn | null; isReading: boolean; problem: unknown; again(): void } {
  const [drawn, setDrawn] = useState<Drawn | null>(null)
  const [isReading, setReading] = useState(true)
  const [problem, setProblem] = useState<unknown>(null)
  const [round, setRound] = useState(0)
  // in whichever order they are drawn
  const wanted = [...metrics].sort().join(' ')
  const isAsked = place.value.query.get('forecast') === 'shown'
  useEffect(() => {
    const controller = new AbortController()
    const past = { from: range.span.from, to: Math.min(range.span.to, serverNow()) }
    const stepSeconds = stepSecondsFor(past)
    setReading(true)
    readWindows(deviceId, wanted === '' ? [] : wanted.split(' '), { span: past, stepSeconds }, controller.signal)
      .then((windows) => {
        const heard = windowsOf([...windows.values()])
        const stepMs = stepSeconds * 1_000
        const span = withFuture({ ...range, span: past }, reaches, isAsked)
        setDrawn({ past, span, stepMs, windows, heard, quiet: quietSpans(heard, past, stepMs, freshMs) })
        setProblem(null)
      })
      .catch((cause: unknown) => {
        if (!controller.signal.aborted) setProblem(cause)
      })
      .finally(() => {
        if (!controller.signal.aborted) setReading(false)
      })
    return () => controller.abort()
  }, [deviceId, wanted, range, reaches.join(' '), isAsked, round])
  return { drawn, isReading, problem, again: () => setRound((before) => before + 1) }
}
