import { type MinuteWatts, minutesPerDay } from './day.ts'
import { dayFeatures } from './features.ts'
import { groupOfLoad, type LoadGroup } from './load-groups.ts'
import { type LoadModel, labelProbabilities } from './load-model.ts'

export interface LoadGuess {
  readonly group: LoadGroup
  readonly groupProbability: number
  /** The likeliest class within the group, in the spelling of the data set. */
  readonly label: string
  readonly probability: number
  /** The next likely classes, of any group. */
  readonly alternatives: readonly { readonly label: string; readonly group: LoadGroup; readonly probability: number }[]
}

export type Recognition =
  | ({ readonly abstained: false } & LoadGuess)
  | ({ readonly abstained: true; readonly reason: 'unsure' } & LoadGuess)
  | { readonly abstained: true; readonly reason: 'too-few-readings' | 'nothing-ran' }

/** Of the group; below it the answer is a guess. Unverified default. */
export const sureFrom = 0.6
/** The days that the model learned from have as many. */
const leastMinutes = 1_200
/** A meter's own rounding and the smallest supply of a device that is off. */
const leastWatts = 2
const alternatives = 3

/**
 * Which kind of appliance drew this day's power: one appliance's own day, in the local time of the place.
 *
 * First the group, then the class within it: the sum over a group's classes is surer than any of them.
 *
 * @throws {RangeError} it has not one value for each minute of a day
 */
export function recogniseLoad(minuteWatts: MinuteWatts, model: LoadModel): Recognition {
  if (minuteWatts.length !== minutesPerDay) throw new RangeError(`a day has ${minutesPerDay} minutes`)
  const known = Array.from(minuteWatts).filter((watts) => watts !== null && !Number.isNaN(watts))
  if (known.length < leastMinutes) return { abstained: true, reason: 'too-few-readings' }
  if (known.every((watts) => (watts ?? 0) < leastWatts)) return { abstained: true, reason: 'nothing-ran' }

  const guess = bestGuess(model.labels, labelProbabilities(model, dayFeatures(minuteWatts)))
  return guess.groupProbability < sureFrom
    ? { abstained: true, reason: 'unsure', ...guess }
    : { abstained: false, ...guess }
}

/** `labels` has at least one. */
export function bestGuess(labels: readonly string[], probabilities: ArrayLike<number>): LoadGuess {
  const ranked = labels
    .map((label, index) => ({ label, group: groupOfLoad(label), probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)
  const groups = new Map<LoadGroup, number>()
  for (const { group, probability } of ranked) groups.set(group, (groups.get(group) ?? 0) + probability)
  const [group, groupProbability] = [...groups].reduce((best, next) => (next[1] > best[1] ? next : best))
  const best = ranked.find((candidate) => candidate.group === group)
  if (best === undefined) throw new RangeError('there are no labels to choose from')
  return {
    group,
    groupProbability,
    label: best.label,
    probability: best.probability,
    alternatives: ranked.filter((candidate) => candidate !== best).slice(0, alternatives),
  }
}
