import { composeRoom } from '../devices/electricity-meter/loads/learn-rooms.ts'
import { groupOfLoad, type LoadGroup } from '../devices/electricity-meter/loads/load-groups.ts'
import { type LoadModel, labelProbabilities } from '../devices/electricity-meter/loads/load-model.ts'
import { packedLoadModels } from '../devices/electricity-meter/loads/model.ts'
import { unpackLoadModels } from '../devices/electricity-meter/loads/packed-model.ts'
import { bestGuess } from '../devices/electricity-meter/loads/recognise.ts'
import { loadsOfDay } from '../devices/electricity-meter/loads/room-loads.ts'
import { seededRandom } from '../simulators/random.ts'
import { type BenchSetOptions, openSet, scoreOutputs, writeTable } from './bench-set.ts'
import {
  type KnownDay,
  learnDays,
  learnRoomsOf,
  type TracebaseDay,
  testDays,
  trainingDays,
  truthOf,
} from './tracebase-days.ts'

/** A day's answer beside what it was. */
export interface Answer {
  readonly label: string
  readonly guess: string
  /** The likeliest three. */
  readonly ranked: readonly string[]
  readonly group: LoadGroup
  readonly groupProbability: number
}

const folds = 10
const rounds = [11, 12, 13]
const coverages = [0.3, 0.5, 0.7]
const roomFolds = 5
const roomsPerFold = 40
const appliancesPerRoom = 3

/**
 * Names the days of test.csv, each on its own, with what train.csv teaches, and writes predictions.csv. Where the truth is there the
 * set's scorer speaks, and the committed model is asked the same. Then the figure that counts, over all labelled days: devices in
 * `folds` groups, each group named by a model that has seen none of them.
 */
export function benchTracebase({ data, out }: BenchSetOptions): void {
  const set = openSet(data, 'classify')
  const train = trainingDays(set)
  const test = testDays(set)
  const model = learnDays(train)
  const predictions = test.map((day) => [day.id, guessOf(model, day).label])
  writeTable(out, 'predictions.csv', { header: ['id', 'label'], rows: predictions })
  console.log(`${test.length} days named after ${train.length} of known appliances, in ${out}/predictions.csv`)

  const truth = truthOf(set, test)
  if (truth) {
    console.log(scoreOutputs(set, out) ?? 'no score.mjs beside the set')
    const committed = unpackLoadModels(packedLoadModels).day
    const asked: [string, Answer[]][] = [
      ['same devices, other days', answers(model, truth)],
      ['the same by the committed model', answers(committed, truth)],
      ['always the commonest class', truth.map((day) => constantAnswer(day, commonest(train)))],
    ]
    for (const [name, given] of asked) console.log(scoreLine(name, given))
  }
  const labelled = [...train, ...(truth ?? [])]
  const unseen = rounds.flatMap((round) => unseenAnswers(labelled, round))
  console.log(scoreLine('devices never seen', unseen))
  console.log(
    scoreLine(
      'always the commonest class',
      unseen.map(({ label }) => constantAnswer({ label }, commonest(labelled))),
    ),
  )
  for (const coverage of coverages)
    console.log(
      `  the surest ${percent(coverage)} of them: group right in ${percent(groupAccuracy(surest(unseen, coverage)))}`,
    )
  console.log(roomsLine(labelled))
}

/**
 * Every device with a sister of its class is named once, by a model that knows only devices of other folds. A class of one device
 * helps to learn and is not asked.
 */
function unseenAnswers(days: readonly KnownDay[], round: number): Answer[] {
  const foldOf = deviceFolds(days, folds, seededRandom(round))
  return Array.from({ length: folds }, (_, fold) => {
    const asked = days.filter(({ device }) => foldOf.get(device) === fold)
    return answers(learnDays(days.filter(({ device }) => foldOf.get(device) !== fold)), asked)
  }).flat()
}

/** Each class's devices, shuffled, go to one fold after the other, so a class is spread as far as it goes. */
export function deviceFolds(
  days: readonly Pick<KnownDay, 'device' | 'label'>[],
  count: number,
  random: () => number,
): ReadonlyMap<string, number> {
  const foldOf = new Map<string, number>()
  let next = 0
  for (const label of [...new Set(days.map((day) => day.label))].sort()) {
    const devices = [...new Set(days.filter((day) => day.label === label).map(({ device }) => device))].sort()
    const order = devices.map((device) => ({ device, at: random() })).sort((a, b) => a.at - b.at)
    if (order.length > 1) for (const { device } of order) foldOf.set(device, next++ % count)
  }
  return foldOf
}

function guessOf(model: LoadModel, day: TracebaseDay) {
  return bestGuess(model.labels, labelProbabilities(model, day.features))
}

function answers(model: LoadModel, days: readonly KnownDay[]): Answer[] {
  return days.map((day) => {
    const probabilities = labelProbabilities(model, day.features)
    const { label: guess, group, groupProbability } = bestGuess(model.labels, probabilities)
    const ranked = [...model.labels.keys()].sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0))
    const three = ranked.slice(0, 3).map((index) => model.labels[index] ?? '')
    return { label: day.label, guess, ranked: three, group, groupProbability }
  })
}

function commonest(days: readonly KnownDay[]): string {
  const counts = new Map<string, number>()
  for (const { label } of days) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0]
}

function constantAnswer({ label }: { label: string }, guess: string): Answer {
  return { label, guess, ranked: [guess], group: groupOfLoad(guess), groupProbability: 1 }
}

export function scoreLine(name: string, given: readonly Answer[]): string {
  const top1 = shareOf(given, ({ label, guess }) => label === guess)
  const top3 = shareOf(given, ({ label, ranked }) => ranked.includes(label))
  const figures = [
    `top 1 ${percent(top1)}`,
    `top 3 ${percent(top3)}`,
    `group ${percent(groupAccuracy(given))}`,
    `macro F1 ${macroF1(given).toFixed(3)}`,
  ]
  return `${name}: ${figures.join(', ')} of ${given.length} days`
}

const groupAccuracy = (given: readonly Answer[]) => shareOf(given, ({ label, group }) => groupOfLoad(label) === group)

/** Mean over the classes that occur or are named, so a rare one counts as much as a common one. */
export function macroF1(given: readonly Answer[]): number {
  const labels = [...new Set(given.flatMap(({ label, guess }) => [label, guess]))]
  const scores = labels.map((label) => {
    const right = given.filter((answer) => answer.label === label && answer.guess === label).length
    const either =
      given.filter((answer) => answer.label === label).length + given.filter(({ guess }) => guess === label).length
    return (2 * right) / either
  })
  return scores.reduce((sum, score) => sum + score, 0) / labels.length
}

export function surest(given: readonly Answer[], coverage: number): Answer[] {
  const ranked = [...given].sort((a, b) => b.groupProbability - a.groupProbability)
  return ranked.slice(0, Math.round(coverage * ranked.length))
}

/** Rooms of devices never seen: how many of their loads are named, and how many of those rightly. */
function roomsLine(days: readonly KnownDay[]): string {
  const foldOf = deviceFolds(days, roomFolds, seededRandom(rounds[0] ?? 0))
  let loads = 0
  let named = 0
  let right = 0
  for (let fold = 0; fold < roomFolds; fold++) {
    const model = learnRoomsOf(days.filter(({ device }) => foldOf.get(device) !== fold))
    const unseen = days.filter(({ device }) => foldOf.get(device) === fold)
    const random = seededRandom(fold)
    for (let room = 0; room < roomsPerFold; room++) {
      const { watts, loads: truth } = composeRoom(unseen, appliancesPerRoom, random)
      const told = loadsOfDay(watts, model).loads
      for (const { appliance, kind } of truth) {
        const answer = told.find(
          ({ runs, watts: drawn }) => runs[0]?.from === appliance.runs[0]?.from && drawn === appliance.watts,
        )
        loads++
        if (answer?.kind == null) continue
        named++
        if (answer.kind === kind) right++
      }
    }
  }
  return `rooms of ${appliancesPerRoom} appliances never seen: ${percent(named / loads)} of ${loads} loads named, ${percent(right / named)} of those rightly`
}

function shareOf<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.filter(holds).length / items.length
}

/** Of nothing there is no share. */
const percent = (share: number) => (Number.isNaN(share) ? '–' : `${(100 * share).toFixed(1)} %`)
