import type { z } from 'zod'
import type * as schemas from '../../api/schemas.ts'

/*
 * What the API sends and takes, as it is on the wire: times are ISO 8601 texts. Only types come from the schemas; one schema itself
 * would cost the browser 22 KB.
 */

/** What a schema takes in is what is sent. */
export type Wire<Schema extends z.ZodType> = z.input<Schema>

export type Me = Wire<typeof schemas.Me>
export type Role = Me['roles'][number]
export type Problem = Wire<typeof schemas.Problem>

export type WorkOrder = Wire<typeof schemas.WorkOrder>
export type Runbook = Wire<typeof schemas.Runbook>
export type WorkOrderDetail = Wire<typeof schemas.WorkOrderDetail>
export type OrderEvent = WorkOrderDetail['events'][number]
export type OrderState = WorkOrder['state']
export type Severity = WorkOrder['severity']
export type WorkOrdersQuery = Partial<Wire<typeof schemas.WorkOrdersQuery>>

type Bodies = typeof schemas.actionBodies & typeof schemas.remarkBodies
export type OrderAction = keyof Bodies
/** What may be said with an action. */
export type ActionBody<Action extends OrderAction> = Wire<Bodies[Action]>

export type Incident = Wire<typeof schemas.Incident>
export type IncidentDetail = Wire<typeof schemas.IncidentDetail>
export type IncidentExplanation = Wire<typeof schemas.IncidentExplanation>
export type Device = Wire<typeof schemas.Device>
export type ListedDevice = Wire<typeof schemas.ListedDevice>
export type DeviceDetail = Wire<typeof schemas.DeviceDetail>
export type Site = Wire<typeof schemas.Site>
export type SiteDetail = Wire<typeof schemas.SiteDetail>
export type Contact = Site['contacts'][number]
export type Team = Wire<typeof schemas.Team>
export type Member = Wire<typeof schemas.Member>
export type OnDuty = Wire<typeof schemas.OnDuty>
export type Suppression = Wire<typeof schemas.Suppression>
export type NewWorkOrder = Wire<typeof schemas.NewWorkOrder>
export type NewSuppression = Wire<typeof schemas.NewSuppression>
export type DutyEntry = Wire<typeof schemas.DutyEntry>
export type NewDutyEntry = Wire<typeof schemas.NewDutyEntry>
export type MetricBucket = Wire<typeof schemas.MetricBucket>

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}
