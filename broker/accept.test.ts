import { expect, test } from 'vitest'
import { StoreUnavailable } from '../core/errors.ts'
import { memoryJournal } from '../stores/journal/memory.ts'
import type { Journal, JournalEntry } from '../stores/journal/port.ts'
import { type Accepted, createAcceptance, maxPendingBytes, maxPendingBytesPerClient, overheadBytes } from './accept.ts'
import type { GuardControls } from './guard.ts'

const messageBytes = 64 * 1024
const payload = Buffer.alloc(messageBytes - overheadBytes)
/** So many are as much as one connection, or all together, may have unacknowledged. */
const mostPerClient = maxPendingBytesPerClient / messageBytes
const mostOfAll = maxPendingBytes / messageBytes

/** A connection that knows why it is not read. */
function connection() {
  const holds = new Set<string>()
  const controls: GuardControls = {
    remoteAddress: '192.0.2.7',
    authenticated() {},
    pauseReading: (reason) => holds.add(reason),
    resumeReading: (reason) => holds.delete(reason),
  }
  return { controls, isRead: () => holds.size === 0 }
}
type Connection = ReturnType<typeof connection>

/** An acceptance whose journal writes when it is told to. */
function slowDisk() {
  const appended: JournalEntry[] = []
  const waiting: ((error: Error | null) => void)[] = []
  const journal: Journal = {
    ...memoryJournal(),
    append(entries, onDurable) {
      appended.push(...entries)
      waiting.push(onDurable)
    },
  }
  const accepted: Accepted[] = []
  const acceptance = createAcceptance({ journal, clock: () => 1_234, onAccepted: (some) => accepted.push(some) })
  const acknowledged: (string | Error)[] = []
  return {
    ...acceptance,
    appended,
    accepted,
    acknowledged,
    send(from: Connection, count = 1, deviceId = 'd1') {
      for (let n = 0; n < count; n++) {
        acceptance.accept('gw-1', [{ deviceId, payload }], from.controls, (error) =>
          acknowledged.push(error ?? deviceId),
        )
      }
    },
    write(count: number, error: Error | null = null) {
      for (const onDurable of waiting.splice(0, count)) onDurable(error)
    },
  }
}

/** Many with one message each; usually they fill the house to its last byte, without anyone who has too much. */
function crowd(disk: ReturnType<typeof slowDisk>, count = mostOfAll): Connection[] {
  const connections = Array.from({ length: count }, connection)
  for (const one of connections) disk.send(one)
  return connections
}

test('messages are appended and acknowledged in the order in which they came, and counted when they are on disk', () => {
  const disk = slowDisk()
  const [one, other] = [connection(), connection()]
  disk.send(one, 1, 'a')
  disk.send(other, 1, 'b')
  disk.send(one, 1, 'c')
  expect(disk.appended).toMatchObject(
    ['a', 'b', 'c'].map((deviceId) => ({ gatewayId: 'gw-1', deviceId, receivedAt: 1_234 })),
  )
  expect([disk.acknowledged, disk.accepted]).toEqual([[], []])

  disk.write(2)
  expect(disk.acknowledged).toEqual(['a', 'b'])
  disk.write(1)
  expect(disk.acknowledged).toEqual(['a', 'b', 'c'])
  expect(disk.accepted).toEqual(
    Array.from({ length: 3 }, () => ({ gatewayId: 'gw-1', receivedAt: 1_234, messages: 1, bytes: payload.length })),
  )
})

test('what the disk refuses is no longer pending, and neither acknowledged nor counted', () => {
  const disk = slowDisk()
  disk.send(connection())
  disk.write(1, new Error('no space left'))
  expect(disk.acknowledged).toEqual([expect.any(StoreUnavailable)])
  expect(disk.accepted).toEqual([])
  expect(disk.pendingBytes()).toBe(0)
})

test('one who has more than 1 MiB unacknowledged is not read until half of it is on disk; others are', () => {
  const disk = slowDisk()
  const [greedy, modest] = [connection(), connection()]
  disk.send(greedy, mostPerClient)
  expect(greedy.isRead()).toBe(true)
  disk.send(greedy)
  disk.send(modest)
  expect([greedy.isRead(), modest.isRead()]).toEqual([false, true])

  disk.write(mostPerClient / 2 + 1)
  expect(greedy.isRead()).toBe(false)
  disk.write(1)
  expect(greedy.isRead()).toBe(true)
})

test('while all together have more than 128 MiB unacknowledged, nobody who sends is read', () => {
  const disk = slowDisk()
  const connections = crowd(disk)
  expect(disk.pendingBytes()).toBe(maxPendingBytes)
  expect(connections.every(({ isRead }) => isRead())).toBe(true)

  const late = connection()
  disk.send(late)
  expect(late.isRead()).toBe(false)
  disk.write(1)
  expect(late.isRead()).toBe(true)
})

test('whoever has all on disk while the house is full goes on when it no longer is; who has too much does not', () => {
  const disk = slowDisk()
  const [early, greedy] = [connection(), connection()]
  crowd(disk)
  disk.send(early)
  const others = crowd(disk, mostOfAll + 1 - mostPerClient / 2)
  disk.send(greedy, mostPerClient / 2)
  expect(early.isRead()).toBe(false)
  disk.write(mostOfAll + 1)
  expect(early.isRead()).toBe(false)

  disk.write(1)
  expect(disk.pendingBytes()).toBe(maxPendingBytes)
  expect([early, ...others].every(({ isRead }) => isRead())).toBe(true)
  expect(greedy.isRead()).toBe(false)
  disk.write(others.length)
  expect(greedy.isRead()).toBe(true)
})

test('held back, everyone who sends is read no further, until all may go on', () => {
  const disk = slowDisk()
  const [sends, silent] = [connection(), connection()]
  disk.holdBack(true)
  disk.send(sends, 2)
  expect([sends.isRead(), silent.isRead()]).toEqual([false, true])
  disk.write(2)
  expect(sends.isRead()).toBe(false)
  disk.holdBack(false)
  expect(sends.isRead()).toBe(true)
  disk.send(sends)
  expect(sends.isRead()).toBe(true)
})

test('it has settled when nothing is pending any more, at once when nothing is', async () => {
  const disk = slowDisk()
  await disk.settled()
  disk.send(connection(), 2)
  let settled = 0
  const both = Promise.all([disk.settled(), disk.settled()].map((one) => one.then(() => settled++)))
  disk.write(1)
  await Promise.resolve()
  expect(settled).toBe(0)
  disk.write(1)
  await both
  expect(settled).toBe(2)
})
