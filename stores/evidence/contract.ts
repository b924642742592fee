import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { EvidenceStore } from './port.ts'

/** What every evidence store promises. */
export function testEvidenceStore(open: () => Promise<EvidenceStore>): void {
  const content = new TextEncoder().encode('{"volts":231.5}')
  const sha256 = createHash('sha256').update(content).digest('hex')

  test('bytes are found under their own hash, however often they are written', async () => {
    const store = await open()
    expect(await store.put(content)).toEqual({ sha256, bytes: content.byteLength })
    await Promise.all([store.put(content), store.put(content)])
    expect(Buffer.from((await store.get(sha256)) ?? [])).toEqual(Buffer.from(content))
  })

  test('what was never written, and what is no hash, is not there', async () => {
    const store = await open()
    expect(await store.get('0'.repeat(64))).toBeUndefined()
    expect(await store.get('../../etc/passwd')).toBeUndefined()
  })

  test('what is removed is gone, once and again', async () => {
    const store = await open()
    await store.put(content)
    await store.remove(sha256)
    expect(await store.get(sha256)).toBeUndefined()
    await store.remove(sha256)
    await store.remove('../../etc/passwd')
    await store.put(content)
    expect(await store.get(sha256)).toBeDefined()
  })

  test('no bytes are bytes too', async () => {
    const store = await open()
    const empty = await store.put(new Uint8Array())
    expect((await store.get(empty.sha256))?.byteLength).toBe(0)
  })
}
