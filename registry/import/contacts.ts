import { z } from 'zod'
import type { Device } from '../../core/device.ts'
import { Identifier } from '../../core/identifier.ts'
import { type Contact, contactRoles, type Site } from '../../core/site.ts'
import type { Operations } from '../../stores/operations/port.ts'
import { Addresses, type ChannelAddress, type Fault, mostContacts, Name, Phone } from '../fields.ts'
import { changesBetween, type FieldChange, type Importer, type ImportLine, type ReadLine, readLines } from './plan.ts'

/** `sms:13800000000 mail:a@example.org robot`: a channel's id and, behind a colon, the address on it; separated by spaces. */
const AddressList = z
  .string()
  .transform((text) =>
    text.split(/\s+/).map((part): z.input<typeof ChannelAddress> => {
      const [channelId = '', ...address] = part.split(':')
      return { channelId, address: address.join(':') || null }
    }),
  )
  .pipe(Addresses)

export function addressList(addresses: Contact['addresses']): string {
  return addresses.map(({ channelId, address }) => (address === null ? channelId : `${channelId}:${address}`)).join(' ')
}

const ContactCells = z.strictObject({
  siteId: Identifier.nullish(),
  deviceId: Identifier.nullish(),
  role: z.enum(contactRoles),
  name: Name,
  phone: Phone.nullish(),
  addresses: AddressList.nullish(),
})

/** One contact of a site or of a device, told apart by role and name. Contacts that the file does not name stay. */
const ContactRow = ContactCells.refine(
  ({ siteId = null, deviceId = null }) => (siteId === null) !== (deviceId === null),
  {
    path: ['siteId'],
    message: 'a line is about a site or about a device: exactly one of siteId and deviceId',
  },
)
type ContactRow = z.infer<typeof ContactRow>

export const contactColumns = ['siteId', 'deviceId', 'role', 'name', 'phone', 'addresses'] as const

/** A site or a device, with its contacts as the lines so far leave them. */
interface Owner {
  readonly type: 'site' | 'device'
  readonly before: Site | Device
  contacts: readonly Contact[]
}

export const contactsImporter: Importer = {
  columns: () => contactColumns,
  needs: ['role', 'name'],

  async plan(csv, { unit }) {
    const read = await readLines(csv, ContactRow, ContactCells)
    const parts = read.map(partOf)
    const idsOf = (field: 'siteId' | 'deviceId') => [...new Set(parts.flatMap((part) => part[field] ?? []))]
    const channelIds = await knownChannels(unit, parts)
    await unit.lockSiteTree()
    const sites = await unit.sitesByIds(idsOf('siteId'))
    const devices = await unit.lockDevices(idsOf('deviceId'))
    const owners = new Map<string, Owner>([
      ...sites.map((before) => [`site ${before.id}`, owner('site', before)] as const),
      ...devices.map((before) => [`device ${before.id}`, owner('device', before)] as const),
    ])
    const seen = new Map<string, number>()
    return {
      lines: read.map((one) => planLine(one, owners, channelIds, seen)),
      async write(actor, at) {
        const changed = [...owners.values()].filter(({ before, contacts }) => contacts !== before.contacts)
        const after = ({ before, contacts }: Owner) => ({ ...before, contacts })
        const ofType = (type: Owner['type']) => changed.filter((one) => one.type === type)
        await unit.saveSites(ofType('site').map((one) => after(one) as Site))
        await unit.saveDevices(ofType('device').map((one) => after(one) as Device))
        await unit.insertHistory(
          ...changed.map((one) => {
            const { type: subjectType, before } = one
            return { at, actor, subjectType, subjectId: before.id, before, after: after(one) }
          }),
        )
      },
    }
  },
}

function owner(type: Owner['type'], before: Site | Device): Owner {
  return { type, before, contacts: before.contacts }
}

/** What can be read of a line, whatever is wrong with it. */
function partOf({ row, rest = {} }: ReadLine<ContactRow>): Partial<ContactRow> {
  return row ?? rest
}

async function knownChannels(unit: Operations, parts: readonly Partial<ContactRow>[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  for (const id of new Set(parts.flatMap(({ addresses }) => addresses ?? []).map(({ channelId }) => channelId))) {
    if ((await unit.channel(id)) !== undefined) known.add(id)
  }
  return known
}

/** What it names and is not there. */
function unknownIn(
  { siteId, deviceId, addresses }: Partial<ContactRow>,
  owners: ReadonlyMap<string, Owner>,
  channelIds: ReadonlySet<string>,
): Fault[] {
  const missing = (path: 'siteId' | 'deviceId', key: string) =>
    owners.has(key) ? [] : [{ path, message: `there is no ${key}` }]
  return [
    ...(siteId ? missing('siteId', `site ${siteId}`) : []),
    ...(deviceId ? missing('deviceId', `device ${deviceId}`) : []),
    ...(addresses ?? [])
      .filter(({ channelId }) => !channelIds.has(channelId))
      .map(({ channelId }) => ({ path: 'addresses', message: `there is no channel ${channelId}` })),
  ]
}

function planLine(
  read: ReadLine<ContactRow>,
  owners: ReadonlyMap<string, Owner>,
  channelIds: ReadonlySet<string>,
  seen: Map<string, number>,
): ImportLine {
  const { line, id, row } = read
  const wrong = (faults: readonly Fault[]): ImportLine => ({ line, id, action: 'error', changes: [], faults })
  const unknown = unknownIn(partOf(read), owners, channelIds)
  if (row === null) return wrong([...read.faults, ...unknown])

  const { siteId, deviceId, role, name } = row
  const key = siteId ? `site ${siteId}` : `device ${deviceId}`
  const of = owners.get(key)
  if (of === undefined || unknown.length > 0) return wrong(unknown)
  const contactKey = JSON.stringify([key, role, name])
  const twice = seen.get(contactKey)
  if (twice !== undefined) return wrong([{ path: 'name', message: `line ${twice} has this contact already` }])
  seen.set(contactKey, line)

  const index = of.contacts.findIndex((contact) => contact.role === role && contact.name === name)
  const before = of.contacts[index]
  const { phone = before?.phone ?? null, addresses = before?.addresses ?? [] } = row
  const after: Contact = { role, name, phone, addresses: addresses ?? [] }
  const changes: FieldChange[] = before === undefined ? [] : changesBetween(before, after)
  if (before !== undefined && changes.length === 0) return { line, id, action: 'unchanged', changes, faults: [] }

  const contacts = before === undefined ? [...of.contacts, after] : of.contacts.with(index, after)
  if (contacts.length > mostContacts)
    return wrong([{ path: '', message: `a ${of.type} has ${mostContacts} contacts at most` }])
  of.contacts = contacts
  return { line, id, action: before === undefined ? 'create' : 'change', changes, faults: [] }
}
