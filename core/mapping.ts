import { z } from 'zod'
import { Identifier } from './identifier.ts'
import { parseJsonPath } from './json-path.ts'
import type { Fault } from './quarantine.ts'
import type { Values } from './reading.ts'

/*
 * How what a gateway says in its own words becomes our readings: for gateways that can be told neither our topic nor our payload. A
 * mapping is plain data, kept in versions; ingest/mapping.ts makes a function of it.
 */

const Path = z
  .string()
  .max(200)
  .refine((text) => parseJsonPath(text) !== undefined, {
    message: "must be a path to one place, such as $.data[0].power or @['total power']",
  })

/** A level of a topic, in the gateway's own alphabet. */
const level = /^(?:\+|\{device\}|[^+#{}/\0]{0,100})$/
/** Characters of a topic. */
export const longestTopic = 500

const Topic = z
  .string()
  .min(1)
  .max(longestTopic)
  .refine((text) => text.split('/').every((part) => level.test(part)), {
    message: 'must be levels between slashes: a word, + for any, {device} for the one that names the device',
  })
  .refine((text) => text.split('{device}').length <= 2, { message: 'must name {device} once' })
  .refine((text) => !isReservedTopic(text), { message: 'must not begin with $ or liftwatt/: these are ours' })

const IgnoredTopic = Topic.refine((text) => !text.includes('{device}'), { message: 'is for no device; write +' })

const Value = z.union([z.string().max(100), z.number(), z.boolean()])

const Metric = z
  .strictObject({
    path: Path,
    /** What ours is: a number, also where theirs is one as text; a text; true or false. */
    as: z.enum(['number', 'text', 'flag']).default('number'),
    /** Theirs times `scale` plus `offset` is ours, in the unit of the metric's name. */
    scale: z.number().optional(),
    offset: z.number().optional(),
    /** Their words for states, as text, and ours: `{"0": "normal", "1": "inspection"}`. Then nothing else is done to them. */
    words: z.record(z.string().max(100), Value).optional(),
    /** What says nothing: -9999, "NA". `null` and what is not there say nothing anyway. */
    empty: z.array(Value).max(20).optional(),
  })
  .refine(
    ({ as, words, scale, offset }) => (scale ?? offset) === undefined || (as === 'number' && words === undefined),
    {
      message: 'has a scale for numbers alone, and not beside words',
    },
  )

const Time = z.union([
  /** For gateways without a clock: when the journal received it. */
  z.literal('receipt'),
  z.strictObject({
    path: Path,
    format: z.enum(['iso', 'epoch-ms', 'epoch-s']),
    /** Of ISO times that name no zone; without it they are refused. */
    utcOffset: z
      .string()
      .regex(/^[+-](?:0\d|1[0-4]):[0-5]\d$/, 'must be an offset such as +08:00')
      .optional(),
  }),
])

/** What becomes of the messages of one topic. */
const Rule = z
  .strictObject({
    topic: Topic,
    /** Whose they are, where the topic does not say it: always the same one, or who stands there. */
    device: z.union([z.strictObject({ id: Identifier }), z.strictObject({ path: Path })]).optional(),
    /** Path to the array of which each item is a reading; `@` is that item. Without it the whole message is one. */
    each: Path.optional(),
    time: Time,
    metrics: z
      .record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,63}$/, 'must be the name of a metric'), Metric)
      .refine((metrics) => Object.keys(metrics).length > 0, {
        message: 'must name a metric',
      }),
  })
  .superRefine((rule, context) => {
    const isInTopic = rule.topic.includes('{device}')
    if (isInTopic === (rule.device !== undefined)) {
      const message = isInTopic ? 'stands in the topic already' : 'is needed, or {device} in the topic'
      context.addIssue({ code: 'custom', path: ['device'], message })
    }
    if (rule.each?.startsWith('@')) context.addIssue({ code: 'custom', path: ['each'], message: 'must begin with $' })
    if (rule.each !== undefined) return
    for (const [path, text] of pathsOf(rule)) {
      if (text.startsWith('@'))
        context.addIssue({ code: 'custom', path, message: 'must begin with $: there is no "each"' })
    }
  })

function pathsOf({ device, time, metrics }: Pick<MappingRule, 'device' | 'time' | 'metrics'>): [string[], string][] {
  return [
    ...(device && 'path' in device ? [[['device', 'path'], device.path] as [string[], string]] : []),
    ...(time === 'receipt' ? [] : [[['time', 'path'], time.path] as [string[], string]]),
    ...Object.entries(metrics).map(([name, { path }]): [string[], string] => [['metrics', name, 'path'], path]),
  ]
}

export interface MappingRule {
  readonly topic: string
  readonly device?: { readonly id: string } | { readonly path: string } | undefined
  readonly each?: string | undefined
  readonly time: z.output<typeof Time>
  readonly metrics: Readonly<Record<string, z.output<typeof Metric>>>
}

export const Mapping = z
  .strictObject({
    /** The first whose topic fits says what becomes of a message. */
    rules: z.array(Rule).min(1).max(50),
    /** Topics of which nothing is wanted: their messages are taken, and no reading and no fault comes of them. Looked at first. */
    ignore: z.array(IgnoredTopic).max(50).optional(),
    /** Their names for devices, by what they say; a name that is not here is the device's own id. */
    devices: z
      .record(z.string().max(200), Identifier)
      .refine((devices) => Object.keys(devices).length <= 1_000, { message: 'must be at most 1000 names' })
      .optional(),
  })
  .meta({ id: 'Mapping' })

export type Mapping = z.output<typeof Mapping>

/** A mapping as somebody saved it: versions of a gateway count from 1 and are only ever added to. */
export interface MappingVersion {
  readonly gatewayId: string
  readonly version: number
  /** Null = switched off. */
  readonly mapping: Mapping | null
  readonly at: number
  readonly actor: string
  readonly reason: string
}

const ownRoot = 'liftwatt/'

/** Topics that no mapping reaches, whatever it says. */
export function isReservedTopic(topic: string): boolean {
  return topic.startsWith('$') || topic.startsWith(ownRoot)
}

/** Whether the levels of a topic are those of a mapping's topic. */
export function topicMatcher(pattern: string): (levels: readonly string[]) => boolean {
  const parts = pattern.split('/')
  return (levels) =>
    levels.length === parts.length &&
    parts.every((part, index) => part === '+' || part === '{device}' || part === levels[index])
}

/** Whether a mapping says anything of a topic, be it that nothing is wanted of it. */
export function mappedTopics({ rules, ignore = [] }: Mapping): (topic: string) => boolean {
  const matchers = [...ignore, ...rules.map(({ topic }) => topic)].map(topicMatcher)
  return (topic) => {
    if (topic.length > longestTopic || isReservedTopic(topic)) return false
    const levels = topic.split('/')
    return matchers.some((fits) => fits(levels))
  }
}

/** A message that a mapping is tried on. */
export interface MappingSample {
  /** As it was published; what stands below the gateway's own `raw/` without that. */
  readonly topic: string
  readonly payload: Uint8Array
  readonly receivedAt: number
}

/** What a message would become: nothing of it is stored. */
export interface MappingTrialResult {
  /** Whether the mapping says anything of its topic. */
  readonly isMapped: boolean
  readonly readings: readonly TriedReading[]
  readonly faults: readonly Fault[]
}

export interface TriedReading {
  readonly deviceId: string
  readonly kind: string
  readonly at: number
  readonly values: Values
}

/** @throws {StoreUnavailable} the registry cannot be asked whose the devices are */
export type TryMapping = (
  gatewayId: string,
  mapping: Mapping,
  samples: readonly MappingSample[],
) => Promise<MappingTrialResult[]>
