import type * as schemas from '../../api/schemas.ts'
import type { Wire } from '../shared/wire.ts'

export type GatewayMapping = Wire<typeof schemas.GatewayMapping>
export type Mapping = NonNullable<GatewayMapping['mapping']>
export type TriedMessage = Wire<typeof schemas.MappingTrialAnswer>['items'][number]
