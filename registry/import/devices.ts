import { z } from 'zod'
import { type Device, type Gateway, movedAt } from '../../core/device.ts'
import { Identifier } from '../../core/identifier.ts'
import type { DeviceKind } from '../../devices/kind.ts'
import type { DeviceParties, Operations, PartyChange } from '../../stores/operations/port.ts'
import { faultsOfContracted } from '../contracts.ts'
import { checkFacts, type Facts, mergeFacts, WrongFacts } from '../facts.ts'
import { type Fault, Name } from '../fields.ts'
import { faultOfParty, withoutParties } from '../parties.ts'
import { named } from '../sites.ts'
import {
  type Importer,
  importLine,
  mapInTurns,
  onlyOnce,
  type PlannedLine,
  type ReadLine,
  readLines,
  written,
} from './plan.ts'

type Registered = Device & DeviceParties

/** A column that the file has not is not touched; an empty cell takes the value away. */
const DeviceRow = z
  .object({
    id: Identifier,
    kind: z.string().max(64),
    gatewayId: Identifier,
    name: Name.nullable(),
    siteId: Identifier.nullable(),
    feederId: Identifier.nullable(),
    maintainerId: Identifier.nullable(),
    insurerId: Identifier.nullable(),
  })
  .partial()
  .required({ id: true })
  .catchall(z.string().nullable())
  .transform(({ id, kind, gatewayId, name, siteId, feederId, maintainerId, insurerId, ...facts }) => ({
    ...{ id, kind, gatewayId, facts: facts as Readonly<Record<string, string | null>> },
    plain: named({ name, siteId, feederId, maintainerId, insurerId }),
  }))
type DeviceRow = z.infer<typeof DeviceRow>

const plainColumns = ['id', 'kind', 'gatewayId', 'name', 'siteId', 'feederId', 'maintainerId', 'insurerId'] as const

const factPrefix = 'facts.'

/** One for every fact that any kind knows, behind those that every device has. */
export function deviceColumns(kinds: readonly DeviceKind[]): string[] {
  const facts = new Set(kinds.flatMap((kind) => Object.keys(kind.facts.shape)))
  return [...plainColumns, ...[...facts].map((fact) => `${factPrefix}${fact}`)]
}

export function deviceCells(device: Registered, columns: readonly string[]) {
  return columns.map((column) =>
    column.startsWith(factPrefix)
      ? (device.facts[column.slice(factPrefix.length)] as string | number | boolean | undefined)
      : device[column as (typeof plainColumns)[number]],
  )
}

export const devicesImporter: Importer = {
  columns: deviceColumns,
  needs: ['id'],

  async plan(csv, { unit, kinds, at }) {
    const read = onlyOnce(await readLines(csv, DeviceRow))
    const known = await lockRegistered(
      unit,
      read.map(({ id }) => id),
      at,
    )
    const planned = await judged(await mapInTurns(read, (one) => merged(one, known.get(one.id), kinds, at)), unit, at)
    return {
      lines: await mapInTurns(planned, importLine),
      async write(actor, writtenAt) {
        const changed = written(planned).map(({ before, after }) => {
          return { before, after: before === undefined ? after : movedAt(before, after, writtenAt) }
        })
        await unit.saveDevices(changed.map(({ after }) => withoutParties(after)))
        await unit.setDeviceParties(
          changed.flatMap(({ before, after }) => partyChanges(before, after)),
          writtenAt,
        )
        await unit.insertHistory(
          ...changed.map(({ before = null, after }) => {
            return { at: writtenAt, actor, subjectType: 'device', subjectId: after.id, before, after }
          }),
        )
      },
    }
  },
}

async function lockRegistered(unit: Operations, ids: readonly string[], at: number): Promise<Map<string, Registered>> {
  const devices = await unit.lockDevices(ids)
  const parties = await unit.partiesOf(
    devices.map(({ id }) => id),
    at,
  )
  return new Map(devices.map((device) => [device.id, { ...device, ...(parties.get(device.id) ?? nobody) }]))
}

const nobody: DeviceParties = { maintainerId: null, insurerId: null }

function merged(
  { line, id, row, faults }: ReadLine<DeviceRow>,
  before: Registered | undefined,
  kinds: readonly DeviceKind[],
  at: number,
): PlannedLine<Registered> {
  const wrong = (faults: readonly Fault[]) => ({ line, id, before, after: null, faults })
  if (row === null) return wrong(faults)
  if (before?.retiredAt != null) {
    return wrong([{ path: 'id', message: `${id} is retired; add it again, by itself, to take it back into service` }])
  }
  const { kind: kindId = before?.kind, gatewayId = before?.gatewayId } = row
  if (kindId === undefined || gatewayId === undefined) {
    const missing = [...(kindId === undefined ? ['kind'] : []), ...(gatewayId === undefined ? ['gatewayId'] : [])]
    return wrong(missing.map((path) => ({ path, message: `a new device needs a ${path}` })))
  }
  if (before !== undefined && kindId !== before.kind) {
    return wrong([{ path: 'kind', message: `${id} is of kind ${before.kind}, and stays so` }])
  }
  const kind = kinds.find((candidate) => candidate.id === kindId)
  if (kind === undefined) {
    const known = kinds.map((candidate) => candidate.id).join(', ')
    return wrong([{ path: 'kind', message: `there is no kind "${kindId}"; there are ${known}` }])
  }
  const facts = mergedFacts(kind, before?.facts ?? {}, row.facts)
  if (facts instanceof WrongFacts) return wrong(facts.faults)
  const fresh = { name: null, siteId: null, feederId: null, contacts: [], ...nobody, createdAt: at }
  return { line, id, before, after: { ...(before ?? fresh), id, kind: kindId, gatewayId, ...row.plain, facts }, faults }
}

/** Empty cells of other kinds' facts say nothing: one file may hold elevators and meters. */
function mergedFacts(kind: DeviceKind, facts: Facts, cells: DeviceRow['facts']): Facts | WrongFacts {
  const given = Object.entries(cells).map(([column, cell]) => {
    const name = column.slice(factPrefix.length)
    return [name, cell === null ? null : factOf(kind, name, cell)]
  })
  try {
    return checkFacts(kind, mergeFacts(facts, Object.fromEntries(given)))
  } catch (cause) {
    if (cause instanceof WrongFacts) return cause
    throw cause
  }
}

/** A cell is a text; the fact is whatever its schema takes of text, number and boolean. */
function factOf(kind: DeviceKind, name: string, cell: string): unknown {
  const schema = kind.facts.shape[name]
  const asNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : undefined
  const asBoolean = cell === 'true' || cell === 'false' ? cell === 'true' : undefined
  const readings = [cell, asNumber, asBoolean].filter((value) => value !== undefined)
  const fits = (value: unknown) => schema !== undefined && z.safeParse(schema, value).success
  return readings.find(fits) ?? asNumber ?? cell
}

/** Holds each device against its gateway and its teams. */
async function judged(
  planned: readonly PlannedLine<Registered>[],
  unit: Operations,
  at: number,
): Promise<PlannedLine<Registered>[]> {
  const distinct = (ids: readonly (string | null | undefined)[]) => [...new Set(ids.flatMap((id) => id ?? []))]
  const moving = planned.filter(({ before, after }) => before?.gatewayId !== after?.gatewayId)
  const found = await unit.lockGateways(distinct(moving.map(({ after }) => after?.gatewayId)))
  const gateways = new Map(found.map((gateway) => [gateway.id, gateway]))
  const changes = planned.flatMap(({ before, after }) => (after === null ? [] : partyChanges(before, after)))
  const teams = await unit.teamTypes(distinct(changes.map(({ teamId }) => teamId)))
  const contracted = await faultsOfContracted(unit, changes, at)

  return mapInTurns(planned, (one) => {
    const { before, after } = one
    if (after === null) return one
    const movesTo = before?.gatewayId === after.gatewayId ? [] : faultsOfGateway(after, gateways)
    const ofTeams = partyChanges(before, after).flatMap(({ deviceId, role, teamId }) => {
      const message = teamId === null ? undefined : faultOfParty(role, teamId, teams)
      const byContract = contracted.get(`${deviceId} ${role}`)
      return [...(message === undefined ? [] : [{ path: `${role}Id`, message }]), ...(byContract ? [byContract] : [])]
    })
    return { ...one, faults: [...movesTo, ...ofTeams] }
  })
}

function faultsOfGateway({ gatewayId }: Device, gateways: ReadonlyMap<string, Gateway>): Fault[] {
  const gateway = gateways.get(gatewayId)
  if (gateway === undefined) return [{ path: 'gatewayId', message: `there is no gateway ${gatewayId}` }]
  return gateway.revokedAt === null ? [] : [{ path: 'gatewayId', message: `the gateway ${gatewayId} is revoked` }]
}

function partyChanges(before: Registered | undefined, after: Registered): PartyChange[] {
  const change = (role: PartyChange['role'], from: string | null | undefined, teamId: string | null) =>
    (from ?? null) === teamId ? [] : [{ deviceId: after.id, role, teamId }]
  return [
    ...change('maintainer', before?.maintainerId, after.maintainerId),
    ...change('insurer', before?.insurerId, after.insurerId),
  ]
}
