import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import type { DataThreadStatus } from './data-thread.ts'
import { checkHealth, noteProgress } from './health.ts'

const seconds = (count: number) => count * 1_000

function statusAt(position: number, waitingFor: string | null = null): DataThreadStatus {
  const waitingSince = waitingFor === null ? null : 0
  const consumers = [{ name: 'analytics', position, waitingFor, waitingSince }]
  const memory = { heapBytes: 0, historyBytes: null }
  const counts = {
    devices: 1,
    written: 0,
    analysed: 0,
    quarantined: {},
    episodes: {},
    brokenRules: 0,
    leftOut: 0,
    damagedEntries: 0,
  }
  return { consumers, ...counts, memory }
}

/** What is wrong `now`, after statuses that came at `at` while the journal's head was `head`. */
function problems(came: { at: number; status: DataThreadStatus; head: number }[], seen: { head: number; now: number }) {
  let data: Parameters<typeof checkHealth>[0]['data']
  for (const { at, status, head } of came) data = { status, progress: noteProgress(data, status, head, at) }
  const { checks } = checkHealth({
    journal: { head: seen.head, problem: null },
    data,
    dataFailed: null,
    directory: tmpdir(),
    now: seen.now,
  })
  return checks.filter(({ ok, name }) => !ok && name !== 'disk').map(({ name, text }) => `${name} ${text}`)
}

/** A status a second, from 0 to `until`. */
function everySecond(until: number, status: (second: number) => DataThreadStatus, head: (second: number) => number) {
  return Array.from({ length: until + 1 }, (_, second) => ({
    at: seconds(second),
    status: status(second),
    head: head(second),
  }))
}

const restart = 'If it stays so, restart the service: nothing that was acknowledged is lost'

test('a consumer that hangs with three entries before it is named after 30 s, not before', () => {
  const came = everySecond(
    30,
    () => statusAt(7),
    () => 10,
  )
  expect(problems(came.slice(0, 30), { head: 10, now: seconds(29) })).toEqual([])
  expect(problems(came, { head: 10, now: seconds(30) })).toEqual([
    `analytics has not moved for 30 s: 3 entries are kept for it. ${restart}`,
  ])
})

test('a consumer that stands beyond the end of the journal is blind', () => {
  const came = [{ at: 0, status: statusAt(154), head: 100 }]
  expect(problems(came, { head: 100, now: 0 })).toEqual([
    'analytics 54 entries ahead of the journal, which has lost its end: what comes now is not looked at. Restart the service: then it is taken again; what the disk has lost is lost',
  ])
})

test('one that has had nothing to do all night is not late when the first entry comes', () => {
  const night = everySecond(
    600,
    () => statusAt(10),
    () => 10,
  )
  const morning = { at: seconds(601), status: statusAt(10), head: 11 }
  expect(problems([...night, morning], { head: 11, now: seconds(602) })).toEqual([])
})

test('one that works off a backlog slowly is left in peace', () => {
  const came = everySecond(
    300,
    (second) => statusAt(Math.floor(second / 20)),
    () => 1_000,
  )
  expect(problems(came, { head: 1_000, now: seconds(300) })).toEqual([])
})

test('after it has moved again all is well', () => {
  const hung = everySecond(
    60,
    () => statusAt(7),
    () => 10,
  )
  const moved = { at: seconds(61), status: statusAt(8), head: 10 }
  expect(problems([...hung, moved], { head: 10, now: seconds(61) })).toEqual([])
})

test('one that waits for its store says for what', () => {
  const came = everySecond(
    60,
    () => statusAt(7, 'no space left'),
    () => 10,
  )
  expect(problems(came, { head: 10, now: seconds(60) })).toEqual([
    'analytics waits since 1970-01-01T00:00:00.000Z: no space left (3 entries are kept for it)',
  ])
})

test('one that has worked is forgiven a wait of some seconds; one whose store never answered since the start is not', () => {
  const waiting = (position: number) => ({ at: seconds(2), status: statusAt(position, 'ECONNREFUSED'), head: 10 })
  const worked = [
    { at: 0, status: statusAt(7), head: 10 },
    { at: seconds(1), status: statusAt(8), head: 10 },
  ]
  expect(problems([...worked, waiting(8)], { head: 10, now: seconds(9.9) })).toEqual([])
  expect(problems([...worked, waiting(8)], { head: 10, now: seconds(10) })).toHaveLength(1)
  expect(problems([{ at: 0, status: statusAt(8), head: 10 }, waiting(8)], { head: 10, now: seconds(2) })).toEqual([
    'analytics waits since 1970-01-01T00:00:00.000Z: ECONNREFUSED (2 entries are kept for it)',
  ])
})

test('a data thread that is silent for 10 s is named, even with nothing to do', () => {
  const came = [{ at: 0, status: statusAt(10), head: 10 }]
  expect(problems(came, { head: 10, now: seconds(9) })).toEqual([])
  expect(problems(came, { head: 10, now: seconds(10) })).toEqual([
    `data thread has not been heard of for 10 s: nothing is stored or analysed. ${restart}`,
  ])
})

test('a rule that fails, or an event that nobody can record, is trouble: somebody is not told of a danger', () => {
  const blind = { at: 0, status: { ...statusAt(10), brokenRules: 1 }, head: 10 }
  expect(problems([blind], { head: 10, now: 0 })).toEqual([
    expect.stringMatching(/^rules 1 rules failed on a device, 0 events/),
  ])
})

test('a disk that is nearly full is told with what is wanted', () => {
  const { checks } = checkHealth({
    ...{ journal: { head: 0, problem: null }, data: undefined, dataFailed: null, now: 0 },
    directory: '/proc', // a file system on which nothing is ever free
  })
  expect(checks.find(({ name }) => name === 'disk')).toEqual({
    name: 'disk',
    ok: false,
    text: 'only 0 MiB free; 512 MiB are wanted',
  })
})

test('entries that were damaged and skipped are said, and leave it ready', () => {
  const status = { ...statusAt(9), damagedEntries: 6 }
  const { checks } = checkHealth({
    journal: { head: 9, problem: null },
    data: { status, progress: noteProgress(undefined, status, 9, 0) },
    dataFailed: null,
    directory: tmpdir(),
    now: 0,
  })
  expect(checks.find(({ name }) => name === 'journal')).toEqual({
    name: 'journal',
    ok: true,
    text: '9 entries written; 6 were damaged and have been skipped since the start: the log says which',
  })
})
