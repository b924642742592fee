import { and, asc, desc, eq, getTableColumns, gt, inArray, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { type ContractType, roleOfContract } from '../../core/contract.ts'
import { groupedBy } from '../../core/grouped.ts'
import { isAnyId, isAnyOf } from './any-of.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import { first, pageOf, seqOf } from './pages.ts'
import type { ContractTables, PortfolioDevice } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'

const { contracts, contractDevices, deviceParties, devices, recordEvents } = tables
const { seq: _, ...contractFields } = getTableColumns(contracts)

/** Policies and contracts of maintenance, and what they cover. */
export function contractTables(database: Database): ContractTables {
  const isOneOf = (ids: readonly string[]) => isAnyId(contractDevices.contractId, ids)
  const isOfDevices = (condition: SQL | undefined) =>
    condition && sql`${contractDevices.deviceId} in (select ${devices.id} from ${devices} where ${condition})`
  const covering = () =>
    database
      .select({
        ...getTableColumns(contractDevices),
        ...{ type: contracts.type, teamId: contracts.teamId, number: contracts.number },
      })
      .from(contractDevices)
      .innerJoin(contracts, eq(contracts.id, contractDevices.contractId))

  return {
    async saveContracts(given) {
      if (given.length === 0) return
      await database.execute(sql`${insertMany(contracts, given)} on conflict (id) do update set
        holder = excluded.holder, cover = excluded.cover, sum_insured_fen = excluded.sum_insured_fen,
        premium_fen = excluded.premium_fen, deductible_fen = excluded.deductible_fen,
        valid_from = excluded.valid_from, valid_until = excluded.valid_until`)
    },
    contract: async (id) => first(await database.select(contractFields).from(contracts).where(eq(contracts.id, id))),
    lockContract: async (id) =>
      first(await database.select(contractFields).from(contracts).where(eq(contracts.id, id)).for('update')),
    lockContractsNumbered: async (numbers) =>
      database
        .select(contractFields)
        .from(contracts)
        .where(isAnyOf(contracts.number, numbers))
        .orderBy(asc(contracts.id))
        .for('update'),
    async contracts(page) {
      const { type, teamId, deviceId, at } = page
      const rows = await database
        .select()
        .from(contracts)
        .where(
          and(
            type === undefined ? undefined : eq(contracts.type, type),
            teamId === undefined ? undefined : eq(contracts.teamId, teamId),
            deviceId === undefined
              ? undefined
              : sql`exists (select from ${contractDevices} where ${and(eq(contractDevices.contractId, contracts.id), eq(contractDevices.deviceId, deviceId))})`,
            at === undefined
              ? undefined
              : and(lte(contracts.validFrom, at), or(isNull(contracts.validUntil), gt(contracts.validUntil, at))),
            page.after === undefined ? undefined : lt(contracts.seq, seqOf(page.after)),
            (await inSight(database, page.sight))('contract'),
          ),
        )
        .orderBy(desc(contracts.seq))
        .limit(page.limit + 1)
      const { items, nextCursor } = pageOf(rows, page, ({ seq }) => String(seq))
      return { items: items.map(({ seq: _, ...contract }) => contract), nextCursor }
    },
    async coveredDevices(contractId, page) {
      const isShown = (await inSight(database, page.sight))('device')
      const ids = await database
        .selectDistinct({ deviceId: contractDevices.deviceId })
        .from(contractDevices)
        .where(
          and(
            eq(contractDevices.contractId, contractId),
            page.after === undefined ? undefined : gt(contractDevices.deviceId, page.after),
            isOfDevices(isShown),
          ),
        )
        .orderBy(asc(contractDevices.deviceId))
        .limit(page.limit + 1)
      const { items, nextCursor } = pageOf(ids, page, ({ deviceId }) => deviceId)
      const rows = await database
        .select()
        .from(contractDevices)
        .where(
          and(
            eq(contractDevices.contractId, contractId),
            isAnyOf(
              contractDevices.deviceId,
              items.map(({ deviceId }) => deviceId),
            ),
          ),
        )
        .orderBy(asc(contractDevices.validFrom))
      const periods = groupedBy(
        rows.map(({ contractId: _, ...covered }) => covered),
        ({ deviceId }) => deviceId,
      )
      return { items: items.map(({ deviceId }) => ({ deviceId, periods: periods.get(deviceId) ?? [] })), nextCursor }
    },
    coverageOf: async (deviceIds) =>
      covering()
        .where(isAnyOf(contractDevices.deviceId, deviceIds))
        .orderBy(asc(contractDevices.deviceId), asc(contractDevices.validFrom)),
    async coverageOfContracts(contractIds, sight) {
      const isShown = isOfDevices((await inSight(database, sight))('device'))
      return covering()
        .where(and(isOneOf(contractIds), isShown))
        .orderBy(asc(contractDevices.deviceId), asc(contractDevices.validFrom))
    },
    async replaceCoverage(contractIds, covered) {
      await database.delete(contractDevices).where(isOneOf(contractIds))
      if (covered.length > 0) await database.execute(insertMany(contractDevices, covered))
    },

    async contractsWithoutEvents(limit) {
      const rows = await database
        .select({ id: contracts.id })
        .from(contracts)
        .where(sql`not exists (select from ${recordEvents} where ${recordEvents.subjectId} = ${contracts.id})`)
        .limit(limit)
      return rows.map(({ id }) => id)
    },
    async deviceOfOthers(contractId, role, before) {
      const at = new Date(before).toISOString()
      const isIts = sql`p.contract_id = d.contract_id and p.team_id = c.team_id and p.valid_from = d.valid_from
        and (p.valid_until is not distinct from d.valid_until or p.valid_until is null and d.valid_until > ${at})`
      const ofDevice = sql`select from device_parties p where p.device_id = d.device_id and p.role = ${role}`
      const { rows } = await database.execute<{ deviceId: string }>(sql`
        select d.device_id as "deviceId" from contract_devices d join contracts c on c.id = d.contract_id
        where d.contract_id = ${contractId} and d.valid_from <= ${at} and (not exists (${ofDevice} and ${isIts})
          or exists (${ofDevice} and not (${isIts}) and p.valid_from < least(d.valid_until, ${at})
            and coalesce(p.valid_until, 'infinity') > d.valid_from))
        order by 1 limit 1`)
      return rows[0]?.deviceId
    },

    async unsettledDevices(now, limit) {
      const at = new Date(now).toISOString()
      // as sets, not row by row: of tables that were just filled the planner does not know how large they are
      const wanted = sql`select d.device_id, c.type, c.id from contract_devices d join contracts c on c.id = d.contract_id
        where d.valid_from <= ${at} and (d.valid_until is null or d.valid_until > ${at})`
      const present = sql`select p.device_id, c.type, c.id from device_parties p join contracts c on c.id = p.contract_id
        where p.valid_until is null`
      const { rows } = await database.execute<{ deviceId: string; type: ContractType }>(sql`
        select distinct device_id as "deviceId", type
        from ((${wanted} except ${present}) union all (${present} except ${wanted})) as unsettled limit ${limit}`)
      return rows.map(({ deviceId, type }) => ({ deviceId, role: roleOfContract[type] }))
    },
    async partyPeriodsOf(role, deviceIds) {
      const { deviceId, teamId, validFrom, validUntil, contractId } = deviceParties
      return database
        .select({ deviceId, teamId, validFrom, validUntil, contractId })
        .from(deviceParties)
        .where(and(eq(deviceParties.role, role), isAnyOf(deviceId, deviceIds)))
        .orderBy(asc(deviceId), asc(validFrom))
    },
    async changePartyPeriods(role, gone, come) {
      if (gone.length > 0) {
        const from = gone.map(({ validFrom }) => new Date(validFrom).toISOString())
        await database.execute(sql`delete from device_parties p using unnest(
            ${sql.param(gone.map(({ deviceId }) => deviceId))}::text[], ${sql.param(from)}::timestamptz[]) as g (device_id, valid_from)
          where p.role = ${role} and p.device_id = g.device_id and p.valid_from = g.valid_from`)
      }
      const rows = come.map((period) => ({ ...period, role }))
      if (rows.length > 0) await database.execute(insertMany(deviceParties, rows))
    },

    async portfolio(teamId, { from, to }, page) {
      const isTheirs = and(
        eq(deviceParties.teamId, teamId),
        lt(deviceParties.validFrom, to),
        or(isNull(deviceParties.validUntil), gt(deviceParties.validUntil, from)),
      )
      const found = await database
        .select({ deviceId: devices.id, kind: devices.kind, name: devices.name, siteId: devices.siteId })
        .from(devices)
        .where(
          and(
            sql`exists (select from ${deviceParties} where ${and(isTheirs, eq(deviceParties.deviceId, devices.id))})`,
            page.after === undefined ? undefined : gt(devices.id, page.after),
            (await inSight(database, page.sight))('device'),
          ),
        )
        .orderBy(asc(devices.id))
        .limit(page.limit + 1)
      const { items, nextCursor } = pageOf(found, page, ({ deviceId }) => deviceId)
      const ids = items.map(({ deviceId }) => deviceId)
      const { role, validFrom, validUntil, contractId } = deviceParties
      const rows = await database
        .select({
          ...{ deviceId: deviceParties.deviceId, role, validFrom, validUntil, contractId },
          contractNumber: contracts.number,
        })
        .from(deviceParties)
        .leftJoin(contracts, eq(contracts.id, contractId))
        .where(and(isTheirs, inArray(deviceParties.deviceId, ids)))
        .orderBy(asc(validFrom), asc(role))
      const periods = groupedBy(rows, ({ deviceId }) => deviceId)
      const withPeriods = items.map((device): PortfolioDevice => {
        const own = periods.get(device.deviceId) ?? []
        return { ...device, periods: own.map(({ deviceId: _, ...period }) => period) }
      })
      return { items: withPeriods, nextCursor }
    },
  }
}
