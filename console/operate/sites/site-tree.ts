import { type SiteType, siteTypes } from '../../../core/site.ts'
import type { Site } from '../../shared/wire.ts'

export interface SiteTree {
  readonly byId: ReadonlyMap<string, Site>
  /** By the id of the site that they are in, by name; `null` = in none, or in one that is not to be seen. */
  readonly in: ReadonlyMap<string | null, readonly Site[]>
}

export function treeOf(sites: readonly Site[]): SiteTree {
  const byId = new Map(sites.map((site) => [site.id, site]))
  const within = new Map<string | null, Site[]>()
  const ordered = [...sites].sort((one, other) => one.name.localeCompare(other.name, 'zh-CN', { numeric: true }))
  for (const site of ordered) {
    const parent = site.parentId !== null && byId.has(site.parentId) ? site.parentId : null
    within.set(parent, [...(within.get(parent) ?? []), site])
  }
  return { byId, in: within }
}

/** Of a site, the ids of those above it, the nearest first. */
export function above({ byId }: SiteTree, id: string): string[] {
  const ids: string[] = []
  let parent = byId.get(id)?.parentId ?? null
  // of what the service keeps none stands in itself; whatever else is answered must not hang the page
  while (parent !== null && byId.has(parent) && !ids.includes(parent)) {
    ids.push(parent)
    parent = byId.get(parent)?.parentId ?? null
  }
  return ids
}

/** "West Lake › East Garden": where it is, without itself. */
export function placeText(tree: SiteTree, id: string): string {
  return above(tree, id)
    .reverse()
    .map((one) => tree.byId.get(one)?.name ?? one)
    .join(' › ')
}

/** Where a site of this type may stand: in any of a wider type that is not in itself. */
export function possibleParents(tree: SiteTree, type: SiteType, id: string | null): Site[] {
  return [...tree.byId.values()].filter(
    (site) =>
      siteTypes.indexOf(site.type) < siteTypes.indexOf(type) &&
      site.id !== id &&
      (id === null || !above(tree, site.id).includes(id)),
  )
}

export function matching(tree: SiteTree, text: string): Site[] {
  const wanted = text.trim().toLowerCase()
  return [...tree.byId.values()].filter(({ id, name, address }) =>
    `${id} ${name} ${address ?? ''}`.toLowerCase().includes(wanted),
  )
}
