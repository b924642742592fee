import { isSought } from '../shared/sought.ts'
import type { Incident, Site, ListedDevice as WireDevice } from '../shared/wire.ts'

export interface ListedDevice {
  readonly device: WireDevice
  /** From the widest to the nearest. */
  readonly place: readonly string[]
  /** What is found and not over, the worst first; null = that is not for the reader, or did not come. */
  readonly open: readonly Incident[] | null
}

export interface DeviceFilter {
  readonly text: string
  /** Null = every kind. */
  readonly kind: string | null
  /** Only those of which something is found, or that nobody ever heard. Null = all. */
  readonly state: 'found' | 'never' | null
}

const severities = ['critical', 'urgent', 'warning', 'info']

export function rowsOf(
  devices: readonly WireDevice[],
  sites: ReadonlyMap<string, Site>,
  open: readonly Incident[] | null,
): ListedDevice[] {
  const byDevice = new Map<string, Incident[]>()
  for (const incident of open ?? []) {
    if (incident.deviceId === null) continue
    byDevice.set(incident.deviceId, [...(byDevice.get(incident.deviceId) ?? []), incident])
  }
  return devices.map((device) => ({
    device,
    place: placeOf(device.siteId, sites),
    open: open && (byDevice.get(device.id) ?? []).sort((one, other) => rank(one) - rank(other)),
  }))
}

function rank({ severity }: Incident): number {
  return severities.indexOf(severity)
}

function placeOf(siteId: string | null, sites: ReadonlyMap<string, Site>): string[] {
  const names: string[] = []
  let site = sites.get(siteId ?? '')
  // sites have six levels at most; a ring of them must not hang the page
  while (site !== undefined && names.length < 10) {
    names.unshift(site.name)
    site = sites.get(site.parentId ?? '')
  }
  return names
}

/** Those that have every word somewhere in name, place, id or registration code, whatever the spaces: "12幢" finds "12 幢". The worst first, then by name. */
export function listed(rows: readonly ListedDevice[], { text, kind, state }: DeviceFilter): ListedDevice[] {
  return rows
    .filter((row) => (kind === null || row.device.kind === kind) && isIn(row, state))
    .filter(({ device, place }) => isSought(text, [device.name, device.id, registrationCode(device), ...place]))
    .sort((one, other) => worstRank(one) - worstRank(other) || compareNames(one, other))
}

function registrationCode({ facts }: WireDevice): string | null {
  return typeof facts.registrationCode === 'string' ? facts.registrationCode : null
}

function isIn({ device, open }: ListedDevice, state: DeviceFilter['state']): boolean {
  if (state === 'found') return (open?.length ?? 0) > 0
  // where nobody can say, it is not said
  return state === null || device.lastHeardAt === null
}

function worstRank({ open }: ListedDevice): number {
  const worst = open?.[0]
  return worst === undefined ? severities.length : rank(worst)
}

const collator = new Intl.Collator('zh-CN', { numeric: true })

function compareNames({ device: one }: ListedDevice, { device: other }: ListedDevice): number {
  return collator.compare(one.name ?? one.id, other.name ?? other.id)
}
