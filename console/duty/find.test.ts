import { expect, test } from 'vitest'
import { ApiProblem, NoAnswer } from '../shared/api.ts'
import type { Ask } from '../shared/lookup.ts'
import type { WorkOrder } from '../shared/wire.ts'
import { find, isAbout } from './find.ts'

const order = (id: string, state: WorkOrder['state'], more: Partial<WorkOrder> = {}) =>
  ({ id, state, summary: '电梯停了', reportedBy: null, ...more }) as WorkOrder
const wu = { name: '吴女士', phone: '+86 139 1111 2222', words: '有焦味', 'name 2': 'Li', 'phone 2': '0571-8888 0001' }

test.each([
  ['139 1111', true],
  ['13911112222', true],
  ['+8613911112222', true],
  ['0086 139-1111-2222', true],
  ['88880001', true],
  ['13', false],
  ['139 3', false],
  ['吴', true],
  ['LI', true],
  ['焦味', true],
  ['停了', true],
  ['王', false],
])('whoever called is found by number, name or words: %s', (text, isFound) => {
  expect(isAbout(order('a', 'raised', { reportedBy: wu }), text)).toBe(isFound)
})

const answers =
  (found: Readonly<Record<string, unknown>>): Ask =>
  async (path) => {
    const answer = found[path]
    if (answer === undefined) throw new ApiProblem({ code: 'not-found', status: 404, detail: 'none' })
    return answer as never
  }
const idsOf = ({ hits }: Awaited<ReturnType<typeof find>>) =>
  hits.map((hit) => (hit.kind === 'order' ? hit.order.id : hit.kind === 'device' ? hit.device.id : hit.site.id))

test('what is open comes first, each order once, then the device of this id, the sites, and devices with it in their names', async () => {
  const ask = answers({
    '/work-orders': { items: [order('old', 'closed'), order('open', 'raised')] },
    '/sites': { items: [{ id: 'dongyuan' }] },
    '/devices/elv-1': { id: 'elv-1' },
    '/devices': { items: [{ id: 'belv-1' }, { id: 'elv-1' }] },
  })
  const known = [order('open', 'raised', { summary: 'elv-1' }), order('told', 'raised', { summary: 'about elv-1' })]
  expect(idsOf(await find('elv-1', known, ask))).toEqual(['open', 'told', 'old', 'elv-1', 'dongyuan', 'belv-1'])
})

test('what is not theirs is not there; what could not be asked is said beside what was found', async () => {
  expect(await find('东苑', [], answers({}))).toEqual({ hits: [], problem: null })
  const cause = new NoAnswer('No answer')
  const found = await find('吴', [order('told', 'raised', { reportedBy: wu })], () => Promise.reject(cause))
  expect([idsOf(found), found.problem]).toEqual([['told'], cause])
})
