import type { NewRecordEvent } from './record-chain.ts'

/**
 * `quarterly`: every elevator of a portfolio; `monthly`: the month's sample; `unannounced`: by risk; `re-check`: whether what was found is
 * mended. A maintainer hears of none before it starts.
 */
export const inspectionKinds = ['quarterly', 'monthly', 'unannounced', 're-check'] as const
export type InspectionKind = (typeof inspectionKinds)[number]

export const inspectionStates = ['planned', 'started', 'done', 'not-possible'] as const
export type InspectionState = (typeof inspectionStates)[number]

export interface TwoLanguages {
  readonly en: string
  readonly 'zh-CN': string
}

/** One thing to look at. */
export interface SheetItem {
  /** `car-door`; it names the item in findings, and keeps its meaning in later versions. */
  readonly id: string
  readonly name: TwoLanguages
  /** Points that it may cost in all. */
  readonly weight: number
  /** Points that each defect costs, up to the weight. */
  readonly deduction: number
  /** When a picture is needed. */
  readonly photo: 'never' | 'defect' | 'always'
  /** One defect of it, and the inspection is not passed, whatever the score. */
  readonly critical: boolean
  /** Where it comes from, for a person. */
  readonly source: string
}

/** What is looked at and what it costs. Each change is a new version; an inspection keeps the one that it was started with. */
export interface ScoreSheet {
  readonly id: string
  /** 0 = as it ships. */
  readonly version: number
  readonly name: TwoLanguages
  /** From 0 to 100: passed from there on. */
  readonly passScore: number
  readonly items: readonly SheetItem[]
}

export const itemResults = ['ok', 'defect', 'not-applicable'] as const

export interface ItemFinding {
  readonly item: string
  readonly result: (typeof itemResults)[number]
  /** How many; 0 unless the result is `defect`. */
  readonly defects: number
  readonly note: string | null
}

/** What is to be mended, by whom is the order's matter. */
export interface Remedy {
  readonly item: string
  readonly orderId: string
  /** By the end of this local date. */
  readonly dueOn: string
}

export interface InspectionPhoto {
  /** Null = of the whole. */
  readonly item: string | null
  readonly name: string
  readonly sha256: string
  readonly mediaType: string
  readonly bytes: number
}

/** Why an elevator is likely to be come to unannounced: a number without unit that only compares, and what it is made of. */
export interface Risk {
  readonly weight: number
  readonly parts: readonly RiskPart[]
}

export interface RiskPart {
  readonly cause: 'base' | 'health' | 'emergencies' | 'age' | 'last-score' | 'long-ago'
  readonly points: number
  /** Health, how many emergencies, years, the last score, months since; null = not known. */
  readonly value: number | null
  /** For a person. */
  readonly text: string
}

export interface Inspection {
  readonly id: string
  readonly deviceId: string
  readonly kind: InspectionKind
  readonly state: InspectionState
  /** Whose inspection it is; null = an operator's, of an elevator that nobody insures. */
  readonly insurerId: string | null
  /** "2026-Q4" or "2026-12", where a plan made it: once per elevator and kind. Null otherwise. */
  readonly period: string | null
  /** To be done by the end of this local date. */
  readonly dueOn: string
  readonly plannedAt: number
  readonly startedAt: number | null
  /** When it was done, or given up. */
  readonly endedAt: number | null
  readonly inspector: string | null
  /** Who maintained the elevator when it started: the result is theirs. */
  readonly maintainerId: string | null
  /** The sheet that it is to be done with or, from its start on, was done with; null = from the books of before. */
  readonly sheetId: string | null
  readonly sheetVersion: number | null
  /** The inspection whose remedies it looks at. */
  readonly recheckOf: string | null
  readonly findings: readonly ItemFinding[]
  readonly photos: readonly InspectionPhoto[]
  readonly remedies: readonly Remedy[]
  /** 0 to 100, one decimal; null unless done. */
  readonly score: number | null
  readonly passed: boolean | null
  /** Why it was not possible. */
  readonly reason: string | null
  readonly note: string | null
  readonly risk: Risk | null
}

/** What the first event of an inspection says at least. */
type Begun = Pick<Inspection, 'deviceId' | 'kind' | 'dueOn'>
export type InspectionEvent = Pick<NewRecordEvent, 'at' | 'type' | 'data'>

const untouched = {
  ...{ insurerId: null, period: null, startedAt: null, endedAt: null, inspector: null, maintainerId: null },
  ...{ sheetId: null, sheetVersion: null, recheckOf: null, findings: [], photos: [], remedies: [] },
  ...{ score: null, passed: null, reason: null, note: null, risk: null },
} as const satisfies Partial<Inspection>

/**
 * An inspection as its events tell it: the row that lists are read from says the same, and whoever checks the record compares the two.
 * Pure.
 * @param events from the first one on
 */
export function inspectionOf(id: string, events: readonly InspectionEvent[]): Inspection {
  return events.reduce(after, { id } as Inspection)
}

/** What one more event makes of it. */
export function after(before: Inspection, { at, type, data }: InspectionEvent): Inspection {
  switch (type) {
    case 'planned':
      return { ...untouched, ...(data as Begun), id: before.id, state: 'planned', plannedAt: at }
    case 'imported':
      return { ...untouched, ...(data as Begun), id: before.id, state: 'done', plannedAt: at }
    case 'started':
      return started(before, data as unknown as Started, at)
    case 'scored':
      return { ...before, findings: merged(before.findings, data.findings as readonly ItemFinding[]) }
    case 'photo-added':
      return { ...before, photos: [...before.photos, data as unknown as InspectionPhoto] }
    case 'done':
      return { ...before, ...(data as object), state: 'done', endedAt: at }
    case 'not-possible':
      return { ...before, ...(data as object), state: 'not-possible', endedAt: at }
    default:
      return before
  }
}

/** What an inspection is started with. */
export interface Started {
  readonly inspector: string
  readonly maintainerId: string | null
  readonly sheet: { readonly id: string; readonly version: number; readonly sha256: string }
}

function started(before: Inspection, { inspector, maintainerId, sheet }: Started, at: number): Inspection {
  const frozen = { sheetId: sheet.id, sheetVersion: sheet.version }
  return { ...before, ...frozen, inspector, maintainerId, state: 'started', startedAt: at }
}

/** What was said last of an item holds. */
function merged(before: readonly ItemFinding[], said: readonly ItemFinding[]): ItemFinding[] {
  const items = new Set(said.map(({ item }) => item))
  return [...before.filter(({ item }) => !items.has(item)), ...said]
}

/** The month's sample of a portfolio. */
export interface Sample {
  readonly id: string
  readonly insurerId: string
  /** "2026-12" */
  readonly month: string
  /** How many are drawn. */
  readonly count: number
  /** Who may be drawn, as it was when the seed was committed to. */
  readonly population: readonly string[]
  /** How many they are. */
  readonly populationSize: number
  /** Hex. */
  readonly populationSha256: string
  /** Nobody is shown it before its month is over. */
  readonly seed: string
  /** Hex; published at once. */
  readonly seedSha256: string
  /** Which public value is mixed in, as the plan said when the seed was committed to; null = none. */
  readonly publicSource: string | null
  /** That value, once somebody has entered it: nothing is drawn without it. */
  readonly publicValue: string | null
  readonly committedAt: number
  readonly drawnAt: number | null
  /** The rank of the last one drawn: what ranks no higher was drawn, for whoever may not see the others. Null until it is drawn. */
  readonly cutOff: string | null
  readonly revealedAt: number | null
}

/** What an insurer wants to have planned by itself. */
export interface InspectionPlan {
  readonly insurerId: string
  readonly version: number
  readonly sheetId: string
  /** Every elevator once a quarter. */
  readonly quarterly: boolean
  /** Share of the portfolio that is drawn each month, from 0 to 1. */
  readonly monthlyShare: number
  readonly unannouncedPerMonth: number
  /**
   * For a person: a value that is published between commitment and draw and that nobody can choose or foresee, such as the numbers of a
   * public lottery. Null = none is mixed in.
   */
  readonly publicSource: string | null
  readonly changedAt: number
  /** Since when there is a plan: a month that had begun by then has no sample. */
  readonly since: number
}

/** The elevators of a portfolio that are the riskiest in a quarter, the riskiest first, as they were when the list was made. */
export interface RiskList {
  readonly insurerId: string
  /** "2026-Q4" */
  readonly quarter: string
  readonly madeAt: number
  readonly items: readonly (Risk & { readonly deviceId: string })[]
}
