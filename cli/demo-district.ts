import type { FleetDevice } from '../simulators/fleet.ts'
import { insurer } from './demo-companies.ts'
import type { ServiceClient } from './service.ts'

export const fleetSize = {
  devices: 24,
  shares: { elevator: 0.6, 'electricity-meter': 0.4 },
  devicesPerGateway: 8,
  seed: 7,
  prefix: 'demo',
}

/** Who answers in the district: the crew of the meters does not, so that its orders go on to the next one after 5 minutes. */
const teams = [
  { id: 'duty-room', type: 'duty-room', name: '消防值班室' },
  { id: 'crew-east', type: 'crew', name: '东组 (电梯)', skills: ['elevator'] },
  { id: 'crew-north', type: 'crew', name: '北组 (用电)', skills: ['electricity-meter'] },
  { id: 'crew-south', type: 'crew', name: '南组' },
  { id: 'supervisor', type: 'supervisor', name: '值班主管' },
]
export const silentTeam = 'crew-north'

/** No number of a local line begins with 0: nobody is called by a demo. */
export const phone = (number: number) => `0571-0000 ${String(number).padStart(4, '0')}`

/** Invented people: one of each team, under the id with which the simulated crews act. */
const members = [
  { teamId: 'duty-room', name: '陈静' },
  { teamId: 'crew-east', name: '张伟' },
  { teamId: 'crew-north', name: '孙强' },
  { teamId: 'crew-south', name: '李敏' },
  { teamId: 'supervisor', name: '周勇' },
].map((member, index) => ({ ...member, id: `${member.teamId}-1`, phone: phone(8_001 + index) }))

/** Whose screens a stranger can look at. */
const accounts = [
  { id: 'duty', name: 'Duty room', role: 'duty-room', scope: { sites: ['xihu'] }, page: 'duty' },
  { id: 'crew', name: 'Crew of Anheng', role: 'technician', scope: { teamId: 'anheng' }, page: 'crew' },
  { id: 'fitter', name: 'Gateway installer', role: 'installer', scope: { sites: ['xihu'] }, page: 'install' },
  { id: 'insurer', name: 'Insurer', role: 'insurer', scope: { teamId: insurer.id }, page: 'review' },
  { id: 'hongda', name: 'Maintainer Hongda', role: 'maintainer', scope: { teamId: 'hongda' }, page: 'review' },
  { id: 'street', name: 'Street office', role: 'district', scope: { sites: ['xihu'] }, page: 'devices' },
  { id: 'chief', name: 'Operator', role: 'operator', scope: { sites: [] }, page: 'operate' },
] as const

const estates = [
  { id: 'dongyuan', name: '东苑', entrance: '东门，保安 24 小时', property: '吴经理' },
  { id: 'cuiyuan', name: '翠苑一区', entrance: '文三路大门，夜间按门铃', property: '郑经理' },
].map(({ property, ...estate }, index) => ({
  ...estate,
  contacts: [
    { role: 'property', name: property, phone: phone(9_001 + index) },
    { role: 'emergency', name: '电梯应急', phone: phone(9_000) },
  ],
}))
const buildingsPerEstate = 6

/** Invented places of the demo: what is there already stays as it is. */
export async function furnishDistrict(client: ServiceClient, devices: readonly FleetDevice[]): Promise<void> {
  await addMissing(client, '/teams', teams)
  await addMissing(client, '/members', members)
  const buildings = estates.flatMap((estate) =>
    Array.from({ length: buildingsPerEstate }, (_, index) => ({
      ...{ id: `${estate.id}-${index + 1}`, type: 'building', name: `${index + 1} 幢` },
      parentId: estate.id,
    })),
  )
  const rows = estates.map((estate) => ({ ...estate, type: 'estate', parentId: 'xihu' }))
  await addMissing(client, '/sites', [{ id: 'xihu', type: 'district', name: '西湖区 (演示)' }, ...rows, ...buildings])

  const placed = await client.list<{ id: string; siteId: string | null }>('/devices')
  const nowhere = new Set(placed.filter(({ siteId }) => siteId === null).map(({ id }) => id))
  for (const [index, { id, kind }] of devices.entries()) {
    const building = buildings[index % buildings.length]
    if (!nowhere.has(id) || building === undefined) continue
    const floor = 2 + Math.floor(index / buildings.length)
    const name = kind === 'elevator' ? `电梯 ${'AB'[floor - 2] ?? 'C'}` : `${floor}01 室`
    const inCar = kind === 'elevator' && { contacts: [{ role: 'car-phone', name: '轿厢', phone: phone(index + 1) }] }
    await client.request('PATCH', `/devices/${id}`, { siteId: building.id, name, ...inCar })
  }
}

/** Each of these rows that is not there yet, by its id. */
export async function addMissing(
  client: ServiceClient,
  path: string,
  rows: readonly { readonly id: string; readonly [field: string]: unknown }[],
): Promise<void> {
  const known = new Set((await client.list<{ id: string }>(path)).map(({ id }) => id))
  for (const row of rows) if (!known.has(row.id)) await client.request('POST', path, row)
}

/** For each person how to get in: by a new link, until the one has set a password. */
export async function linksOf(client: ServiceClient, httpUrl: string): Promise<string[]> {
  const known = new Map(
    (await client.list<{ id: string; passwordSetAt: string | null }>('/accounts')).map((account) => [
      account.id,
      account,
    ]),
  )
  const lines: string[] = []
  for (const { id, name, role, scope, page } of accounts) {
    if (!known.has(id)) await client.request('POST', '/accounts', { id, name, memberships: [{ role, scope }] })
    const link =
      known.get(id)?.passwordSetAt != null
        ? `${httpUrl}/console/${page}  (sign in as ${id})`
        : (await client.request<{ url: string }>('POST', `/accounts/${id}/invitation`)).url
    lines.push(`  ${name.padEnd(18)} ${link}`)
  }
  const [label] = await client.list<{ url: string }>('/labels')
  if (label !== undefined) lines.push(`  ${'Passenger'.padEnd(18)} ${label.url}  (behind the QR code in the car)`)
  return lines
}
