import { and, eq, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Concerned, LimitedSight, Sight, Sighted } from '../../core/sight.ts'
import { siteTypes } from '../../core/site.ts'
import { isAnyOf } from './any-of.ts'
import type { Database } from './database.ts'
import type { SightTables, StreamEvent } from './port.ts'
import * as tables from './schema.ts'
import { ancestorsOf, descendantsOf } from './site-tree.ts'

const { devices, deviceParties, dutyLog, evidenceFiles, evidenceLinks, gateways, incidents, members, notices } = tables
const { inspectionPlans, inspectionSamples, inspections, riskLists } = tables
const { contractDevices, contracts, objections, overhauls, visitEvidence } = tables
const { reports, reportSchedules, reportShares } = tables
const { quarantine, sites, suppressions, teams, visits, workOrders } = tables

/** Who sees what. */
export function sightTables(database: Database): SightTables {
  return {
    async sees(sight, what, id) {
      const isSeen = await inSight(database, sight)
      const found =
        what === 'feeder'
          ? sql`select from ${devices} where ${devices.feederId} = ${id} having count(*) > 0 and every(coalesce(${isSeen('device') ?? sql`true`}, false))`
          : sql`select from ${idOf[what].table} where ${and(eq(idOf[what], id), isSeen(what))}`
      return (await database.execute(found)).rows.length > 0
    },
    concernedBy: (events) => concernedBy(database, events),
  }
}

type Table = Exclude<Sighted, 'feeder'> | 'quarantine' | 'objection' | 'inspectionPlan' | 'riskList' | 'reportSchedule'

const idOf: Readonly<Record<Exclude<Sighted, 'feeder'>, PgColumn>> = {
  device: devices.id,
  ownDevice: devices.id,
  site: sites.id,
  gateway: gateways.id,
  incident: incidents.id,
  order: workOrders.id,
  suppression: suppressions.id,
  visit: visits.id,
  ownVisit: visits.id,
  notice: notices.id,
  evidence: evidenceFiles.sha256,
  team: teams.id,
  member: members.id,
  dutyEntry: dutyLog.id,
  contract: contracts.id,
  overhaul: overhauls.id,
  inspection: inspections.id,
  sample: inspectionSamples.id,
  report: reports.id,
  reportShare: reportShares.id,
}

/**
 * What a sight takes in of each table, for a `where`; undefined = all of it. The sites and devices behind it are looked up first:
 * of a list of ids the planner knows how many rows it will find, of a subquery it does not, and reads whole tables for a page.
 */
export async function inSight(
  database: Database,
  sight: Sight | undefined,
): Promise<(table: Table) => SQL | undefined> {
  if (sight === undefined || sight === 'everything') return () => undefined
  const conditions = conditionsOf(await lookUp(database, sight))
  return (table) => conditions[table]()
}

interface Found {
  /** The sites of the sight and all that is in them. */
  readonly siteIds: readonly string[]
  /** Those above. */
  readonly aboveIds: readonly string[]
  /** Devices that a company of the sight maintains or insures. */
  readonly deviceIds: readonly string[]
  readonly teamIds: readonly string[]
  readonly maintainers: readonly string[]
  readonly insurers: readonly string[]
}

async function lookUp(database: Database, sight: LimitedSight): Promise<Found> {
  const { sites: roots, teams: teamIds, maintainers, insurers } = sight
  const companies = { teamIds, maintainers, insurers }
  if (roots.length + maintainers.length + insurers.length === 0)
    return { siteIds: [], aboveIds: [], deviceIds: [], ...companies }
  const { role, teamId, validUntil } = deviceParties
  const isParty = or(
    and(eq(role, 'maintainer'), isAnyOf(teamId, maintainers)),
    and(eq(role, 'insurer'), isAnyOf(teamId, insurers)),
  )
  const { rows } = await database.execute<Omit<Found, keyof typeof companies>>(sql`
    select array(${descendantsOf(roots)} select id from below) as "siteIds",
      array(${ancestorsOf(isAnyOf(sql`s.id`, roots))} select id from above) as "aboveIds",
      array(select ${deviceParties.deviceId} from ${deviceParties} where ${and(isNull(validUntil), isParty)}) as "deviceIds"`)
  const [found = { siteIds: [], aboveIds: [], deviceIds: [] }] = rows
  return { ...found, ...companies }
}

function conditionsOf(found: Found): Readonly<Record<Table, () => SQL>> {
  const { siteIds, aboveIds, deviceIds, teamIds, maintainers, insurers } = found
  const at = (siteId: PgColumn) => some(siteIds, (ids) => isAnyOf(siteId, ids))
  const ofParty = (deviceId: PgColumn) => some(deviceIds, (ids) => isAnyOf(deviceId, ids))
  const given = some(teamIds, (ids) => isAnyOf(workOrders.teamId, ids))
  /** Looked up once, from an index alone. */
  const ofTheirOrders = (deviceId: PgColumn) =>
    given && sql`${deviceId} = any(array(select distinct ${workOrders.deviceId} from ${workOrders} where ${given}))`
  /** Found on a device that had no site yet. */
  const wasNowhere = (siteId: PgColumn, deviceId: PgColumn) =>
    at(devices.siteId) &&
    and(isNull(siteId), sql`${deviceId} in (select ${devices.id} from ${devices} where ${at(devices.siteId)})`)

  const ownDevice = () => any(at(devices.siteId), ofParty(devices.id))
  const device = () => any(ownDevice(), ofTheirOrders(devices.id))
  const order = () =>
    any(at(workOrders.siteId), ofParty(workOrders.deviceId), given, wasNowhere(workOrders.siteId, workOrders.deviceId))
  const incident = () =>
    any(
      at(incidents.siteId),
      ofParty(incidents.deviceId),
      given && sql`${incidents.id} in (select ${workOrders.incidentId} from ${workOrders} where ${given})`,
      wasNowhere(incidents.siteId, incidents.deviceId),
    )
  /** One that is nowhere is where all of its devices are. */
  const gateway = () =>
    any(
      at(gateways.siteId),
      at(devices.siteId) &&
        sql`${gateways.siteId} is null and (select count(*) > 0 and every(coalesce(${at(devices.siteId)}, false))
          from ${devices} where ${devices.gatewayId} = ${gateways.id})`,
    )
  /** A crew and a company need to know where their devices are: their sites, and those around them. */
  const site = () =>
    any(
      at(sites.id),
      (given ?? some(deviceIds, () => sql`true`)) &&
        sql`${sites.id} in (${ancestorsOf(sql`s.id in (
          select ${devices.siteId} from ${devices} where ${any(ofParty(devices.id), ofTheirOrders(devices.id))}
          union select ${workOrders.siteId} from ${workOrders} where ${given ?? sql`false`})`)} select id from above)`,
    )
  /** Whoever answers for a site sees who works there, and everyone their own team. */
  const team = () =>
    any(
      some(teamIds, (ids) => isAnyOf(teams.id, ids)),
      some(
        [...siteIds, ...aboveIds],
        (ids) => sql`(${teams.areas} = '[]' or ${teams.areas} ?| ${sql.param(ids)}::text[])`,
      ),
    )
  const within = (id: PgColumn, of: PgColumn, condition: SQL) =>
    sql`${id} in (select ${of} from ${of.table} where ${condition})`

  /** An insurer's own people judge visits: they make none. */
  const visitors = teamIds.filter((id) => !insurers.includes(id))
  const ownVisit = () =>
    any(
      within(visits.deviceId, devices.id, ownDevice()),
      some(visitors, (ids) => isAnyOf(visits.teamId, ids)),
    )

  /** Made for somebody who sees no more than this; for one who sees everything it is for those alone. */
  const madeWithin = (sight: PgColumn) =>
    and(
      ...Object.entries({ sites: siteIds, teams: teamIds, maintainers, insurers }).map(
        ([key, ids]) => sql`${sight} -> ${key}::text <@ ${JSON.stringify(ids)}::jsonb`,
      ),
    ) ?? sql`false`

  const maintainedBy = (ids: readonly string[]) =>
    sql`${inspections.deviceId} in (select p.device_id from device_parties p
      where p.role = 'maintainer' and p.valid_until is null and ${isAnyOf(sql`p.team_id`, ids)})`
  /** The insurer's own, and what concerns devices in the sites. */
  const ofInsurer = (insurerId: PgColumn) =>
    any(
      some(insurers, (ids) => isAnyOf(insurerId, ids)),
      at(devices.siteId) && insures(insurerId, any(at(devices.siteId))),
    )
  /** Whoever maintains elevators may check what their insurers drew. */
  const ofTheirInsurers = (insurerId: PgColumn) => some(maintainers, () => insures(insurerId, any(ofParty(devices.id))))
  const insures = (insurerId: PgColumn, ofDevices: SQL) =>
    sql`${insurerId} in (select p.team_id from device_parties p join ${devices} on ${devices.id} = p.device_id
      where p.role = 'insurer' and p.valid_until is null and ${ofDevices})`

  return {
    ...{ device, ownDevice, order, incident, gateway, site, team, ownVisit },
    member: () => within(members.teamId, teams.id, team()),
    visit: () => within(visits.deviceId, devices.id, device()),
    objection: () => within(objections.visitId, visits.id, ownVisit()),
    /** A company's own proposals stay its own when another maintains the elevator. */
    overhaul: () =>
      any(
        within(overhauls.deviceId, devices.id, ownDevice()),
        some(maintainers, (ids) => isAnyOf(overhauls.teamId, ids)),
      ),
    /** Its own company's: what another agreed on is not for whoever comes after. Whoever answers for places sees those about what is there. */
    contract: () =>
      any(
        some(teamIds, (ids) => isAnyOf(contracts.teamId, ids)),
        at(devices.siteId) &&
          within(
            contracts.id,
            contractDevices.contractId,
            within(contractDevices.deviceId, devices.id, any(at(devices.siteId))),
          ),
      ),
    inspection: () =>
      any(
        some(insurers, (ids) => isAnyOf(inspections.insurerId, ids)),
        at(devices.siteId) && within(inspections.deviceId, devices.id, any(at(devices.siteId))),
        // of one that has not started nobody hears who maintains the elevator
        some(maintainers, (ids) =>
          any(and(isNotNull(inspections.startedAt), any(isAnyOf(inspections.maintainerId, ids), maintainedBy(ids)))),
        ),
      ),
    sample: () => any(ofInsurer(inspectionSamples.insurerId), ofTheirInsurers(inspectionSamples.insurerId)),
    // they name devices of every site that the insurer covers
    inspectionPlan: () => any(some(insurers, (ids) => isAnyOf(inspectionPlans.insurerId, ids))),
    riskList: () => any(some(insurers, (ids) => isAnyOf(riskLists.insurerId, ids))),
    report: () => madeWithin(reports.sight),
    reportShare: () => within(reportShares.reportId, reports.id, madeWithin(reports.sight)),
    reportSchedule: () => madeWithin(reportSchedules.sight),
    /** One about everything is for whoever sees everything: nobody knows what is written there. */
    dutyEntry: () => any(at(dutyLog.siteId)),
    notice: () => within(notices.orderId, workOrders.id, order()),
    evidence: () =>
      any(
        within(evidenceFiles.sha256, evidenceLinks.sha256, within(evidenceLinks.orderId, workOrders.id, order())),
        within(evidenceFiles.sha256, evidenceLinks.sha256, within(evidenceLinks.incidentId, incidents.id, incident())),
        within(evidenceFiles.sha256, visitEvidence.sha256, within(visitEvidence.visitId, visits.id, ownVisit())),
      ),
    suppression: () =>
      any(
        and(eq(suppressions.scopeType, 'device'), within(suppressions.scopeId, devices.id, device())),
        and(eq(suppressions.scopeType, 'gateway'), within(suppressions.scopeId, gateways.id, gateway())),
        and(inArray(suppressions.scopeType, [...siteTypes]), any(at(suppressions.scopeId))),
        and(
          eq(suppressions.scopeType, 'feeder'),
          sql`(select count(*) > 0 and every(coalesce(${device()}, false)) from ${devices}
            where ${devices.feederId} = ${suppressions.scopeId})`,
        ),
      ),
    /** What a gateway sends under the name of another's device is not for whoever sees that device. */
    quarantine: () =>
      any(
        within(quarantine.gatewayId, gateways.id, gateway()),
        at(devices.siteId) &&
          sql`exists (select from ${devices} where ${devices.id} = ${quarantine.deviceId}
            and ${devices.gatewayId} = ${quarantine.gatewayId} and ${at(devices.siteId)})`,
      ),
  }
}

function some(ids: readonly string[], condition: (ids: readonly string[]) => SQL): SQL | undefined {
  return ids.length === 0 ? undefined : condition(ids)
}

/** Nothing where there is no condition: a sight that takes in nothing of a table shows nothing of it. */
function any(...conditions: (SQL | undefined)[]): SQL {
  return or(...conditions) ?? sql`false`
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The same that the conditions for orders and incidents say, told of each; a crew that lost an order is told that it did. */
async function concernedBy(database: Database, events: readonly StreamEvent[]): Promise<Map<number, Concerned>> {
  const known = events.filter(({ subject }) => uuid.test(subject))
  if (known.length === 0) return new Map()
  const numbers = known.map(({ data }) => (typeof data.number === 'number' ? data.number : null))
  const party = (role: string) => sql`array(select p.team_id from device_parties p
    where p.device_id = thing.device_id and p.role = ${role} and p.valid_until is null)`
  const { rows } = await database.execute<{ event: string } & { [Key in keyof Concerned]: string[] }>(sql`
    with told (event, subject, number) as (
      select * from unnest(${sql.param(known.map(({ id }) => id))}::bigint[],
        ${sql.param(known.map(({ subject }) => subject))}::uuid[], ${sql.param(numbers)}::integer[])
    ), thing (event, site_id, device_id, team_id, former_team_id) as (
      select told.event, coalesce(o.site_id, d.site_id), o.device_id, o.team_id, e.data ->> 'fromTeamId'
      from told join work_orders o on o.id = told.subject left join devices d on d.id = o.device_id
        left join work_order_events e on e.order_id = o.id and e.number = told.number and e.type = 'reassigned'
      union all
      select told.event, coalesce(i.site_id, d.site_id), i.device_id, o.team_id, null
      from told join incidents i on i.id = told.subject left join devices d on d.id = i.device_id
        left join work_orders o on o.incident_id = i.id
      union all
      select told.event, l.site_id, null, null, null from told join duty_log l on l.id = told.subject
    )
    select thing.event, array(${ancestorsOf(sql`s.id = thing.site_id`)} select id from above) as sites,
      array_remove(array[thing.team_id, thing.former_team_id], null) as teams,
      ${party('maintainer')} as maintainers, ${party('insurer')} as insurers
    from thing`)
  return new Map(rows.map(({ event, ...concerned }) => [Number(event), concerned]))
}
