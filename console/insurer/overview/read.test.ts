import { afterEach, expect, test, vi } from 'vitest'
import { mostGroups, readAllGroups } from './read.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('of more groups than one answer holds all are read, the next ones from where the last ended', async () => {
  const all = Array.from({ length: 2 * mostGroups + 763 }, (_, index) => ({ id: `elv-${index}` }))
  const asked: string[] = []
  vi.stubGlobal('fetch', async (url: string) => {
    const { searchParams: of } = new URL(url, 'http://localhost')
    asked.push(`${of.get('groupBy')} ${of.get('kpi')} ${of.get('skip')}`)
    const skip = Number(of.get('skip'))
    return new Response(JSON.stringify({ groups: all.slice(skip, skip + mostGroups) }))
  })
  expect(await readAllGroups({ siteId: 'west' }, 'elevator', 'failure-rate')).toEqual(all)
  expect(asked).toEqual([0, 1_000, 2_000].map((skip) => `elevator failure-rate ${skip}`))
})
