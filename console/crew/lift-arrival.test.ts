import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/* The one script of a lift's page, as the browser loads it: it is run with the browser's part given. */

const source = readFileSync(new URL('../public/lift-arrival.js', import.meta.url), 'utf8')

interface Given {
  readonly stores: readonly string[]
  readonly kept?: readonly object[]
  readonly fails?: boolean
}

/** What a browser that keeps this database shows, and whether the database is open afterwards. */
function opened({ stores, kept = [], fails = false }: Given) {
  const seen = { isOpen: true, onversionchange: () => {} }
  const link = {
    href: '',
    tap: () => {},
    addEventListener: (_: string, call: () => void) => Object.assign(link, { tap: call }),
  }
  const offer = { hidden: true, querySelector: () => link }
  const read = { result: kept, onsuccess: () => {}, onerror: () => {} }
  const database = Object.assign(seen, {
    close: () => Object.assign(seen, { isOpen: false }),
    objectStoreNames: { contains: (name: string) => stores.includes(name) },
    transaction(name: string) {
      if (!stores.includes(name)) throw new DOMException('no such store', 'NotFoundError')
      return { objectStore: () => ({ getAll: () => read }) }
    },
  })
  const asked = { result: database, onsuccess: () => {} }
  const browser = { indexedDB: { open: () => asked } }
  const page = { pathname: '/l/elv-1.q6pa4sdhdxdv' }
  new Function('globalThis', 'indexedDB', 'location', 'document', source)(browser, browser.indexedDB, page, {
    querySelector: () => offer,
  })
  asked.onsuccess()
  const isOpenWhileRead = seen.isOpen
  if (fails) read.onerror()
  else read.onsuccess()
  return { offer, link, seen, isOpenWhileRead }
}

const mine = { door: { type: 'link', token: 't' }, order: { deviceId: 'elv-1', state: 'accepted' } }

test('a crew is offered to say that it is there, with the code and when that was tapped', () => {
  const before = Date.now()
  const { offer, link, seen } = opened({ stores: ['orders'], kept: [mine] })
  expect([offer.hidden, seen.isOpen]).toEqual([false, false])
  link.href = ''
  link.tap()
  const [path, query] = link.href.split('?')
  const said = new URLSearchParams(query)
  expect([path, said.get('arrived')]).toEqual(['/console/o/t', 'elv-1.q6pa4sdhdxdv'])
  expect(Number(said.get('at'))).toBeGreaterThanOrEqual(before)
})

test('a database without orders, or that cannot be read, is not held open', () => {
  expect(opened({ stores: [] }).isOpenWhileRead).toBe(false)
  const failed = opened({ stores: ['orders'], fails: true })
  expect([failed.isOpenWhileRead, failed.seen.isOpen, failed.offer.hidden]).toEqual([true, false, true])
})

test('the app may make its database anew while the page is open', () => {
  const { seen } = opened({ stores: ['orders'], fails: true })
  seen.isOpen = true
  seen.onversionchange()
  expect(seen.isOpen).toBe(false)
})
