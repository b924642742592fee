import type { Queued } from './outbox.ts'
import type { KeptOrder } from './wire.ts'

/*
 * What this phone keeps: orders as they were last heard of, and what was done and not answered yet. IndexedDB, so that it is there
 * after the page was closed; where a browser gives none, as long as the page is open.
 */

const opened = open()

function open(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    if (typeof indexedDB === 'undefined') return resolve(null)
    const asked = indexedDB.open('liftwatt-crew', 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('orders', { keyPath: 'id' })
      asked.result.createObjectStore('outbox', { keyPath: 'key' })
    }
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => resolve(null)
  })
}

type Name = 'orders' | 'outbox'

async function within<Result>(
  name: Name,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result> | null,
): Promise<Result | undefined> {
  const database = await opened
  if (database === null) return undefined
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode)
    const asked = work(transaction.objectStore(name))
    transaction.oncomplete = () => resolve(asked?.result)
    transaction.onerror = () => reject(transaction.error)
    transaction.onabort = () => reject(transaction.error)
  })
}

export async function keptOrders(): Promise<KeptOrder[]> {
  return (await within<KeptOrder[]>('orders', 'readonly', (store) => store.getAll())) ?? []
}

export async function keepOrder(order: KeptOrder): Promise<void> {
  await within('orders', 'readwrite', (store) => store.put(order))
}

export async function forgetOrder(id: string): Promise<void> {
  await within('orders', 'readwrite', (store) => store.delete(id))
}

/** What was read under an account. What waits to be sent stays, and so does what is behind a link: that is whoever's who holds the phone. */
export async function forgetReadOrders(): Promise<void> {
  const read = (await keptOrders()).filter(({ door }) => door.type === 'session')
  await Promise.all(read.map(({ id }) => forgetOrder(id)))
}

/** In the order in which it was done. */
export async function keptOutbox(): Promise<Queued[]> {
  const items = (await within<Queued[]>('outbox', 'readonly', (store) => store.getAll())) ?? []
  return items.sort((one, other) => one.doneAt - other.doneAt)
}

export async function keepQueued(item: Queued): Promise<void> {
  await within('outbox', 'readwrite', (store) => store.put(item))
}

export async function forgetQueued(key: string): Promise<void> {
  await within('outbox', 'readwrite', (store) => store.delete(key))
}

/** False when it was taken out, here or in another window. */
export async function isQueued(key: string): Promise<boolean> {
  if ((await opened) === null) return true
  return (await within('outbox', 'readonly', (store) => store.count(key))) === 1
}
