import { expect, test } from 'vitest'
import { chained, faultOfChain, type NewRecordEvent, type RecordEvent } from './record-chain.ts'

const about = { subjectType: 'inspection', subjectId: '3f0d8c1e-6f0a-4f6b-9a53-0d7f5a1b2c3d', actor: 'wang' }

function chainOf(...types: string[]): RecordEvent[] {
  const chain: RecordEvent[] = []
  for (const [index, type] of types.entries()) {
    const event: NewRecordEvent = { ...about, at: 1_000 - index, type, data: { index } }
    chain.push(chained(event, chain.at(-1)))
  }
  return chain
}

test('a chain that nobody touched is whole, and no event is earlier than the one before it', () => {
  const chain = chainOf('planned', 'started', 'done')
  expect(chain.map(({ number, at }) => [number, at])).toEqual([
    [1, 1_000],
    [2, 1_000],
    [3, 1_000],
  ])
  expect(faultOfChain(chain)).toBeUndefined()
  expect(faultOfChain(chain, { events: 2, hash: chain[1]?.hash ?? '' })).toBeUndefined()
})

test.each<[string, (chain: RecordEvent[]) => RecordEvent[], number]>([
  ['a word', ([one, two, ...rest]) => [one, { ...two, data: { index: 9 } }, ...rest] as RecordEvent[], 2],
  ['who did it', ([one, ...rest]) => [{ ...one, actor: 'li' }, ...rest] as RecordEvent[], 1],
  ['an event taken out', ([one, , ...rest]) => [one, ...rest] as RecordEvent[], 2],
  [
    'a chain of something else',
    (chain) => chain.map((one) => ({ ...one, subjectId: about.subjectId.replace('3', '4') })),
    1,
  ],
])('%s: the place is named', (_, change, event) => {
  expect(faultOfChain(change(chainOf('planned', 'started', 'done')))).toMatchObject({ event })
})

test('what was sealed is missed when it is cut off, or written anew', () => {
  const chain = chainOf('planned', 'started')
  const sealed = { events: 2, hash: chain[1]?.hash ?? '' }
  expect(faultOfChain(chain.slice(0, 1), sealed)).toEqual({ event: 2, text: 'Event 2 is missing: 2 were sealed' })
  expect(faultOfChain(chainOf('planned', 'done'), sealed)).toMatchObject({ event: 2 })
})
