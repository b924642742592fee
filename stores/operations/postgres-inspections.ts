import { and, asc, desc, eq, getTableColumns, gt, gte, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { ExpectedError } from '../../core/errors.ts'
import type { Inspection, Sample } from '../../core/inspection.ts'
import { isAnyOf } from './any-of.ts'
import type { Database } from './database.ts'
import { insertMany } from './many-rows.ts'
import { first, pageOf, seqOf } from './pages.ts'
import type { InspectionResult, InspectionTables, PageRequest, SampleHead } from './port.ts'
import { inSight } from './postgres-sight.ts'
import * as tables from './schema.ts'
import { isAt } from './site-tree.ts'

const { inspectionPlans, inspectionSamples, inspections, riskLists, scoreSheets } = tables

/** The insurer's inspections. */
export function inspectionTables(database: Database): InspectionTables {
  return { ...sheetTables(database), ...sampleTables(database), ...ofInspections(database), ...riskTables(database) }
}

function sheetTables(database: Database) {
  return {
    async insertSheet(sheet) {
      const rows = await database
        .insert(scoreSheets)
        .values(sheet)
        .onConflictDoNothing()
        .returning({ id: scoreSheets.id })
      if (rows.length === 0) throw new ExpectedError('already-done', 'Somebody else has changed the sheet meanwhile')
    },
    async sheet(id, version) {
      const where = and(eq(scoreSheets.id, id), version === undefined ? undefined : eq(scoreSheets.version, version))
      const rows = await database.select().from(scoreSheets).where(where).orderBy(desc(scoreSheets.version)).limit(1)
      return first(rows)
    },
    async sheets(page) {
      const rows = await database
        .selectDistinctOn([scoreSheets.id])
        .from(scoreSheets)
        .where(page.after === undefined ? undefined : gt(scoreSheets.id, page.after))
        .orderBy(asc(scoreSheets.id), desc(scoreSheets.version))
        .limit(page.limit + 1)
      return pageOf(rows, page, ({ id }) => id)
    },
    async sheetVersions(id, page) {
      const { version } = scoreSheets
      const where = and(eq(scoreSheets.id, id), page.after === undefined ? undefined : lt(version, seqOf(page.after)))
      const rows = await database
        .select()
        .from(scoreSheets)
        .where(where)
        .orderBy(desc(version))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => String(row.version))
    },

    async putInspectionPlan(plan) {
      const { insurerId: _, since: __, ...set } = plan
      const target = inspectionPlans.insurerId
      await database.insert(inspectionPlans).values(plan).onConflictDoUpdate({ target, set })
    },
    async lockInspectionPlan(insurerId) {
      const where = eq(inspectionPlans.insurerId, insurerId)
      return first(await database.select().from(inspectionPlans).where(where).for('update'))
    },
    async inspectionPlans(page) {
      const { insurerId } = inspectionPlans
      const where = and(
        page.after === undefined ? undefined : gt(insurerId, page.after),
        (await inSight(database, page.sight))('inspectionPlan'),
      )
      const rows = await database
        .select()
        .from(inspectionPlans)
        .where(where)
        .orderBy(asc(insurerId))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.insurerId)
    },
    async insuredElevators(insurerId, at, sight) {
      const { deviceParties, devices } = tables
      const { validFrom, validUntil } = deviceParties
      const rows = await database
        .select({ id: devices.id })
        .from(devices)
        .innerJoin(deviceParties, eq(deviceParties.deviceId, devices.id))
        .where(
          and(
            ...[eq(deviceParties.role, 'insurer'), eq(deviceParties.teamId, insurerId), lte(validFrom, at)],
            ...[or(isNull(validUntil), gt(validUntil, at)), eq(devices.kind, 'elevator'), isNull(devices.retiredAt)],
            (await inSight(database, sight))('device'),
          ),
        )
      return rows.map(({ id }) => id).sort()
    },
  } satisfies Partial<InspectionTables>
}

function sampleTables(database: Database) {
  const { id, month } = inspectionSamples
  const { population: _, seed, cutOff, ...columns } = getTableColumns(inspectionSamples)
  const onceRevealed = (column: PgColumn) =>
    sql<string | null>`case when ${inspectionSamples.revealedAt} is not null then ${column} end`
  const head = {
    ...columns,
    seed: onceRevealed(seed),
    cutOff: onceRevealed(cutOff),
  }
  const select = (where: SQL | undefined) => database.select(head).from(inspectionSamples).where(where)

  return {
    async insertSample(sample) {
      const rows = await database.insert(inspectionSamples).values(sample).onConflictDoNothing().returning({ id })
      return rows.length > 0
    },
    async samples(page) {
      const where = and(
        page.insurerId === undefined ? undefined : eq(inspectionSamples.insurerId, page.insurerId),
        page.month === undefined ? undefined : eq(month, page.month),
        afterPlace(page, month, id),
        (await inSight(database, page.sight))('sample'),
      )
      const rows: SampleHead[] = await select(where)
        .orderBy(desc(month), desc(id))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => placeOf(row.month, row.id))
    },
    sample: async (wanted) => first<Sample>(await database.select().from(inspectionSamples).where(eq(id, wanted))),
    lockSample: async (wanted) =>
      first<Sample>(await database.select().from(inspectionSamples).where(eq(id, wanted)).for('update')),
    openSamples: async () => select(isNull(inspectionSamples.revealedAt)).orderBy(asc(month), asc(id)),
    async updateSample(wanted, change) {
      await database.update(inspectionSamples).set(change).where(eq(id, wanted))
    },
  } satisfies Partial<InspectionTables>
}

function ofInspections(database: Database) {
  const { id, deviceId, kind, state, insurerId, maintainerId, startedAt, endedAt, score, passed, recheckOf, dueOn } =
    inspections
  const result = { id, deviceId, kind, insurerId, maintainerId, startedAt, endedAt, score, passed, recheckOf }

  return {
    async insertInspections(given) {
      if (given.length === 0) return []
      const insert = sql`${insertMany(inspections, given)} on conflict do nothing returning id`
      return (await database.execute<{ id: string }>(insert)).rows.map(({ id: inserted }) => inserted)
    },
    inspection: async (wanted) => first<Inspection>(await database.select().from(inspections).where(eq(id, wanted))),
    lockInspection: async (wanted) =>
      first<Inspection>(await database.select().from(inspections).where(eq(id, wanted)).for('update')),
    async saveInspection({ id: wanted, deviceId: _, kind: __, plannedAt: ___, ...change }) {
      await database.update(inspections).set(change).where(eq(id, wanted))
    },
    async inspections(page) {
      const is = <Column extends 'deviceId' | 'insurerId' | 'maintainerId' | 'kind' | 'state' | 'passed' | 'recheckOf'>(
        column: Column,
      ) => (page[column] === undefined ? undefined : eq(inspections[column], page[column] as never))
      const where = and(
        ...[
          is('deviceId'),
          is('insurerId'),
          is('maintainerId'),
          is('kind'),
          is('state'),
          is('passed'),
          is('recheckOf'),
        ],
        isAt(deviceId, page.siteId),
        page.dueFrom === undefined ? undefined : gte(dueOn, page.dueFrom),
        page.dueTo === undefined ? undefined : lt(dueOn, page.dueTo),
        afterPlace(page, dueOn, id),
        (await inSight(database, page.sight))('inspection'),
      )
      const rows: Inspection[] = await database
        .select()
        .from(inspections)
        .where(where)
        .orderBy(desc(dueOn), desc(id))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => placeOf(row.dueOn, row.id))
    },
    async inspectedIn(deviceIds, of) {
      const isOf = [eq(kind, of.kind), eq(inspections.period, of.period), eq(insurerId, of.insurerId)]
      const where = and(isAnyOf(deviceId, deviceIds), ...isOf)
      const rows = await database.select({ deviceId }).from(inspections).where(where)
      return new Set(rows.map((row) => row.deviceId))
    },
    async lastInspections(deviceIds) {
      const rows: InspectionResult[] = await database
        .selectDistinctOn([deviceId], result)
        .from(inspections)
        .where(and(isAnyOf(deviceId, deviceIds), eq(state, 'done')))
        .orderBy(asc(deviceId), desc(endedAt))
      return new Map(rows.map((row) => [row.deviceId, row]))
    },
    async inspectionResults({ from, to, sight }) {
      const where = and(
        eq(state, 'done'),
        gte(endedAt, from),
        lt(endedAt, to),
        (await inSight(database, sight))('inspection'),
      )
      return database.select(result).from(inspections).where(where).orderBy(asc(endedAt), asc(id))
    },
  } satisfies Partial<InspectionTables>
}

function riskTables(database: Database) {
  const { insurerId } = riskLists
  return {
    async insertRiskList(list) {
      const rows = await database.insert(riskLists).values(list).onConflictDoNothing().returning({ insurerId })
      return rows.length > 0
    },
    async riskLists(page) {
      const where = and(
        eq(riskLists.quarter, page.quarter),
        page.insurerId === undefined ? undefined : eq(insurerId, page.insurerId),
        page.after === undefined ? undefined : gt(insurerId, page.after),
        (await inSight(database, page.sight))('riskList'),
      )
      const rows = await database
        .select()
        .from(riskLists)
        .where(where)
        .orderBy(asc(insurerId))
        .limit(page.limit + 1)
      return pageOf(rows, page, (row) => row.insurerId)
    },
  } satisfies Partial<InspectionTables>
}

/** Where a list goes on: a date and an id, and nothing that counts rows. */
function placeOf(date: string, id: string): string {
  return `${date}_${id}`
}

function afterPlace({ after }: PageRequest, date: PgColumn, id: PgColumn): SQL | undefined {
  if (after === undefined) return undefined
  const [, day, wanted] = /^(\d{4}-\d\d(?:-\d\d)?)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(after) ?? []
  if (day === undefined) throw new ExpectedError('invalid', 'cursor is not one that this list answered')
  return sql`(${date}, ${id}) < (${day}, ${wanted}::uuid)`
}
