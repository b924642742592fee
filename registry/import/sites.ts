import { z } from 'zod'
import { Identifier } from '../../core/identifier.ts'
import type { Site } from '../../core/site.ts'
import type { Operations } from '../../stores/operations/port.ts'
import {
  Address,
  BuildingUseField,
  EmergencyPlan,
  Entrance,
  Latitude,
  Longitude,
  Name,
  SiteId,
  SiteTypeField,
} from '../fields.ts'
import { emptySite, faultsOfSite, named } from '../sites.ts'
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

const Degrees = z
  .string()
  .regex(/^-?\d{1,3}(\.\d{1,20})?(e-\d{1,3})?$/i, 'must be a number of degrees, such as 30.2741')
  .transform(Number)

/** A column that the file has not is not touched; an empty cell takes the value away. */
const SiteRow = z
  .strictObject({
    id: SiteId,
    type: SiteTypeField,
    name: Name,
    parentId: Identifier.nullable(),
    use: BuildingUseField.nullable(),
    address: Address.nullable(),
    entrance: Entrance.nullable(),
    emergencyPlan: EmergencyPlan.nullable(),
    latitude: Degrees.pipe(Latitude).nullable(),
    longitude: Degrees.pipe(Longitude).nullable(),
  })
  .partial()
  .required({ id: true })

type SiteRow = z.infer<typeof SiteRow>

export const siteColumns = Object.keys(SiteRow.shape) as readonly (keyof SiteRow)[]

export const sitesImporter: Importer = {
  columns: () => siteColumns,
  needs: ['id'],

  async plan(csv, { unit, at }) {
    await unit.lockSiteTree()
    const read = onlyOnce(await readLines(csv, SiteRow))
    const known = byId(await unit.sitesByIds(read.map(({ id }) => id)))
    const planned = await judged(await mapInTurns(read, (one) => merged(one, known.get(one.id), at)), unit)
    return {
      lines: await mapInTurns(planned, importLine),
      async write(actor, writtenAt) {
        const changed = written(planned)
        await unit.saveSites(changed.map(({ after }) => after))
        await unit.insertHistory(
          ...changed.map(({ before = null, after }) => {
            return { at: writtenAt, actor, subjectType: 'site', subjectId: after.id, before, after }
          }),
        )
      },
    }
  },
}

function merged({ line, id, row, faults }: ReadLine<SiteRow>, before: Site | undefined, at: number): PlannedLine<Site> {
  if (row === null) return { line, id, before, after: null, faults }
  const { type = before?.type, name = before?.name } = row
  if (type !== undefined && name !== undefined) {
    const after = { ...(before ?? { ...emptySite, createdAt: at }), ...named(row), type, name }
    return { line, id, before, after, faults }
  }
  const missing = [...(type === undefined ? ['type'] : []), ...(name === undefined ? ['name'] : [])]
  const needs = missing.map((path) => ({ path, message: `a new site needs a ${path}` }))
  return { line, id, before, after: null, faults: needs }
}

/** Holds each site against its parent and those in it, as they will be when the whole file is in. */
async function judged(planned: readonly PlannedLine<Site>[], unit: Operations): Promise<PlannedLine<Site>[]> {
  const inFile = new Map(planned.map((one) => [one.id, one]))
  const outside = planned.flatMap(({ after }) => after?.parentId ?? []).filter((id) => !inFile.has(id))
  const parents = byId(await unit.sitesByIds([...new Set(outside)]))
  const retyped = planned.filter(({ before, after }) => before && after && before.type !== after.type)
  const staying = (await unit.sitesBelow(retyped.map(({ id }) => id))).filter(({ id }) => !inFile.has(id))
  const below = new Map<string | null, Site[]>()
  for (const site of staying) below.set(site.parentId, [...(below.get(site.parentId) ?? []), site])

  return mapInTurns(planned, (one) => {
    const { after } = one
    if (after === null) return one
    const parentLine = inFile.get(after.parentId ?? '')
    // one mistake, one fault: the parent's own line says what is wrong with it
    const site = parentLine?.after === null ? { ...after, parentId: null } : after
    const parent = parentLine?.after ?? parents.get(after.parentId ?? '')
    return { ...one, faults: faultsOfSite(site, parent, below.get(after.id) ?? []) }
  })
}

function byId(sites: readonly Site[]): Map<string, Site> {
  return new Map(sites.map((site) => [site.id, site]))
}
