import { siteTypeNames } from '../shared/site-words.ts'
import type { Device, Site } from '../shared/wire.ts'
import { aroundText } from './places.ts'

interface NamedProps {
  /** What it is. */
  readonly what?: string
  readonly name: string | null
  /** Where it is, its number, its address. */
  readonly more: readonly (string | null)[]
}

/** A place or device to choose, as people call it. */
function Named({ what, name, more }: NamedProps) {
  return (
    <>
      {what !== undefined && <span class="muted">{what}</span>} <strong>{name !== null && <bdi>{name}</bdi>}</strong>{' '}
      <bdi class="muted">{more.filter(Boolean).join(' · ')}</bdi>
    </>
  )
}

/** Every house has an "elevator A": it is told with where it is. */
export function NamedDevice({ device, what }: { readonly device: Device; readonly what?: string }) {
  return (
    <Named {...(what !== undefined && { what })} name={device.name} more={[aroundText(device.siteId), device.id]} />
  )
}

export function NamedSite({ site: { type, name, parentId, address, id } }: { readonly site: Site }) {
  const where = type === 'district' ? '' : aroundText(parentId)
  return <Named what={siteTypeNames()[type]} name={name} more={[where, address ?? id]} />
}
