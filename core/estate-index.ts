import type { Locale } from './words.ts'

/** What an estate's index is made of. */
export const indexParts = ['health', 'electricity', 'response', 'hazards', 'inspection'] as const
export type IndexPart = (typeof indexParts)[number]

/** Of scores; the others are shares of what is well. */
export const meanParts: readonly IndexPart[] = ['health', 'inspection']

/** On the screen and in reports. */
export const indexPartNames: Readonly<Record<Locale, Readonly<Record<IndexPart, string>>>> = {
  en: {
    health: 'Health of elevators',
    electricity: 'Rooms without trouble',
    response: 'On site in 30 minutes',
    hazards: 'No neglected hazard',
    inspection: 'Inspections',
  },
  'zh-CN': {
    health: '电梯健康度',
    electricity: '无用电警情房间',
    response: '30 分钟内到场',
    hazards: '无久拖隐患',
    inspection: '检查得分',
  },
}

/** Unverified defaults, all of them: no standard says how much of an estate's safety each is. */
export const defaultIndexWeights: Readonly<Record<IndexPart, number>> = {
  health: 30,
  electricity: 20,
  response: 15,
  hazards: 20,
  inspection: 15,
}

/** What a part is worked out from: of `denominator` there are `numerator` that are well, or so many points. */
export interface PartInput {
  readonly part: IndexPart
  /** 0 to 100; null = nobody knows. */
  readonly score: number | null
  readonly numerator: number
  readonly denominator: number
}

export interface ScoredPart extends PartInput {
  readonly weight: number
  /** Of the 100 that the estate could have, so many are missing for this; 0 for what nobody knows. */
  readonly lost: number
}

export interface EstateScore {
  /** 0 to 100, one decimal; null while less than half of the weight is known. */
  readonly score: number | null
  readonly parts: readonly ScoredPart[]
}

/** The mean of what is known, by weight; every point that is missing stands with one part. Pure. */
export function estateScore(inputs: readonly PartInput[], weights: Readonly<Record<IndexPart, number>>): EstateScore {
  const all = inputs.reduce((sum, { part }) => sum + weights[part], 0)
  const known = inputs.filter(({ score }) => score !== null).reduce((sum, { part }) => sum + weights[part], 0)
  const parts = inputs.map((input) => {
    const weight = weights[input.part]
    return { ...input, weight, lost: input.score === null || known === 0 ? 0 : ((100 - input.score) * weight) / known }
  })
  if (all === 0 || known < all / 2) return { score: null, parts }
  const lost = parts.reduce((sum, part) => sum + part.lost, 0)
  return { score: Math.round((100 - lost) * 10) / 10, parts }
}
