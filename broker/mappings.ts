import { type MappingVersion, mappedTopics } from '../core/mapping.ts'
import type { MappingInForce } from './authorize.ts'

/** Which gateways speak in their own words, and where: in memory, so that they are let in while the database cannot be reached. */
export function createMappingsInForce() {
  let byGateway = new Map<string, MappingInForce>()
  return {
    of: (gatewayId: string): MappingInForce | undefined => byGateway.get(gatewayId),
    replace(versions: readonly MappingVersion[]): void {
      const before = byGateway
      byGateway = new Map()
      for (const { gatewayId, version, mapping } of versions) {
        if (mapping === null) continue
        const known = before.get(gatewayId)
        const inForce = known?.version === version ? known : { version, has: mappedTopics(mapping) }
        byGateway.set(gatewayId, inForce)
      }
    },
  }
}
