import { and, between, or, type SQL, sql } from 'drizzle-orm'
import { isAnyOf } from './any-of.ts'
import { contains } from './contains.ts'
import type { Database } from './database.ts'
import { deviceTexts } from './device-texts.ts'
import type { OrderSearch } from './port.ts'
import * as tables from './schema.ts'
import { descendantsOf } from './site-tree.ts'

const { devices, sites, workOrders } = tables

/** As many ids as are named in a query; a text that fits more than these fits almost everything. */
const mostNamed = 5_000

/**
 * Orders at places or devices with this text in their name or id (of devices also in their registration code), with one of these
 * findings, or whose id begins so. Places and devices are looked up first, and those out of sight are not found: nobody learns by it what a place is called that they do not see.
 */
export async function matchesText(
  database: Database,
  { text, findings }: OrderSearch,
  see: (table: 'site' | 'device') => SQL | undefined,
): Promise<SQL> {
  const isPlace = and(contains(text, [sites.id, sites.name, sites.address]), see('site'))
  const isDevice = and(contains(text, deviceTexts), see('device'))
  const [places, found] = await Promise.all([
    database.select({ id: sites.id }).from(sites).where(isPlace),
    database
      .select({ id: devices.id })
      .from(devices)
      .where(isDevice)
      .limit(mostNamed + 1),
  ])
  const within = await sitesWithin(
    database,
    places.map(({ id }) => id),
  )
  const isOfMany = sql`${workOrders.deviceId} in (select ${devices.id} from ${devices} where ${isDevice})`
  const ids = found.map(({ id }) => id)
  return (
    or(
      within.length === 0 ? undefined : isAnyOf(workOrders.siteId, within),
      ids.length > mostNamed ? isOfMany : ids.length === 0 ? undefined : isAnyOf(workOrders.deviceId, ids),
      findings.length === 0 ? undefined : isAnyOf(workOrders.finding, findings),
      idBeginsWith(text),
    ) ?? sql`false`
  )
}

/**
 * These sites, known or not, and all that is in them: of a list of ids the planner knows how many rows it will find, of a subquery it
 * does not.
 */
export async function sitesWithin(database: Database, siteIds: readonly string[]): Promise<string[]> {
  if (siteIds.length === 0) return []
  const { rows } = await database.execute<{ id: string }>(sql`${descendantsOf(siteIds)} select id from below`)
  return [...new Set([...siteIds, ...rows.map(({ id }) => id)])]
}

/** A few hexadecimal digits of a UUID; fewer than four say nothing. */
function idBeginsWith(text: string): SQL | undefined {
  if (!/^[0-9a-f-]{4,36}$/i.test(text)) return undefined
  const digits = text.replaceAll('-', '').toLowerCase().slice(0, 32)
  if (digits.length < 4) return undefined
  const uuid = (padding: string) =>
    digits.padEnd(32, padding).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return between(workOrders.id, uuid('0'), uuid('f'))
}
