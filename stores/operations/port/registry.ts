import type { Device, Gateway, Refusal } from '../../../core/device.ts'
import type { Sight } from '../../../core/sight.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** One way for a gateway to prove itself; the secret is not in it. */
export interface GatewayCredential {
  readonly id: string
  readonly gatewayId: string
  /** Hex. */
  readonly salt: string
  /** Hex. */
  readonly hash: string
  readonly createdAt: number
  /** Void from then on; null = until it is rotated out. */
  readonly expiresAt: number | null
}

/** As many refusals are kept of each gateway. */
export const refusalsKept = 20

/** Who and where: gateways with their credentials and refusals, and devices. */
export interface RegistryTables {
  /** @throws {ExpectedError} `already-exists` */
  insertGateway(gateway: Gateway): Promise<void>
  updateGateway(id: string, change: Partial<Pick<Gateway, 'name' | 'autoRegister' | 'revokedAt'>>): Promise<boolean>
  gateway(id: string): Promise<Gateway | undefined>
  /** Locked until the transaction ends, so that rotating, revoking and adding devices cannot cross each other. */
  lockGateway(id: string): Promise<Gateway | undefined>
  gateways(page: PageRequest & InSight): Promise<Page<Gateway>>

  insertCredential(credential: GatewayCredential): Promise<void>
  /** Makes all of a gateway's credentials but one void from `expiresAt` on; those that end sooner keep their end. */
  expireCredentials(gatewayId: string, except: string | null, expiresAt: number): Promise<void>
  /** A gateway's credentials that are still valid at `now`: the one without an end first, then those that end last. */
  credentialsOf(gatewayId: string, now: number): Promise<GatewayCredential[]>
  /** Every credential that is still valid at `now`, of every gateway that is not revoked. */
  validCredentials(now: number): Promise<GatewayCredential[]>

  /** Keeps the newest `refusalsKept` of each gateway. */
  insertRefusals(refusals: readonly (Refusal & { gatewayId: string })[]): Promise<void>
  /** Newest first. */
  refusals(gatewayId: string): Promise<Refusal[]>

  /** @throws {ExpectedError} `already-exists`; `invalid` when its gateway does not exist */
  insertDevice(device: Device): Promise<void>
  /** Inserts those that do not exist yet and leaves the others alone. Answers the ids of those inserted. */
  insertDevicesIfAbsent(devices: readonly Device[]): Promise<string[]>
  updateDevice(
    id: string,
    change: Partial<Pick<Device, 'name' | 'siteId' | 'facts' | 'gatewayId' | 'retiredAt'>>,
  ): Promise<boolean>
  /** All of it but `createdAt`, its kind too. */
  replaceDevice(device: Device): Promise<void>
  device(id: string): Promise<Device | undefined>
  /** Locked until the transaction ends, so that two changes of its facts cannot overwrite each other. */
  lockDevice(id: string): Promise<Device | undefined>
  devicesByIds(ids: readonly string[]): Promise<Device[]>
  /**
   * By id: those in service, with the retired ones `too`, or these `only`. `text` is looked for in id, name and registration code, in
   * any case of letters.
   */
  devices(
    page: PageRequest &
      InSight & { gatewayId?: string; siteId?: string; kind?: string; text?: string; retired?: 'too' | 'only' },
  ): Promise<Page<Device>>
  /** Those in service. */
  countDevices(gatewayId: string, sight?: Sight): Promise<number>
}
