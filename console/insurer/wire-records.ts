import type * as schemas from '../../api/schemas.ts'
import type { Wire } from '../shared/wire.ts'

/* Records behind the figures, as the API sends them. */

export type Visit = Wire<typeof schemas.Visit>
export type VisitCurve = Wire<typeof schemas.VisitCurve>
export type Objection = Wire<typeof schemas.Objection>
export type ObjectionDetail = Wire<typeof schemas.ObjectionDetail>
export type RecordEvent = Wire<typeof schemas.RecordEvent>

export type Inspection = Wire<typeof schemas.Inspection>
export type InspectionDetail = Wire<typeof schemas.InspectionDetail>
export type ItemFinding = InspectionDetail['findings'][number]
export type SheetItem = NonNullable<InspectionDetail['sheet']>['items'][number]
export type InspectionPlan = Wire<typeof schemas.InspectionPlan>
export type Sample = Wire<typeof schemas.Sample>
export type SampledElevator = Wire<typeof schemas.SampledElevator>
export type RiskList = Wire<typeof schemas.RiskList>

export type Overhaul = Wire<typeof schemas.Overhaul>
export type OverhaulDetail = Wire<typeof schemas.OverhaulDetail>
export type StandingWarning = Wire<typeof schemas.StandingWarning>

export type Contract = Wire<typeof schemas.Contract>
export type PartyPeriod = Wire<typeof schemas.DeviceParties>['items'][number]

export type Report = Wire<typeof schemas.Report>
export type ReportDetail = Wire<typeof schemas.ReportDetail>
export type ReportShare = Wire<typeof schemas.ReportShares>['items'][number]

export type EstateIndices = Wire<typeof schemas.EstateIndices>
export type EstateIndex = EstateIndices['items'][number]
export type FireSafety = Wire<typeof schemas.FireSafety>
export type RoomAtRisk = FireSafety['rooms'][number]

export type Corrections = Wire<typeof schemas.Corrections>
