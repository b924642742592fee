import { afterEach, expect, test, vi } from 'vitest'
import { mostGroups, readAllGroups, readHealth } from './read.ts'

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

test('health of twelve months is one question, whatever period is looked at', async () => {
  const asked: string[] = []
  const items = [
    { month: '2026-10', groups: [] },
    {
      month: '2026-11',
      groups: [
        { id: 'east', value: 80 },
        { id: null, value: null },
      ],
    },
  ]
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(new URL(url, 'http://localhost').search)
    return new Response(JSON.stringify({ items }))
  })
  const months = await readHealth({ from: '2026-01-01', to: '2026-02-01', siteId: 'west' }, 'maintainer')
  expect(months.map(({ month, byGroup }) => [month, ...byGroup])).toEqual([['2026-10'], ['2026-11', ['east', 80]]])
  expect(asked).toEqual(['?siteId=west&groupBy=maintainer&limit=1000'])
})
