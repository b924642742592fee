import { type SQL, type SQLWrapper, sql } from 'drizzle-orm'
import { siteTypes } from '../../core/site.ts'
import { isAnyOf } from './any-of.ts'

/** Levels are finite, and so are these queries, whatever the table holds. */
const mostLevels = siteTypes.length

/** `above (start, id, type, parent_id, level)`: each site that `where` finds, as `s`, and all above it. */
export function ancestorsOf(where: SQL): SQL {
  return sql`with recursive above (start, id, type, parent_id, level) as (
    select s.id, s.id, s.type, s.parent_id, 1 from sites s where ${where}
    union all
    select above.start, p.id, p.type, p.parent_id, above.level + 1
    from above join sites p on p.id = above.parent_id where above.level < ${mostLevels}
  )`
}

/** `below (id, level)`: these sites and all that are in them. */
export function descendantsOf(siteIds: readonly string[]): SQL {
  return sql`with recursive below (id, level) as (
    select s.id, 1 from sites s where ${isAnyOf(sql`s.id`, siteIds)}
    union
    select c.id, below.level + 1 from below join sites c on c.parent_id = below.id where below.level < ${mostLevels}
  )`
}

/** A device that is in a place, or in one that is in it; every device when none is asked for. */
export function isAt(deviceId: SQLWrapper, siteId: string | undefined): SQL | undefined {
  if (siteId === undefined) return undefined
  return sql`${deviceId} in (select d.id from devices d where d.site_id in (${descendantsOf([siteId])} select id from below))`
}
