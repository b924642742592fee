import type * as schemas from '../../api/schemas.ts'
import type { Wire } from '../shared/wire.ts'

/* What the API says of gateways and of what it did not accept, as it is on the wire. */

export type Gateway = Wire<typeof schemas.Gateway>
export type GatewayDetail = Wire<typeof schemas.GatewayDetail>
export type Credentials = Wire<typeof schemas.Credentials>
export type RotatedCredentials = Wire<typeof schemas.RotatedCredentials>
export type NewGateway = Wire<typeof schemas.NewGateway>
export type NewDevice = Wire<typeof schemas.NewDevice>
export type DeviceUpdate = Wire<typeof schemas.DeviceUpdate>
export type NewSite = Wire<typeof schemas.NewSite>
/** `raw` is the message in base64. */
export interface QuarantineItem extends Omit<Wire<typeof schemas.QuarantineItem>, 'raw'> {
  readonly raw: string
}
