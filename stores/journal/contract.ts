import { expect, test } from 'vitest'
import type { Journal, JournalEntry, PositionedEntry } from './port.ts'

/** What every journal keeps. `open` answers an empty one. */
export function describeJournal(open: () => Promise<Journal>): void {
  test('gives back what gateways sent, with gateway, device and time of receipt, in order', async () => {
    const journal = await open()
    const raw: JournalEntry = {
      ...{ type: 'raw', receivedAt: 5_004, gatewayId: 'gw-7', topic: '电表/总表', mappingVersion: 3 },
      payload: Buffer.from('{"p": 1}'),
    }
    await appendAll(journal, [
      start(1_000),
      message(1_001, 'door open'),
      tick(5_000),
      message(5_001, 'Tür zu'),
      { type: 'rules', receivedAt: 5_002, version: 42 },
      { type: 'work', receivedAt: 5_003, deviceId: 'elv-0042', finding: 'elevator/door-close-drift' },
      raw,
      tick(10_000),
    ])

    expect(plain((await journal.read(0, 1_000_000)).entries)).toEqual([
      { type: 'start', receivedAt: 1_000, position: 0 },
      {
        type: 'message',
        receivedAt: 1_001,
        gatewayId: 'gw-7',
        deviceId: 'elv-0042',
        payload: 'door open',
        position: 1,
      },
      { type: 'tick', receivedAt: 5_000, position: 2 },
      { type: 'message', receivedAt: 5_001, gatewayId: 'gw-7', deviceId: 'elv-0042', payload: 'Tür zu', position: 3 },
      { type: 'rules', receivedAt: 5_002, version: 42, position: 4 },
      { type: 'work', receivedAt: 5_003, deviceId: 'elv-0042', finding: 'elevator/door-close-drift', position: 5 },
      { ...raw, payload: '{"p": 1}', position: 6 },
      { type: 'tick', receivedAt: 10_000, position: 7 },
    ])
    await journal.close()
  })

  test('calls back in the order of the appends, once each, and only when the entry can be read', async () => {
    const journal = await open()
    const called: number[] = []
    const readAtFirst = new Promise<number>((resolve) => {
      for (let index = 0; index < 3_000; index++) {
        journal.append([message(index, `${index}`)], (error) => {
          expect(error).toBeNull()
          if (called.push(index) === 1) journal.read(0, 1).then(({ entries }) => resolve(entries.length))
        })
      }
    })
    expect(called).toEqual([])
    expect(await readAtFirst).toBeGreaterThan(0)
    await journal.close()

    expect(called).toEqual(Array.from({ length: 3_000 }, (_, index) => index))
  })

  test('takes several together: one call, and all of them can be read by then', async () => {
    const journal = await open()
    const together = Array.from({ length: 2_000 }, (_, index) => message(index, `${index}`.repeat(100)))
    const heads: number[] = []
    journal.append([tick(0)], () => heads.push(journal.head))
    await new Promise<void>((resolve) => {
      journal.append(together, (error) => {
        expect(error).toBeNull()
        heads.push(journal.head)
        resolve()
      })
    })

    expect(heads).toEqual([expect.any(Number), 2_001])
    const { entries } = await journal.read(1, 10_000_000)
    expect(plain(entries)).toEqual(plain(together.map((entry, index) => ({ ...entry, position: index + 1 }))))
    await journal.close()
  })

  test('copies at once, so the broker may reuse its buffer', async () => {
    const journal = await open()
    const payload = Buffer.from('first')
    const durable = new Promise((resolve) => journal.append([{ ...message(0, ''), payload }], resolve))
    payload.fill('x')
    expect(await durable).toBeNull()

    expect(plain((await journal.read(0, 1_000)).entries)[0]).toMatchObject({ payload: 'first' })
    await journal.close()
  })

  test('counts what is not yet durable', async () => {
    const journal = await open()
    expect(journal.pendingBytes).toBe(0)
    const durable = appendAll(journal, [message(0, 'x'.repeat(5_000))])
    expect(journal.pendingBytes).toBeGreaterThanOrEqual(5_000)
    expect(journal.head).toBe(0)
    await durable

    expect(journal.pendingBytes).toBe(0)
    expect(journal.head).toBe(1)
    await journal.close()
  })

  test('is read in bites, from any position, and says where to go on', async () => {
    const journal = await open()
    await appendOneByOne(journal, 20, 1_000)

    const positions: number[] = []
    let from = 7
    for (let bites = 0; from < journal.head; bites++) {
      const { entries, damaged, next } = await journal.read(from, 2_500)
      expect(damaged).toEqual([])
      expect(entries.length).toBeGreaterThan(0)
      expect(entries.length).toBeLessThan(6)
      expect(bites).toBeLessThan(20)
      positions.push(...entries.map((entry) => entry.position))
      from = next
    }
    expect(positions).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    await journal.close()
  })

  test('begins in the middle of what was written together', async () => {
    const journal = await open()
    await appendAll(journal, [tick(0), tick(1), tick(2), tick(3)])

    expect((await journal.read(2, 1_000)).entries.map((entry) => entry.position)).toEqual([2, 3])
    await journal.close()
  })

  test('an entry larger than what was asked for still comes', async () => {
    const journal = await open()
    await appendAll(journal, [message(0, 'x'.repeat(3_000_000)), tick(1)])

    const { entries } = await journal.read(0, 100)
    expect(entries[0]).toMatchObject({ position: 0 })
    expect(entries[0]?.type === 'message' && entries[0].payload.length).toBe(3_000_000)
    await journal.close()
  })

  test('has nothing beyond its head', async () => {
    const journal = await open()
    expect(await journal.read(0, 1_000)).toEqual({ entries: [], damaged: [], next: 0 })
    await appendAll(journal, [tick(0)])

    expect(await journal.read(1, 1_000)).toEqual({ entries: [], damaged: [], next: 1 })
    await journal.close()
  })

  test('knows where each reader stands', async () => {
    const journal = await open()
    expect(await journal.positions()).toEqual(new Map())
    await journal.savePosition('history', 3)
    await journal.savePosition('analytics/elevator', 2)
    await journal.savePosition('history', 5)

    expect(await journal.positions()).toEqual(
      new Map([
        ['analytics/elevator', 2],
        ['history', 5],
      ]),
    )
    await journal.close()
  })

  test('positions saved at once are saved one after the other, and the last one stays', async () => {
    const journal = await open()
    const positions = Array.from({ length: 30 }, (_, position) => position + 1)
    await Promise.all(positions.map((position) => journal.savePosition('history', position)))
    expect(await journal.positions()).toEqual(new Map([['history', 30]]))
    await journal.close()
  })

  test('trims by age, and what is left is read without a word of damage', async () => {
    const journal = await open()
    await appendOneByOne(journal, 10, 100)
    await journal.savePosition('history', 10)

    expect(await journal.trim({ receivedBefore: 4, maxBytes: 1e9 })).toBe(4)
    const { entries, damaged } = await journal.read(0, 1_000_000)
    expect(damaged).toEqual([])
    expect(entries.map((entry) => entry.position)).toEqual([4, 5, 6, 7, 8, 9])
    await journal.close()
  })

  test('trims by size', async () => {
    const journal = await open()
    await appendOneByOne(journal, 10, 1_000)
    await journal.savePosition('history', 10)

    expect(await journal.trim({ receivedBefore: 0, maxBytes: 3_500 })).toBe(7)
    expect((await journal.read(7, 1_000_000)).entries).toHaveLength(3)
    await journal.close()
  })

  test('never trims what the slowest reader has still to read, nor anything while nobody reads', async () => {
    const journal = await open()
    await appendOneByOne(journal, 10, 100)
    expect(await journal.trim({ receivedBefore: 1e9, maxBytes: 0 })).toBe(0)

    await journal.savePosition('history', 9)
    await journal.savePosition('analytics', 3)
    expect(await journal.trim({ receivedBefore: 1e9, maxBytes: 0 })).toBe(3)
    expect((await journal.read(3, 1_000_000)).entries).toHaveLength(7)
    await journal.close()
  })

  test('trimmed to the last entry, it goes on counting', async () => {
    const journal = await open()
    await appendOneByOne(journal, 3, 100)
    await journal.savePosition('history', 3)
    expect(await journal.trim({ receivedBefore: 1e9, maxBytes: 0 })).toBe(3)
    await appendAll(journal, [tick(4)])

    expect((await journal.read(0, 1_000)).entries.map((entry) => entry.position)).toEqual([3])
    await journal.close()
  })

  test('closing waits for what was appended', async () => {
    const journal = await open()
    const errors: (Error | null)[] = []
    journal.append([tick(0)], (error) => errors.push(error))
    await journal.close()

    expect(errors).toEqual([null])
  })
}

export function message(receivedAt: number, text: string): JournalEntry & { type: 'message' } {
  return { type: 'message', receivedAt, gatewayId: 'gw-7', deviceId: 'elv-0042', payload: Buffer.from(text) }
}

export function tick(receivedAt: number): JournalEntry {
  return { type: 'tick', receivedAt }
}

function start(receivedAt: number): JournalEntry {
  return { type: 'start', receivedAt }
}

/** All at once; resolves when the last is durable. */
export async function appendAll(journal: Journal, entries: readonly JournalEntry[]): Promise<void> {
  await Promise.all(
    entries.map(
      (entry) =>
        new Promise<void>((resolve, reject) => {
          journal.append([entry], (error) => (error ? reject(error) : resolve()))
        }),
    ),
  )
}

/** Each in a commit of its own; entry n was received at n. */
export async function appendOneByOne(journal: Journal, count: number, payloadBytes: number): Promise<void> {
  for (let index = 0; index < count; index++) await appendAll(journal, [message(index, 'x'.repeat(payloadBytes))])
}

/** Everything from `from` to the head. */
export async function readAll(journal: Journal, from = 0): Promise<PositionedEntry[]> {
  const all: PositionedEntry[] = []
  for (let next = from; ; ) {
    const batch = await journal.read(next, 1_000_000)
    if (batch.next === next) return all
    all.push(...batch.entries)
    next = batch.next
  }
}

function plain(entries: readonly PositionedEntry[]): object[] {
  return entries.map((entry) =>
    'payload' in entry ? { ...entry, payload: Buffer.from(entry.payload).toString() } : entry,
  )
}
