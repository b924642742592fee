import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commitmentOf, countOfShare, drawSample, lowest, populationHash, rankOf } from './sample.ts'

const ids = (count: number) => Array.from({ length: count }, (_, index) => `elv-${index + 1}`)

test('the worked example of docs/inspections.md', () => {
  const seed = 'spring-in-hangzhou'
  expect(commitmentOf(seed)).toBe('d8088718f8fee1f28e4ac304eb5444fb3687cdbd663868c315dbb85cd43f55f3')
  expect(populationHash(ids(6))).toBe('9259c18ba4ecd2795dca9fea22f30579715dfb0ae7b1f58ce699364b8d7a1aef')
  expect(drawSample(seed, '2026-12', ids(6), 3)).toEqual([
    { id: 'elv-2', rank: '0374596321f1029c60cdc0265b94667e9893182f0802499d6f61432d1fa1e431' },
    { id: 'elv-1', rank: '269f865bc65b59a1f1f0496e7e5dcc55d3eb2796168cafc39d3a1956ee22e8a8' },
    { id: 'elv-5', rank: '48fb6ad55654f8585ed9b919ec9e595391cfb989864ceb9611141d7fcee79416' },
  ])
})

test('what docs/inspections.md says to type prints what stands there, with nothing of ours', () => {
  const docs = readFileSync(new URL('../../docs/inspections.md', import.meta.url), 'utf8')
  const [, example = ''] = /```\n(\$ printf[^`]*)```/.exec(docs) ?? []
  const lines = example.split('\n').filter((line) => line !== '' && !line.includes('npx'))
  const typed = lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2))
  expect(typed).toHaveLength(4)
  const directory = mkdtempSync(join(tmpdir(), 'liftwatt-sample-'))
  const printed = execFileSync('bash', ['-c', typed.join('\n')], { cwd: directory, encoding: 'utf8' })
  rmSync(directory, { recursive: true })
  expect(printed.trimEnd().split('\n')).toEqual(lines.filter((line) => !line.startsWith('$ ')))
})

test('the order of the list, and an id that stands twice, change nothing', () => {
  const population = ids(40)
  const drawn = drawSample('s', '2026-12', population, 7)
  expect(drawSample('s', '2026-12', [...population].reverse().concat('elv-3'), 7)).toEqual(drawn)
  expect(populationHash([...population].reverse().concat('elv-3'))).toBe(populationHash(population))
  expect(drawn.map(({ rank }) => rank)).toEqual(drawn.map(({ rank }) => rank).toSorted())
})

test('another month, another seed or another population is another sample', () => {
  const drawn = drawSample('s', '2026-12', ids(100), 10)
  expect(drawSample('s', '2027-01', ids(100), 10)).not.toEqual(drawn)
  expect(drawSample('t', '2026-12', ids(100), 10)).not.toEqual(drawn)
  expect(populationHash(ids(99))).not.toBe(populationHash(ids(100)))
})

test('who leaves the population takes nobody else out of the sample', () => {
  const drawn = drawSample('s', '2026-12', ids(100), 10).map(({ id }) => id)
  const left = drawSample(
    's',
    '2026-12',
    ids(100).filter((id) => id !== drawn[0]),
    10,
  ).map(({ id }) => id)
  expect(left.slice(0, 9)).toEqual(drawn.slice(1))
})

test('a sample is the same when it is drawn from a slice at a time', () => {
  const population = ids(100)
  const slices = [population.slice(0, 30), population.slice(30, 31), population.slice(31)]
  const drawn = slices.flatMap((slice) => drawSample('s', '2026-12', slice, 10))
  expect(lowest(drawn, 10)).toEqual(drawSample('s', '2026-12', population, 10))
})

test.each([
  [0, 100, 0],
  [0.05, 2_763, 139],
  [0.05, 20, 1],
  [0.05, 1, 1],
  [0.1, 30, 3],
  [0.07, 100, 7],
  [1, 3, 3],
  [0.00005, 10, 1],
])('%s of %s elevators are %s', (share, population, count) => {
  expect(countOfShare(share, population)).toBe(count)
})

test('fewer elevators than are asked for are all drawn, and of none, none', () => {
  expect(drawSample('s', '2026-12', ids(3), 5)).toHaveLength(3)
  expect(drawSample('s', '2026-12', [], 5)).toEqual([])
})

/**
 * Of 20 elevators 4 are drawn, 10,000 times. Each should be drawn 2,000 times; a draw without replacement varies less than
 * one with it, by (N - n) / (N - 1): so scaled, the sum is chi-square with N - 1 degrees of freedom. The bounds are its
 * 0.05 % and 99.95 % quantiles (19 degrees: 4.91 and 45.97, 189 degrees: 131.4 and 260.6), from tables.
 */
test('over 10,000 seeds each elevator is drawn as often as any other, and so is each pair', () => {
  const population = ids(20)
  const seeds = 10_000
  const singles = new Map<string, number>()
  const pairs = new Map<string, number>()
  const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  for (let seed = 0; seed < seeds; seed += 1) {
    const drawn = drawSample(`seed-${seed}`, '2026-12', population, 4)
      .map(({ id }) => id)
      .sort()
    for (const [index, id] of drawn.entries()) {
      add(singles, id)
      for (const other of drawn.slice(index + 1)) add(pairs, `${id} ${other}`)
    }
  }
  const deviation = (counts: Map<string, number>, expected: number) =>
    [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)

  expect(singles.size).toBe(20)
  const ofSingles = (deviation(singles, 2_000) * 19) / 16
  expect(ofSingles).toBeGreaterThan(4.9)
  expect(ofSingles).toBeLessThan(46)
  expect(pairs.size).toBe(190)
  const expected = (seeds * 6) / 190
  // pairs that share an elevator are not independent, which widens it a little
  expect(deviation(pairs, expected)).toBeLessThan(300)
  expect(deviation(pairs, expected)).toBeGreaterThan(110)
})

test('the ranks are plain SHA-256 of what stands in the docs', () => {
  const byHand = createHash('sha256').update('42\n2026-12\nelv-7', 'utf8').digest('hex')
  expect(rankOf('42', '2026-12', 'elv-7')).toBe(byHand)
})
