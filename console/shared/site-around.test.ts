import { expect, test } from 'vitest'
import { siteAround } from './site-around.ts'
import type { SiteDetail } from './wire.ts'

const sites: Readonly<Record<string, Partial<SiteDetail>>> = {
  xihu: { type: 'district', name: '西湖区', parentId: null },
  dy: { type: 'estate', name: '东苑', parentId: 'xihu' },
  'dy-3': { type: 'building', name: '3 幢', parentId: 'dy' },
  'dy-3-1': { type: 'unit', name: '1 单元', parentId: 'dy-3' },
}

test('a building is told with its estate; each site is asked for once, and one that is not there again', async () => {
  const asked: string[] = []
  const around = siteAround(async (path) => {
    asked.push(path)
    const site = sites[path.slice('/sites/'.length)]
    if (site === undefined) throw new Error('not found')
    return site as SiteDetail
  })
  expect(await Promise.all([around('dy-3-1'), around('dy-3'), around('dy'), around(null)])).toEqual([
    '东苑 3 幢 1 单元',
    '东苑 3 幢',
    '东苑',
    '',
  ])
  expect(asked.sort()).toEqual(['/sites/dy', '/sites/dy-3', '/sites/dy-3-1'])
  expect([await around('gone'), await around('gone')]).toEqual(['', ''])
  expect(asked.filter((path) => path === '/sites/gone')).toHaveLength(2)
})
