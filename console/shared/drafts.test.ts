import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Draft } from './drafts.ts'

/** As far as it is asked for. */
class Kept {
  [name: string]: unknown
}
Object.defineProperties(Kept.prototype, {
  getItem: {
    value(this: Kept, name: string) {
      return this[name] ?? null
    },
  },
  setItem: {
    value(this: Kept, name: string, text: string) {
      this[name] = text
    },
  },
  removeItem: {
    value(this: Kept, name: string) {
      delete this[name]
    },
  },
})

let draftOf: (accountId: string, name: string) => Draft
let forgetDrafts: () => void

/** The page is loaded anew: what a script knew is gone. */
async function load(): Promise<void> {
  vi.resetModules()
  ;({ draftOf, forgetDrafts } = await import('./drafts.ts'))
}

beforeEach(async () => {
  vi.stubGlobal('sessionStorage', new Kept())
  await load()
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('what was written is there again with the dialog and with the page, for this account alone', async () => {
  draftOf('duty', 'handover').text.value = '12 幢停梯'
  expect(draftOf('duty', 'handover').text.value).toBe('12 幢停梯')

  await load()
  expect(draftOf('duty', 'handover').text.value).toBe('12 幢停梯')
  expect(draftOf('duty', 'note o-1').text.value).toBe('')
  expect(draftOf('li', 'handover').text.value).toBe('')
})

test('what was sent is gone; what was written meanwhile stays', async () => {
  const draft = draftOf('duty', 'note')
  draft.text.value = 'Both doors checked '
  draft.sent('Both doors checked')
  expect(draftOf('duty', 'note').text.value).toBe('')

  draftOf('duty', 'note').text.value = 'Two'
  draft.sent('One')
  await load()
  expect(draftOf('duty', 'note').text.value).toBe('Two')
})

test('whoever signs out leaves nothing behind', async () => {
  const draft = draftOf('duty', 'handover')
  draft.text.value = '12 幢停梯'
  await load()
  forgetDrafts()
  expect(draftOf('duty', 'handover').text.value).toBe('')
})

test('a browser that keeps nothing still lets one write and send', () => {
  vi.stubGlobal('sessionStorage', undefined)
  const draft = draftOf('duty', 'handover')
  draft.text.value = '12 幢停梯'
  draft.sent('12 幢停梯')
  expect(draft.text.value).toBe('')
})
