import { afterEach, expect, test } from 'vitest'
import type { SnapshotStore } from './port.ts'

/** `open` opens the same store again and again, so that the tests can look at it after a restart. */
export function snapshotStoreContract(open: () => Promise<SnapshotStore>): void {
  const opened: SnapshotStore[] = []
  const reopen = async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
    const store = await open()
    opened.push(store)
    return store
  }
  afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())))

  test('answers nothing before the first save', async () => {
    expect(await (await reopen()).load()).toBeUndefined()
  })

  test('a later save replaces what it names, keeps the rest, and moves the position', async () => {
    const journalId = crypto.randomUUID()
    const store = await reopen()
    await store.save({
      journalId,
      position: 7,
      entries: new Map([
        ['a', '1'],
        ['b', '{"ä":"\\n"}'],
        ['gone', '0'],
      ]),
    })
    await store.save({
      journalId,
      position: 9,
      entries: new Map([
        ['a', '2'],
        ['c/d', '3'],
        ['gone', ''],
      ]),
    })

    const loaded = await (await reopen()).load()
    expect(loaded?.journalId).toBe(journalId)
    expect(loaded?.position).toBe(9)
    expect(Object.fromEntries(loaded?.entries ?? [])).toEqual({ a: '2', b: '{"ä":"\\n"}', 'c/d': '3' })
  })
}
