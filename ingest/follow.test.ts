import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { silentLog } from '../core/log.ts'
import { memoryJournal } from '../stores/journal/memory.ts'
import type { Journal, JournalBatch } from '../stores/journal/port.ts'
import { type Consumer, type Following, followJournal } from './follow.ts'

interface Batch {
  readonly first: number
  readonly next: number
  readonly receivedAt: number[]
}

const running: Following[] = []
afterEach(() => Promise.all(running.splice(0).map((following) => following.stop())))

function append(journal: Journal, receivedAt: number): Promise<void> {
  return new Promise((resolve, reject) =>
    journal.append([{ type: 'tick', receivedAt }], (error) => (error ? reject(error) : resolve())),
  )
}

async function journalOf(count: number): Promise<Journal> {
  const journal = memoryJournal()
  await Promise.all(Array.from({ length: count }, (_, i) => append(journal, i)))
  return journal
}

function consumer(name: string, work: (batch: Batch) => Promise<void> | void = () => {}, startAt = 0) {
  let position = startAt
  const seen: number[] = []
  const offered: [first: number, next: number][] = []
  const it: Consumer<Batch> = {
    name,
    get position() {
      return position
    },
    get next() {
      return position
    },
    async take(batch) {
      offered.push([batch.first, batch.next])
      await work(batch)
      seen.push(...batch.receivedAt)
      position = batch.next
    },
  }
  return { it, seen, offered }
}

function follow(journal: Journal, consumers: Consumer<Batch>[], batchBytes = 30, clock = () => 0) {
  const decoded: number[] = []
  const following = followJournal({
    journal,
    batchBytes,
    async decode({ entries, next }: JournalBatch, first) {
      decoded.push(first)
      return { first, next, receivedAt: entries.map((entry) => entry.receivedAt) }
    },
    consumers,
    clock,
    log: silentLog,
  })
  running.push(following)
  return { following, decoded }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

test('catches up in order, and those who stand together share the decoding', async () => {
  const journal = await journalOf(50)
  const [history, analytics] = [consumer('history'), consumer('analytics')]
  const { decoded } = follow(journal, [history.it, analytics.it])

  await expect.poll(() => analytics.it.position).toBe(50)
  await expect.poll(() => history.it.position).toBe(50)
  expect(history.seen).toEqual(upTo(50))
  expect(analytics.seen).toEqual(upTo(50))
  expect(decoded.length).toBeGreaterThan(5)
  expect(new Set(decoded).size).toBe(decoded.length)
})

test('each begins where it stood', async () => {
  const journal = await journalOf(20)
  const [history, analytics] = [consumer('history', undefined, 15), consumer('analytics', undefined, 3)]
  follow(journal, [history.it, analytics.it])

  await expect.poll(() => [history.it.position, analytics.it.position]).toEqual([20, 20])
  expect(history.seen).toEqual([15, 16, 17, 18, 19])
  expect(analytics.seen).toEqual(upTo(20).slice(3))
})

test('what comes later is taken at the next call, and soon even without one', async () => {
  const journal = await journalOf(1)
  const { it, seen } = consumer('analytics')
  const { following } = follow(journal, [it])
  await expect.poll(() => seen).toEqual([0])

  await append(journal, 1)
  following.wake()
  await expect.poll(() => seen).toEqual([0, 1])
  await append(journal, 2)
  await expect.poll(() => seen).toEqual([0, 1, 2])
})

test('one whose store is down waits, says so, and gets the same batch again, while the other goes on', async () => {
  const journal = await journalOf(30)
  let down = true
  const history = consumer('history', () => {
    if (down) throw new Error('no space left on device')
  })
  const analytics = consumer('analytics')
  const { following } = follow(journal, [history.it, analytics.it], 30, () => 1_234)

  await expect.poll(() => analytics.it.position).toBe(30)
  await expect.poll(() => history.offered.length).toBeGreaterThan(1)
  expect(new Set(history.offered.map(([first]) => first))).toEqual(new Set([0]))
  expect(following.health()).toEqual([
    { name: 'history', position: 0, waitingFor: 'no space left on device', waitingSince: 1_234 },
    { name: 'analytics', position: 30, waitingFor: null, waitingSince: null },
  ])

  down = false
  await expect.poll(() => history.it.position).toBe(30)
  expect(history.seen).toEqual(upTo(30))
  expect(following.health()[0]).toMatchObject({ waitingFor: null, waitingSince: null })
})

test('one that cannot go on is tried ever more rarely, however often something new comes', async () => {
  const journal = await journalOf(3)
  const triedAt: number[] = []
  const history = consumer('history', () => {
    triedAt.push(performance.now())
    if (triedAt.length < 4) throw new Error('no space left on device')
  })
  const { following } = follow(journal, [history.it], 1_000)
  const comesNew = setInterval(() => following.wake(), 5)
  await expect.poll(() => history.it.position).toBe(3)
  clearInterval(comesNew)

  const waits = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0))
  expect(waits).toHaveLength(3)
  // 250, 500 and 1,000 ms; a timer counts from the turn in which it is set, which began before
  for (const [index, atLeastMs] of [200, 400, 800].entries()) expect(waits[index]).toBeGreaterThanOrEqual(atLeastMs)
})

test('a store that neither answers nor fails holds up nobody else', async () => {
  const journal = await journalOf(40)
  let answer = () => {}
  const hangs = new Promise<void>((resolve) => {
    answer = resolve
  })
  const history = consumer('history', () => hangs)
  const analytics = consumer('analytics')
  follow(journal, [history.it, analytics.it])

  await expect.poll(() => analytics.it.position).toBe(40)
  expect(history.offered).toHaveLength(1)
  answer()
  await expect.poll(() => history.it.position).toBe(40)
  expect(history.seen).toEqual(upTo(40))
})

test('a journal that cannot be read is waited for', async () => {
  const journal = await journalOf(3)
  let broken = true
  const { it } = consumer('analytics')
  const { following } = follow(
    { ...journal, read: (...args) => (broken ? Promise.reject(new Error('input/output')) : journal.read(...args)) },
    [it],
  )
  await expect.poll(() => following.health()[0]?.waitingFor).toBe('input/output')
  broken = false
  await expect.poll(() => it.position).toBe(3)
})

test('at rest it does not spin', async () => {
  const journal = await journalOf(3)
  let reads = 0
  const { it } = consumer('analytics')
  follow(
    {
      ...journal,
      read(...args) {
        reads += 1
        return journal.read(...args)
      },
    },
    [it],
  )
  await expect.poll(() => it.position).toBe(3)
  const before = reads
  await delay(300)
  expect(reads - before).toBeLessThanOrEqual(3)
})

test('stopping finishes the batch in hand and takes no other', async () => {
  const journal = await journalOf(100)
  const { it, offered } = consumer('analytics', () => delay(50))
  const { following } = follow(journal, [it])
  await expect.poll(() => offered.length).toBeGreaterThan(0)
  await following.stop()

  const at = it.position
  expect(at).toBe(offered.at(-1)?.[1])
  expect(at).toBeLessThan(100)
  await delay(100)
  expect(it.position).toBe(at)
})
