import type * as schemas from '../../api/schemas.ts'
import type { Wire } from '../shared/wire.ts'

/* What the API says of itself and its people, as it is on the wire. */

export type Check = Wire<typeof schemas.Ready>['checks'][number]
export type Account = Wire<typeof schemas.Account>
export type NewAccount = Wire<typeof schemas.NewAccount>
export type Membership = Wire<typeof schemas.Membership>
export type Invitation = Wire<typeof schemas.Invitation>
export type Channel = Wire<typeof schemas.Channel>
export type ChannelTestResult = Wire<typeof schemas.ChannelTestResult>
export type SiteUpdate = Wire<typeof schemas.SiteUpdate>
export type ImportResult = Wire<typeof schemas.ImportResult>
export type NewTeam = Wire<typeof schemas.NewTeam>
export type NewMember = Wire<typeof schemas.NewMember>
export type Roster = Wire<typeof schemas.Roster>
export type RosterDocument = Wire<typeof schemas.RosterDocument>
export type Shift = RosterDocument['shifts'][number]
export type Plan = Wire<typeof schemas.Plan>
export type PlanDocument = Wire<typeof schemas.PlanDocument>
export type AuditItem = Wire<typeof schemas.AuditItem>
export type About = Wire<typeof schemas.About>
export type RuleScope = Wire<typeof schemas.RuleScope>
export type Settings = Wire<typeof schemas.RuleSettings>
export type RuleChange = Wire<typeof schemas.RuleChange>
export type Rule = Wire<typeof schemas.Rule>

/* Of back-tests the schemas are the routes' own: these are the parts that are read here. */

export interface Totals {
  readonly episodes: number
  readonly emergencyOrders: number
  readonly plannedOrders: number
  readonly ordersPerDay: number
  readonly devicesWithOrders: number
}

export interface Backtest {
  readonly id: string
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  readonly progress: { readonly devicesDone: number; readonly devices: number; readonly readings: number } | null
  readonly error: string | null
  readonly result: {
    readonly devices: number
    readonly readings: number
    readonly current: Totals
    readonly proposed: Totals
    readonly same: number
    readonly cameCount: number
    readonly goneCount: number
    readonly movedCount: number
    readonly happened: {
      readonly incidents: number
      readonly orders: number
      readonly falseAlarmsGone: number
      readonly confirmedGone: number
    }
  } | null
}
