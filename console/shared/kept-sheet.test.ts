import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { forgetSheet, forgetSheetsButOf, keepSheet, keptSheet, whoInspects } from './kept-sheet.ts'
import type { Me } from './wire.ts'

beforeEach(() => {
  const kept: Record<string, string> = {}
  const hidden = (value: unknown) => ({ value, enumerable: false })
  Object.defineProperties(kept, {
    getItem: hidden((name: string) => kept[name] ?? null),
    setItem: hidden((name: string, text: string) => {
      kept[name] = text
    }),
    removeItem: hidden((name: string) => Reflect.deleteProperty(kept, name)),
  })
  vi.stubGlobal('localStorage', kept)
})
afterEach(() => vi.unstubAllGlobals())

const shen = { accountId: 'shen' } as Me
const sheet = { state: 'started' }

test('a sheet that is under way is there again, with who inspects, until it is over', () => {
  expect([whoInspects(), keptSheet('shen', 'i-1')]).toEqual([undefined, null])
  keepSheet(shen, 'i-1', sheet)
  keepSheet(shen, 'i-2', sheet)
  expect([whoInspects(), keptSheet('shen', 'i-1'), keptSheet('li', 'i-1')]).toEqual([shen, sheet, null])
  forgetSheet('shen', 'i-1')
  expect([whoInspects(), keptSheet('shen', 'i-1')]).toEqual([shen, null])
  forgetSheet('shen', 'i-2')
  expect(whoInspects()).toBeUndefined()
})

test('another who signs in, or who signs out, leaves nothing of it', () => {
  keepSheet(shen, 'i-1', sheet)
  keepSheet({ ...shen, accountId: 'shen-2' }, 'i-1', sheet)
  forgetSheetsButOf('shen')
  expect([keptSheet('shen', 'i-1'), keptSheet('shen-2', 'i-1')]).toEqual([sheet, null])
  forgetSheetsButOf(null)
  expect(keptSheet('shen', 'i-1')).toBeNull()
})
