import type { MappingVersion } from '../../../core/mapping.ts'

/** How gateways that speak in their own words are read. Versions of a gateway are only ever added to. */
export interface MappingTables {
  /** @throws {ExpectedError} `already-done`: the gateway has that version already */
  insertMapping(version: MappingVersion): Promise<void>
  /** The newest, or one; undefined when there is none. */
  mapping(gatewayId: string, version?: number): Promise<MappingVersion | undefined>
  /** The newest of each gateway that may connect; those that are switched off are left out. */
  mappingsInForce(): Promise<MappingVersion[]>
}
