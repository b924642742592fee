import { expect, test } from 'vitest'
import type { Incident, ListedDevice, Site } from '../shared/wire.ts'
import { type DeviceFilter, listed, rowsOf } from './list.ts'

const site = (id: string, name: string, parentId: string | null) => [id, { id, name, parentId } as Site] as const
const sites = new Map([site('xihu', '西湖区', null), site('dy', '东苑小区', 'xihu'), site('dy-12', '12 幢', 'dy')])
const device = (id: string, name: string | null, kind = 'elevator', siteId: string | null = 'dy-12', facts = {}) =>
  ({ id, name, kind, siteId, facts }) as ListedDevice
const incident = (deviceId: string, severity: string) => ({ deviceId, severity }) as Incident

const coded = device('elv-2', '电梯 10', 'elevator', 'dy-12', { registrationCode: '31103301042019070012' })
const devices = [coded, device('elv-1', '电梯 2'), device('m-1', null, 'electricity-meter', null)]
const rows = rowsOf(devices, sites, [incident('elv-2', 'info'), incident('m-1', 'warning'), incident('m-1', 'urgent')])
const all: DeviceFilter = { text: '', kind: null, state: null }
const ids = (filter: Partial<DeviceFilter>) => listed(rows, { ...all, ...filter }).map(({ device: { id } }) => id)

test('the worst first, then by name as people count', () => {
  expect(ids({})).toEqual(['m-1', 'elv-2', 'elv-1'])
  expect(listed(rowsOf(devices, sites, []), all).map(({ device: { id } }) => id)).toEqual(['elv-1', 'elv-2', 'm-1'])
})

test.each([
  ['12幢', ['elv-2', 'elv-1']],
  ['西湖 ELV-1', ['elv-1']],
  ['东苑 m-1', []],
  ['4201907', ['elv-2']],
  ['　电梯　2 ', ['elv-1', 'elv-2']],
])('every word is somewhere in name, place, id or registration code, whatever spaces and case: %s', (text, found) => {
  expect(new Set(ids({ text }))).toEqual(new Set(found))
})

test('filters by kind and by what is found', () => {
  expect(ids({ kind: 'electricity-meter' })).toEqual(['m-1'])
  expect(ids({ state: 'found' })).toEqual(['m-1', 'elv-2'])
})

test('those that were never heard are found, and those of which nobody can say it are not among them', () => {
  const [one, other, third] = devices as [ListedDevice, ListedDevice, ListedDevice]
  const heard = [{ ...one, lastHeardAt: null }, { ...other, lastHeardAt: '2026-11-24T08:00:00.000Z' }, third]
  const found = listed(rowsOf(heard, sites, []), { ...all, state: 'never' })
  expect(found.map(({ device: { id } }) => id)).toEqual(['elv-2'])
})

test('the worst finding of a device stands for it', () => {
  expect(rows.find(({ device: { id } }) => id === 'm-1')?.open?.map(({ severity }) => severity)).toEqual([
    'urgent',
    'warning',
  ])
})

test('who may not see findings is not told that there are none', () => {
  expect(rowsOf(devices, sites, null).map(({ open }) => open)).toEqual([null, null, null])
  expect(listed(rowsOf(devices, sites, null), all)).toHaveLength(3)
})
