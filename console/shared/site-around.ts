import type { SiteDetail } from './wire.ts'

/** "东苑 3 幢" of the site `dy-3`, from the estate on; '' where it is none, or not to be had. */
export type SiteAround = (id: string | null) => Promise<string>

/** Asks for each site once. @param ask a GET below `/api/v1` */
export function siteAround(ask: (path: string) => Promise<SiteDetail>): SiteAround {
  const asked = new Map<string, Promise<string>>()
  const read = async (id: string): Promise<string> => {
    const { type, name, parentId } = await ask(`/sites/${encodeURIComponent(id)}`)
    const above = type === 'building' || type === 'unit' ? await around(parentId) : ''
    return [above, name].filter(Boolean).join(' ')
  }
  const around: SiteAround = async (id) => {
    if (id === null) return ''
    const known = asked.get(id) ?? read(id)
    asked.set(id, known)
    return known.catch(() => {
      asked.delete(id)
      return ''
    })
  }
  return around
}
