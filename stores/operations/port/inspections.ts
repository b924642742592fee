import type { Inspection, InspectionPlan, RiskList, Sample, ScoreSheet } from '../../../core/inspection.ts'
import type { InSight, Page, PageRequest } from './page.ts'

export interface InspectionFilter {
  readonly deviceId?: string
  /** A place, with all that is in it. */
  readonly siteId?: string
  readonly insurerId?: string
  readonly maintainerId?: string
  readonly kind?: Inspection['kind']
  readonly state?: Inspection['state']
  readonly passed?: boolean
  readonly recheckOf?: string
  /** Of `dueOn`, local dates; `dueTo` is exclusive. */
  readonly dueFrom?: string
  readonly dueTo?: string
}

/** What lists show of a sample. */
export type SampleHead = Omit<Sample, 'population' | 'seed'> & {
  /** Null until it is revealed, as is `cutOff`. */
  readonly seed: string | null
}

/** An inspection that is done, as figures read it. */
export type InspectionResult = Pick<
  Inspection,
  'id' | 'deviceId' | 'kind' | 'insurerId' | 'maintainerId' | 'startedAt' | 'endedAt' | 'score' | 'passed' | 'recheckOf'
>

/** The insurer's inspections: what is looked at, what was drawn, what was found. */
export interface InspectionTables {
  /** @throws {ExpectedError} `already-done` when there is such a version already */
  insertSheet(sheet: ScoreSheet): Promise<void>
  /** The newest version, unless said. */
  sheet(id: string, version?: number): Promise<ScoreSheet | undefined>
  /** The newest of each, by id. */
  sheets(page: PageRequest): Promise<Page<ScoreSheet>>
  /** Newest first. */
  sheetVersions(id: string, page: PageRequest): Promise<Page<ScoreSheet>>

  putInspectionPlan(plan: InspectionPlan): Promise<void>
  lockInspectionPlan(insurerId: string): Promise<InspectionPlan | undefined>
  /** By insurer. */
  inspectionPlans(page: PageRequest & InSight): Promise<Page<InspectionPlan>>
  /** Ids of the elevators in service that it insures at `at`, in this sight, sorted. */
  insuredElevators(insurerId: string, at: number, sight?: InSight['sight']): Promise<string[]>

  /** Answers false when this insurer has one for the month. */
  insertSample(sample: Sample): Promise<boolean>
  /** The newest month first. */
  samples(page: PageRequest & InSight & { insurerId?: string; month?: string }): Promise<Page<SampleHead>>
  sample(id: string): Promise<Sample | undefined>
  lockSample(id: string): Promise<Sample | undefined>
  /** Those that are not revealed, oldest month first; without population. */
  openSamples(): Promise<SampleHead[]>
  updateSample(
    id: string,
    change: Partial<Pick<Sample, 'publicValue' | 'drawnAt' | 'cutOff' | 'revealedAt'>>,
  ): Promise<void>

  /** Those that are there already (device, kind, period and insurer) are left alone. Answers the ids of those inserted. */
  insertInspections(inspections: readonly Inspection[]): Promise<string[]>
  inspection(id: string): Promise<Inspection | undefined>
  lockInspection(id: string): Promise<Inspection | undefined>
  /** All of it but what never changes of it. */
  saveInspection(inspection: Inspection): Promise<void>
  /** What is due last first. */
  inspections(page: PageRequest & InSight & InspectionFilter): Promise<Page<Inspection>>
  /** Which of these elevators have one of this kind in this period, for this insurer. */
  inspectedIn(
    deviceIds: readonly string[],
    of: { readonly kind: Inspection['kind']; readonly period: string; readonly insurerId: string },
  ): Promise<Set<string>>
  /** The newest of each that is done; devices without any are absent. */
  lastInspections(deviceIds: readonly string[]): Promise<Map<string, InspectionResult>>
  /** Done from `from` (inclusive) to `to` (exclusive), ms since 1970; oldest first. */
  inspectionResults(asked: { readonly from: number; readonly to: number } & InSight): Promise<InspectionResult[]>

  /** Answers false when this insurer has one for the quarter. */
  insertRiskList(list: RiskList): Promise<boolean>
  /** Of one quarter, by insurer. */
  riskLists(page: PageRequest & InSight & { quarter: string; insurerId?: string }): Promise<Page<RiskList>>
}
