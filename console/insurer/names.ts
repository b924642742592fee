import { ApiProblem, get } from '../shared/api.ts'
import type { Narrowing } from './filter.ts'
import { fullName } from './full-name.ts'
import type { Review } from './wire.ts'

/* Names of companies, estates and elevators, each asked for once. */

interface Named {
  readonly name: string | null
  readonly siteId?: string | null
  readonly parentId?: string | null
}

const asked = new Map<string, Promise<Named | null>>()

/** What it is called, an elevator with the estate and the building in which it is; its id where that is not known, or not for the reader. */
export async function nameOf(what: Narrowing, id: string): Promise<string> {
  if (what === 'siteId') return (await named('/sites/', id))?.name ?? id
  if (what !== 'deviceId') return (await companies()).get(id) ?? (await named('/teams/', id))?.name ?? id
  const device = await named('/devices/', id)
  return fullName(device?.name ?? id, await placeOf(device?.siteId ?? null))
}

/** From the widest place to the nearest. */
async function placeOf(siteId: string | null): Promise<string[]> {
  if (siteId === null) return []
  const site = await named('/sites/', siteId)
  if (site === null) return []
  return [...(await placeOf(site.parentId ?? null)), site.name ?? siteId]
}

/** Null = it is not for the reader, or did not come. */
function named(path: string, id: string): Promise<Named | null> {
  const key = path + id
  const known = asked.get(key)
  if (known !== undefined) return known
  const found = get<Named>(path + encodeURIComponent(id)).catch((cause: unknown) => {
    // what did not come is asked for again
    if (!(cause instanceof ApiProblem && cause.status === 404)) asked.delete(key)
    return null
  })
  asked.set(key, found)
  return found
}

let known: Promise<ReadonlyMap<string, string>> | undefined

/** Of whoever maintains or insures what the reader sees: an insurer may not look at the teams of a maintainer, but knows whom it pays. */
function companies(): Promise<ReadonlyMap<string, string>> {
  known ??= Promise.all(
    ['maintainer', 'insurer'].map((groupBy) =>
      get<Review>('/quality/kpis', { groupBy, kpi: 'closure-rate', limit: 1_000 }),
    ),
  ).then(
    (reviews) => {
      const groups = reviews.flatMap(({ groups }) => groups)
      return new Map(groups.flatMap(({ id, name }) => (id === null || name === null ? [] : [[id, name]])))
    },
    () => {
      // the next one asks again
      known = undefined
      return new Map()
    },
  )
  return known
}
