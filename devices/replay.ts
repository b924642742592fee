import type { Detector, Finding, Tick } from '../core/detector.ts'
import type { Values } from '../core/reading.ts'
import { isMoreSevere } from '../core/severity.ts'

/** A device's reading, or the passing of time. */
export type ReplayInput = { readonly at: number; readonly values: Values } | Tick

/** What a detector said, and at which input. */
export interface Transition {
  readonly index: number
  readonly at: number
  readonly finding?: Finding
  readonly cleared?: true
}

/**
 * For tests: feeds one device's inputs to one detector as the host would (`reads`, `mayRead`, `hears`, `ticks`, `needs`) and
 * answers what is news: the first finding of an episode, a rise of its severity, its end. The state goes through JSON at
 * every step, so a state that would not survive a restart fails here.
 */
export function replay(
  detector: Detector,
  inputs: readonly ReplayInput[],
  options: { facts?: object; settings?: object } = {},
): Transition[] {
  let raised: Finding | undefined
  return replayAll(detector, inputs, options).filter(({ finding, cleared }) => {
    const news = cleared
      ? raised !== undefined
      : finding && (!raised || isMoreSevere(finding.severity, raised.severity))
    if (cleared) raised = undefined
    else if (news) raised = finding
    return news
  })
}

/** As `replay`, with every finding, also those that only repeat within their episode. */
export function replayAll(
  detector: Detector,
  inputs: readonly ReplayInput[],
  { facts = {}, settings = detector.settings }: { facts?: object; settings?: object } = {},
): Transition[] {
  if (!detector.needs.every((fact) => fact in facts)) return []

  const said: Transition[] = []
  let state = throughJson(detector.initial)
  for (const [index, input] of inputs.entries()) {
    const given = inputFor(detector, input)
    if (!given) continue

    const { state: next, finding, cleared } = detector.step(state, given, settings, facts)
    if (next !== state) state = throughJson(next)
    if (finding || cleared) said.push({ index, at: input.at, ...(finding && { finding }), ...(cleared && { cleared }) })
  }
  return said
}

/** Puts the host's ticks, every 5 s, between one device's readings and on until `until`. */
export function withTicks(
  readings: readonly { readonly at: number; readonly values: Values }[],
  { freshSeconds = 90, until }: { freshSeconds?: number; until?: number } = {},
): ReplayInput[] {
  return readings.flatMap((reading, i) => {
    const end = readings[i + 1]?.at ?? until ?? reading.at
    const count = Math.max(0, Math.ceil((end - reading.at) / 5_000) - (i + 1 < readings.length ? 1 : 0))
    const ticks = Array.from({ length: count }, (_, n): Tick => {
      const at = reading.at + (n + 1) * 5_000
      return { tick: true, at, fresh: at - reading.at <= freshSeconds * 1_000, lastReadingAt: reading.at }
    })
    return [reading, ...ticks]
  })
}

/** What the host would give it; undefined where it would not be called. */
export function inputFor(detector: Detector, input: ReplayInput): object | undefined {
  if ('tick' in input) return detector.ticks ? input : undefined

  const { at, values } = input
  const has = (metric: string) => metric in values
  const reads = detector.reads.length > 0 ? detector.reads.every(has) : detector.mayRead.some(has)
  if (!reads && !detector.hears.some(has)) return undefined
  const metrics = [...detector.reads, ...detector.mayRead].filter(has).map((metric) => [metric, values[metric]])
  return { ...Object.fromEntries(metrics), at }
}

function throughJson(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state))
}
