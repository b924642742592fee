import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Command } from 'commander'
import { createRecording, type RecordedEpisode } from '../analytics/recorded.ts'
import { reasonOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { kinds } from '../devices/index.ts'
import { UsageError } from './output.ts'
import { createRecordedLines } from './recorded-lines.ts'

export function detectCommand(program: Command): void {
  program
    .command('detect <ndjson>')
    .description('Run the detectors over recorded readings, without a service: one line per episode found')
    .option('--out <file>', 'where the findings go; to standard output otherwise')
    .option('--json', 'what was done, as JSON, on standard error')
    .addHelpText(
      'after',
      `
One reading a line, in the order of arrival ("-" reads standard input):
  {"device": "e1", "kind": "elevator", "at": 1780000000000, "values": {"motorCelsius": 71}, "facts": {"insulationClass": "F"}}
Kind, facts, gateway and site once per device are enough.

Example:
  liftwatt detect readings.ndjson --out findings.ndjson`,
    )
    .action((file: string, { out, json }: { out?: string; json?: boolean }) => detect(file, out, json === true))
}

interface Done {
  lines: number
  readings: number
  /** Lines of which nothing was used, and lines of which something was not. */
  skipped: number
  faulty: number
  episodes: number
  devices: number
  seconds: number
}

const mostNamed = 20

async function detect(file: string, out: string | undefined, json: boolean): Promise<void> {
  if (file !== '-' && !existsSync(file)) throw new UsageError(`There is no file ${file}`)
  const input = file === '-' ? process.stdin : createReadStream(file)
  const target = out === undefined ? process.stdout : createWriteStream(out)
  const startedAt = performance.now()
  const done = await Promise.race([
    failureOf(input, `${file} cannot be read`),
    failureOf(target, `${out ?? 'standard output'} cannot be written`),
    written(input, target),
  ])
  done.seconds = Number(((performance.now() - startedAt) / 1_000).toFixed(3))
  console.error(json ? JSON.stringify(done) : textOf(done))
  if (done.readings === 0) throw new Error(`No line of ${file} could be used`)
}

/** What was done, when all of it is written. */
async function written(input: NodeJS.ReadableStream, target: Writable): Promise<Done> {
  const done = await detectLines(input, target, (text) => console.error(text))
  if (target === process.stdout) {
    await nextTurn() // in which a write that failed says so
  } else {
    target.end()
    await finished(target)
  }
  return done
}

/** Never resolves. A stream that failed does not drain: whoever waits for that must hear of it here. */
function failureOf(stream: NodeJS.EventEmitter, what: string): Promise<never> {
  return new Promise((_, reject) => {
    stream.once('error', (cause) => reject(new Error(`${what}: ${reasonOf(cause)}`, { cause })))
  })
}

/** Exported for its tests. @param complain takes what a person should know of bad lines and failing rules */
export async function detectLines(
  input: NodeJS.ReadableStream,
  target: Writable,
  complain: (text: string) => void,
): Promise<Done> {
  const done: Done = { lines: 0, readings: 0, skipped: 0, faulty: 0, episodes: 0, devices: 0, seconds: 0 }
  const lines = createRecordedLines(kinds)
  let full = false
  const recording = createRecording({
    kinds,
    namesGateway: lines.namesGateway,
    onEpisode(episode) {
      done.episodes += 1
      if (!target.write(`${JSON.stringify(lineOf(episode))}\n`)) full = true
    },
    log: complaining(complain),
  })

  const name = (what: string) => {
    const named = done.skipped + done.faulty
    if (named <= mostNamed) complain(`line ${done.lines}: ${what}`)
    if (named === mostNamed) complain('further lines are only counted')
  }
  const known = new Map<string, object>()
  for await (const raw of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    done.lines += 1
    const text = raw.trim() // the byte order mark that Windows puts first goes with it
    if (text === '') continue
    const line = lines.parse(text)
    if (typeof line === 'string' || line.reading === undefined) {
      done.skipped += 1
      name(`skipped: ${typeof line === 'string' ? line : line.faults.join('; ')}`)
      continue
    }
    if (line.faults.length > 0) {
      done.faulty += 1
      name(`used in part: ${line.faults.join('; ')}`)
    }
    if (known.get(line.device.id) !== line.device) {
      known.set(line.device.id, line.device)
      recording.deviceChanged(line.device)
    }
    done.readings += 1
    recording.take(line.device, line.reading)
    if (full) {
      await once(target, 'drain')
      full = false
    }
  }
  recording.end()
  done.devices = recording.deviceCount
  return done
}

function lineOf(episode: RecordedEpisode): object {
  const { deviceId: device, gatewayId: gateway, finding, severity, order, summary, evidence } = episode
  const { occurredAt, detectedAt, upgradedAt, clearedAt } = episode
  const about = device === null ? { device, gateway } : { device }
  return { ...about, finding, severity, occurredAt, detectedAt, order, summary, evidence, upgradedAt, clearedAt }
}

/** A rule that fails is named once a device by its host, and must be seen here too. */
function complaining(complain: (text: string) => void): Log {
  const say = (fields: object, text: string) => complain(`${text}: ${JSON.stringify(fields)}`)
  return { debug() {}, info() {}, warn: say, error: say }
}

function textOf({ lines, readings, skipped, faulty, episodes, devices, seconds }: Done): string {
  const rate = Math.round(readings / Math.max(seconds, 0.001))
  return [
    `${episodes} episodes in ${readings} readings of ${devices} devices (${lines} lines; ${seconds} s, ${rate} readings/s)`,
    `${skipped} lines skipped, ${faulty} used in part`,
  ].join('\n')
}
