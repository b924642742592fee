import type * as schemas from '../../api/schemas.ts'
import type { Wire } from '../shared/wire.ts'

/* Figures of the review, as the API sends them. */

type Answer = Wire<typeof schemas.Review>
export type Definition = Wire<typeof schemas.Definitions>['items'][number]
export type KpiId = Definition['id']
export type Unit = Definition['unit']
export type Figure = NonNullable<Answer['total']['kpis'][KpiId]>
export type FigureValue = Omit<Figure, 'unit' | 'rank' | 'before'>
export type Group = Omit<Answer['total'], 'kpis'> & { readonly kpis: Readonly<Record<string, Figure | undefined>> }
export type Standardised = NonNullable<Group['standardised']>
export type Review = Omit<Answer, 'total' | 'groups'> & { readonly total: Group; readonly groups: readonly Group[] }
export type FigureMonths = Wire<typeof schemas.FigureMonths>
export type Case = Wire<typeof schemas.Cases>['items'][number]
