import type { NewSite } from '../../installer/wire.ts'
import type { Contact, Site } from '../../shared/wire.ts'
import type { SiteUpdate } from '../wire.ts'

/** What a form says of a site; '' = nothing. */
export type SiteTexts = Readonly<Record<'name' | 'parentId' | 'use' | 'address' | 'entrance' | 'emergencyPlan', string>>
export interface SiteValues {
  readonly type: Site['type']
  readonly texts: SiteTexts
  readonly contacts: readonly Contact[]
}

export function valuesOf(site: Partial<Site>): SiteValues {
  const { name, parentId, use, address, entrance, emergencyPlan } = site
  return {
    type: site.type ?? 'estate',
    texts: {
      ...{ name: name ?? '', parentId: parentId ?? '', use: use ?? '' },
      ...{ address: address ?? '', entrance: entrance ?? '', emergencyPlan: emergencyPlan ?? '' },
    },
    contacts: site.contacts ?? [],
  }
}

export function siteBody({ type, texts: { name, ...others }, contacts }: SiteValues): Omit<NewSite, 'id'> {
  const given = Object.entries(others).map(([field, text]) => [field, text.trim() === '' ? null : text.trim()])
  return {
    type,
    name: name.trim(),
    ...Object.fromEntries(given),
    contacts: contacts.map((one) => ({ ...one, addresses: [...one.addresses] })),
  }
}

/** What of it differs from what was there, and nothing else: what others changed meanwhile stays theirs. */
export function siteChanges(was: SiteValues, is: SiteValues): SiteUpdate {
  const before: Readonly<Record<string, unknown>> = siteBody(was)
  const isOther = ([field, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(before[field])
  return Object.fromEntries(Object.entries(siteBody(is)).filter(isOther))
}

/** What puts back that much, and nothing else. */
export function putBack(changed: SiteUpdate, was: SiteValues): SiteUpdate {
  return Object.fromEntries(Object.entries(siteBody(was)).filter(([field]) => field in changed))
}
