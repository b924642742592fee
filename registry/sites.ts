import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import { type BuildingUse, type Contact, type Site, type SiteType, siteTypes } from '../core/site.ts'
import type { Operations } from '../stores/operations/port.ts'
import { type Fault, WrongFields } from './fields.ts'

export interface NewSite {
  readonly id: string
  readonly type: SiteType
  readonly name: string
  readonly parentId?: string | null | undefined
  readonly use?: BuildingUse | null | undefined
  readonly address?: string | null | undefined
  readonly entrance?: string | null | undefined
  readonly emergencyPlan?: string | null | undefined
  readonly contacts?: readonly Contact[] | undefined
  readonly latitude?: number | null | undefined
  readonly longitude?: number | null | undefined
}

/** What is undefined stays; contacts are replaced as a whole. */
export type SiteUpdate = { readonly [Field in Exclude<keyof NewSite, 'id'>]?: NewSite[Field] | undefined }

/**
 * Where devices are: district, street, community, estate, building, unit. Each change is one transaction with its audit row and
 * its history. Every method throws `StoreUnavailable` when the database cannot be reached.
 */
export interface Sites {
  /** @throws {ExpectedError} `already-exists`; `invalid` (`WrongFields`) when it cannot stand there */
  addSite(site: NewSite, actor: string): Promise<Site>
  /** @throws {ExpectedError} `not-found`; `invalid` (`WrongFields`) when it cannot stand there */
  updateSite(id: string, update: SiteUpdate, actor: string): Promise<Site>
  /** @throws {ExpectedError} `not-found`; `invalid` while sites or devices are in it */
  removeSite(id: string, actor: string): Promise<void>
}

export const emptySite = {
  ...{ parentId: null, use: null, address: null, entrance: null, emergencyPlan: null },
  ...{ contacts: [], latitude: null, longitude: null },
} as const satisfies Partial<Site>

export function createSites({ operations, clock }: { operations: Operations; clock: Clock }): Sites {
  return {
    addSite: (given, actor) =>
      operations.transaction(async (unit) => {
        await unit.lockSiteTree()
        const site: Site = { ...emptySite, ...named(given), createdAt: clock() }
        await mayStandThere(unit, site, [])
        await unit.insertSite(site)
        await record(unit, 'site-added', { at: site.createdAt, actor, before: null, after: site })
        return site
      }),

    updateSite: (id, update, actor) =>
      operations.transaction(async (unit) => {
        await unit.lockSiteTree()
        const before = await knownSite(unit, id)
        const after: Site = { ...before, ...named(update) }
        if (isDeepStrictEqual(after, before)) return before

        await mayStandThere(unit, after, after.type === before.type ? [] : await unit.sitesBelow([id]))
        const { id: _, createdAt: __, ...change } = after
        await unit.updateSite(id, change)
        await record(unit, 'site-changed', { at: clock(), actor, before, after })
        return after
      }),

    removeSite: (id, actor) =>
      operations.transaction(async (unit) => {
        await unit.lockSiteTree()
        const before = await knownSite(unit, id)
        const [below] = await unit.sitesBelow([id])
        if (below) throw new ExpectedError('invalid', `${id} is not empty: the ${below.type} ${below.id} is in it`)
        const devices = await unit.countDevicesAt(id)
        if (devices > 0) throw new ExpectedError('invalid', `${id} is not empty: ${devices} device(s) are in it`)
        await unit.deleteSite(id)
        await record(unit, 'site-removed', { at: clock(), actor, before, after: null })
      }),
  }
}

/**
 * What is wrong with a site where it stands. A parent is always of a higher level than its child: so no site can come to stand
 * below itself, and a path has each type once.
 *
 * @param parent the site that it names, if there is one
 * @param below the sites directly in it; only needed when its type changes
 */
export function faultsOfSite(site: Site, parent: Site | undefined, below: readonly Site[]): Fault[] {
  const faults: Fault[] = []
  const { type, parentId, use, latitude, longitude } = site
  if (parentId !== null && parent === undefined)
    faults.push({ path: 'parentId', message: `there is no site ${parentId}` })
  if (parent !== undefined && !isAbove(parent.type, type)) {
    faults.push({ path: 'parentId', message: `the ${type} cannot be in the ${parent.type} ${parent.id}` })
  }
  const misplaced = below.find((child) => !isAbove(type, child.type))
  if (misplaced) {
    faults.push({
      path: 'type',
      message: `the ${misplaced.type} ${misplaced.id} is in it and cannot be in the ${type}`,
    })
  }
  if (use !== null && type !== 'building') faults.push({ path: 'use', message: 'only a building has a use' })
  if ((latitude === null) !== (longitude === null)) {
    faults.push({ path: latitude === null ? 'latitude' : 'longitude', message: 'latitude and longitude go together' })
  }
  return faults
}

function isAbove(higher: SiteType, lower: SiteType): boolean {
  return siteTypes.indexOf(higher) < siteTypes.indexOf(lower)
}

async function mayStandThere(unit: Operations, site: Site, below: readonly Site[]): Promise<void> {
  const parent = site.parentId === null ? undefined : await unit.site(site.parentId)
  const faults = faultsOfSite(site, parent, below)
  if (faults.length > 0) throw new WrongFields(faults)
}

async function knownSite(unit: Operations, id: string): Promise<Site> {
  const site = await unit.site(id)
  if (site === undefined) throw new ExpectedError('not-found', `There is no site ${id}`)
  return site
}

/** Contacts are personal data: the audit says that they changed, the history what they were. */
async function record(
  unit: Operations,
  action: string,
  { at, actor, before, after }: { at: number; actor: string; before: Site | null; after: Site | null },
): Promise<void> {
  const subject = (after ?? before)?.id ?? ''
  await unit.insertAudit({ at, actor, action, subject, data: { fields: changedFields(before, after) } })
  await unit.insertHistory({ at, actor, subjectType: 'site', subjectId: subject, before, after })
}

function changedFields(before: Site | null, after: Site | null): string[] {
  if (before === null || after === null) return []
  const fields = Object.keys(after) as (keyof Site)[]
  return fields.filter((field) => !isDeepStrictEqual(before[field], after[field]))
}

type Named<T> = { [Field in keyof T]: Exclude<T[Field], undefined> }

/** Without what was not said. */
export function named<T extends object>(given: T): Named<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Named<T>
}
