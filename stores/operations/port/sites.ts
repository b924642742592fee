import type { Device, Gateway } from '../../../core/device.ts'
import type { TeamType } from '../../../core/people.ts'
import type { Place, Scope } from '../../../core/scope.ts'
import type { Sight } from '../../../core/sight.ts'
import type { Contact, Site, SitePath, SiteType } from '../../../core/site.ts'
import type { InSight, Page, PageRequest } from './page.ts'

/** Whoever answers for a device beside its owner: who maintains it, who insures it. Each is a team. */
export type PartyRole = 'maintainer' | 'insurer'

/** The teams of a device at one time; null = nobody. */
export interface DeviceParties {
  readonly maintainerId: string | null
  readonly insurerId: string | null
}

export interface PartyChange {
  readonly deviceId: string
  readonly role: PartyRole
  /** Null = nobody from now on. */
  readonly teamId: string | null
}

export interface DeviceParty {
  readonly deviceId: string
  readonly role: PartyRole
  readonly teamId: string
  /** Inclusive. */
  readonly validFrom: number
  /** Exclusive; null = still. */
  readonly validUntil: number | null
}

/** What something was before a change and after it: `before` null = it came to be, `after` null = it was removed. */
export interface HistoryEntry {
  readonly at: number
  readonly actor: string
  /** `site`, `device`, `team`, … */
  readonly subjectType: string
  readonly subjectId: string
  readonly before: unknown
  readonly after: unknown
}

/** A contact, and what it was written down for. */
export interface NearContact extends Contact {
  readonly of: 'device' | SiteType
  readonly ofId: string
}

/** Where devices are, and whom they belong to. */
export interface SiteTables {
  /**
   * Sites are changed one transaction after the other, until this one ends: only so can each be checked against those above
   * and below it.
   */
  lockSiteTree(): Promise<void>
  /** @throws {ExpectedError} `already-exists`; `invalid` when its parent does not exist */
  insertSite(site: Site): Promise<void>
  /** Answers false when there is none. */
  updateSite(id: string, change: Partial<Omit<Site, 'id' | 'createdAt'>>): Promise<boolean>
  /** Answers false when there is none. @throws {ExpectedError} `invalid` when a site is below it */
  deleteSite(id: string): Promise<boolean>
  site(id: string): Promise<Site | undefined>
  sitesByIds(ids: readonly string[]): Promise<Site[]>
  /** Those directly below. */
  sitesBelow(parentIds: readonly string[]): Promise<Site[]>
  /** By id. `parentId` null = those without one; `text` is looked for in id, name and address, in any case of letters. */
  sites(page: PageRequest & InSight & { parentId?: string | null; type?: SiteType; text?: string }): Promise<Page<Site>>
  /** How many devices that are in service name it. */
  countDevicesAt(siteId: string, sight?: Sight): Promise<number>
  /** Whether a device, a gateway, an incident or an order names it, be there such a site or not. */
  isSiteNamed(siteId: string): Promise<boolean>

  /** The site and all above it, nearest first; empty when it is not known. */
  sitesAbove(siteId: string): Promise<Site[]>
  /** The site's and its ancestors' ids by type; empty when it is not known. */
  pathOf(siteId: string): Promise<SitePath>
  /** `nowhere` for a device that is not known; the path is empty when its site is not. */
  placeOf(deviceId: string): Promise<Place>
  /** The same for many at once; devices that are not known are absent. */
  placesOf(deviceIds: readonly string[]): Promise<Map<string, Place>>
  /** The ids of these sites and of all that are in them; unknown ones are absent. */
  sitesWithin(siteIds: readonly string[]): Promise<string[]>
  /** Ids of the devices in a scope that are in service, with all that is in its sites, by id. */
  devicesIn(scope: Scope, kind?: string): Promise<string[]>
  /** Whom to call: the device's own contacts first, then those of its sites, nearest first. */
  contactsOf(deviceId: string): Promise<NearContact[]>

  /**
   * Hands a device over: the present party of this role ends at `from` and `teamId` (null = nobody) follows. What was is never
   * rewritten: a `from` before the last change of this party counts as the time of that change.
   */
  setDeviceParty(deviceId: string, role: PartyRole, teamId: string | null, from: number): Promise<void>
  /** The same for many at once; each device and role stands in it once. */
  setDeviceParties(changes: readonly PartyChange[], from: number): Promise<void>
  deviceParty(deviceId: string, role: PartyRole, at: number): Promise<string | null>
  /** Whether any device has, or had, somebody in this role. */
  isRoleKnown(role: PartyRole): Promise<boolean>
  /** Of each of these devices, also of those without any. */
  partiesOf(deviceIds: readonly string[], at: number): Promise<Map<string, DeviceParties>>
  /** All that a device ever had, oldest first. */
  partyHistory(deviceId: string): Promise<DeviceParty[]>
  /** Which of these teams exist and still work. */
  teamTypes(ids: readonly string[]): Promise<Map<string, TeamType>>

  /** Locked until the transaction ends, in the order of their ids. */
  lockDevices(ids: readonly string[]): Promise<Device[]>
  /** Locked until the transaction ends, in the order of their ids. */
  lockGateways(ids: readonly string[]): Promise<Gateway[]>
  /** Inserts or replaces; parents need not stand before children. */
  saveSites(sites: readonly Site[]): Promise<void>
  /** Inserts or replaces; `kind` and `createdAt` of those that exist stay. */
  saveDevices(devices: readonly Device[]): Promise<void>

  insertHistory(...entries: readonly HistoryEntry[]): Promise<void>
  /** Newest first. */
  history(subjectType: string, subjectId: string, page: PageRequest): Promise<Page<HistoryEntry>>
}
