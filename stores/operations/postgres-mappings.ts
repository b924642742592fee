import { and, desc, eq, getTableColumns, isNull } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import type { Database } from './database.ts'
import { first } from './pages.ts'
import type { MappingTables } from './port.ts'
import * as tables from './schema.ts'

const { gatewayMappings, gateways } = tables

/** Versions of gateways' mappings. */
export function mappingTables(database: Database): MappingTables {
  return {
    async insertMapping(version) {
      const rows = await database.insert(gatewayMappings).values(version).onConflictDoNothing().returning()
      if (rows.length > 0) return
      throw new ExpectedError('already-done', `${version.gatewayId} has a version ${version.version} already`)
    },
    async mapping(gatewayId, version) {
      const isAsked = version === undefined ? undefined : eq(gatewayMappings.version, version)
      const rows = await database
        .select()
        .from(gatewayMappings)
        .where(and(eq(gatewayMappings.gatewayId, gatewayId), isAsked))
        .orderBy(desc(gatewayMappings.version))
        .limit(1)
      return first(rows)
    },
    async mappingsInForce() {
      const rows = await database
        .selectDistinctOn([gatewayMappings.gatewayId], getTableColumns(gatewayMappings))
        .from(gatewayMappings)
        .innerJoin(gateways, eq(gateways.id, gatewayMappings.gatewayId))
        .where(isNull(gateways.revokedAt))
        .orderBy(gatewayMappings.gatewayId, desc(gatewayMappings.version))
      return rows.filter(({ mapping }) => mapping !== null)
    },
  }
}
