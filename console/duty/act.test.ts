import { afterEach, expect, test, vi } from 'vitest'
import { act, busy } from './act.ts'
import { testOrder } from './order.fixture.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('while an action is not answered, a remark can be written and goes after it; no other action is', async () => {
  const asked: string[] = []
  let answer = () => {}
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url.slice(url.lastIndexOf('/') + 1))
    if (asked.length === 1) await new Promise<void>((resolve) => (answer = resolve))
    return new Response(JSON.stringify(testOrder({ state: 'acknowledged' })))
  })

  const acknowledging = act('order', 'acknowledge', {})
  const noting = act('order', 'note', { note: 'The tenant is called' })
  await vi.waitUntil(() => asked.length === 1)
  expect(busy.value.has('order')).toBe(true)
  expect(await act('order', 'acknowledge', {})).toBe(false)

  answer()
  expect(await Promise.all([acknowledging, noting])).toEqual([true, true])
  expect(asked).toEqual(['acknowledge', 'note'])
  expect(busy.value.size).toBe(0)
})
