import type { Span } from '../shared/components/chart-data.ts'
import type { ChartRow } from '../shared/components/chart-model.ts'
import { listText } from '../shared/language.ts'
import type { MetricBucket } from '../shared/wire.ts'

type State = MetricBucket['last']

export interface StateSegment extends Span {
  readonly state: State
}

/**
 * A state lasts until another one is said, for gateways may say it once; but not through a time in which nobody heard of the device.
 * @param buckets of one metric, rising; of each window, the last state
 */
export function stateSegments(buckets: readonly MetricBucket[], quiet: readonly Span[], until: number): StateSegment[] {
  const segments: StateSegment[] = []
  for (const [index, { at, last }] of buckets.entries()) {
    const next = buckets[index + 1]
    const span = { from: Date.parse(at), to: Math.min(until, next === undefined ? until : Date.parse(next.at)) }
    for (const part of without(span, quiet)) {
      const before = segments.at(-1)
      if (before?.state === last && before.to === part.from) segments[segments.length - 1] = { ...before, to: part.to }
      else segments.push({ ...part, state: last })
    }
  }
  return segments
}

function without(span: Span, quiet: readonly Span[]): Span[] {
  let parts = [span]
  for (const { from, to } of quiet) {
    parts = parts.flatMap((part) => {
      if (to <= part.from || from >= part.to) return [part]
      return [
        { from: part.from, to: from },
        { from: to, to: part.to },
      ].filter((rest) => rest.to > rest.from)
    })
  }
  return parts
}

/** "normal 98 %, inspection 2 %": the strip for who cannot see it. */
export function sharesText(segments: readonly StateSegment[], textOf: (state: State) => string): string {
  const all = segments.reduce((sum, { from, to }) => sum + to - from, 0)
  const byState = new Map<State, number>()
  for (const { state, from, to } of segments) byState.set(state, (byState.get(state) ?? 0) + to - from)
  const shares = [...byState].sort(([, one], [, other]) => other - one)
  return listText(shares.map(([state, length]) => `${textOf(state)} ${shareText(length / all)}`))
}

function shareText(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`
}

export function rowOf(
  name: string,
  segments: readonly StateSegment[],
  textOf: (state: State) => string,
  colourOf: (state: State) => string,
): ChartRow {
  return {
    name,
    segments: segments.map(({ from, to, state }) => ({ from, to, text: textOf(state), colour: colourOf(state) })),
  }
}
