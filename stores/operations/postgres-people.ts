import { and, asc, eq, getTableColumns, gt, inArray, isNull, notInArray, sql } from 'drizzle-orm'
import { ExpectedError } from '../../core/errors.ts'
import type { Database } from './database.ts'
import { first, pageOf } from './pages.ts'
import { loadCounted, type PeopleTables } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

/** Teams, their members, and who is on duty when. */
export function peopleTables(database: Database): PeopleTables {
  const { teams, members, rosters } = tables
  return {
    async insertTeam(team) {
      const rows = await database.insert(teams).values(team).onConflictDoNothing().returning({ id: teams.id })
      if (rows.length === 0) throw new ExpectedError('already-exists', `A team ${team.id} exists already`)
    },
    async updateTeam(id, change) {
      const rows = await database.update(teams).set(change).where(eq(teams.id, id)).returning({ id: teams.id })
      return rows.length > 0
    },
    team: async (id) => first(await database.select().from(teams).where(eq(teams.id, id))),
    lockTeam: async (id) => first(await database.select().from(teams).where(eq(teams.id, id)).for('update')),
    async teams(page) {
      const where = and(
        isNull(teams.removedAt),
        page.type === undefined ? undefined : eq(teams.type, page.type),
        page.after === undefined ? undefined : gt(teams.id, page.after),
        (await inSight(database, page.sight))('team'),
      )
      const rows = await database
        .select()
        .from(teams)
        .where(where)
        .orderBy(asc(teams.id))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.id)
    },
    async workingTeams(types, sight) {
      const rows = await database
        .select({ ...getTableColumns(teams), roster: rosters })
        .from(teams)
        .leftJoin(rosters, eq(rosters.teamId, teams.id))
        .where(and(isNull(teams.removedAt), inArray(teams.type, [...types]), (await inSight(database, sight))('team')))
        .orderBy(asc(teams.id))
      return rows
    },

    async insertMember(member) {
      const rows = await database.insert(members).values(member).onConflictDoNothing().returning({ id: members.id })
      if (rows.length === 0) throw new ExpectedError('already-exists', `A member ${member.id} exists already`)
    },
    async updateMember(id, change) {
      const rows = await database.update(members).set(change).where(eq(members.id, id)).returning({ id: members.id })
      return rows.length > 0
    },
    member: async (id) => first(await database.select().from(members).where(eq(members.id, id))),
    lockMember: async (id) => first(await database.select().from(members).where(eq(members.id, id)).for('update')),
    async members(page) {
      const where = and(
        isNull(members.removedAt),
        page.teamId === undefined ? undefined : eq(members.teamId, page.teamId),
        page.after === undefined ? undefined : gt(members.id, page.after),
        (await inSight(database, page.sight))('member'),
      )
      const rows = await database
        .select()
        .from(members)
        .where(where)
        .orderBy(asc(members.id))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.id)
    },
    membersOf: async (teamIds) =>
      teamIds.length === 0
        ? []
        : database
            .select()
            .from(members)
            .where(and(isNull(members.removedAt), inArray(members.teamId, [...teamIds])))
            .orderBy(asc(members.id)),

    async hasLeft(teamId, name) {
      const isIt = and(eq(members.teamId, teamId), eq(members.name, name))
      const rows = await database.select({ removedAt: members.removedAt }).from(members).where(isIt)
      return rows.length > 0 && rows.every(({ removedAt }) => removedAt !== null)
    },

    roster: async (teamId) => first(await database.select().from(rosters).where(eq(rosters.teamId, teamId))),
    async putRoster(roster) {
      const { teamId, ...rest } = roster
      const before = roster.version - 1
      const rows =
        before === 0
          ? await database.insert(rosters).values(roster).onConflictDoNothing().returning({ id: rosters.teamId })
          : await database
              .update(rosters)
              .set(rest)
              .where(and(eq(rosters.teamId, teamId), eq(rosters.version, before)))
              .returning({ id: rosters.teamId })
      return rows.length > 0
    },

    async openOrdersOf(teamIds) {
      if (teamIds.length === 0) return new Map()
      const { workOrders } = tables
      const { rows } = await database.execute<{ id: string; orders: number }>(sql`
        select ${teams.id} as id, counted.orders from ${teams} cross join lateral (
          select count(*)::int as orders from (
            select 1 from ${workOrders}
            where ${workOrders.teamId} = ${teams.id} and ${workOrders.state} not in ('closed', 'cancelled')
            limit ${loadCounted}
          ) as open_orders
        ) as counted
        where ${inArray(teams.id, [...teamIds])} and counted.orders > 0`)
      return new Map(rows.map(({ id, orders }) => [id, orders]))
    },
    async ordersHeldBy({ id, name, teamId }) {
      const { workOrders } = tables
      const isOpen = notInArray(workOrders.state, ['closed', 'cancelled'])
      const isTheirs = and(eq(workOrders.teamId, teamId), inArray(workOrders.technicianId, [id, name]), isOpen)
      return (await database.select({ id: workOrders.id }).from(workOrders).where(isTheirs)).map((row) => row.id)
    },
  }
}
