import { expect, test } from 'vitest'
import { callersOf, callerText, withCaller } from './callers.ts'

test('each caller has their own phone and words, in the order in which they called', () => {
  expect(callersOf(null)).toEqual([])
  const reportedBy = { 'words 10': '还在里面', 'phone 2': '0571-2', phone: '0571-1', words: '有人被困', 'name 2': '李' }
  expect(callersOf(reportedBy)).toEqual([
    { phone: '0571-1', words: '有人被困' },
    { name: '李', phone: '0571-2' },
    { words: '还在里面' },
  ])
  expect(callersOf(reportedBy).map(callerText)).toEqual(['0571-1: 有人被困', '李 0571-2', '还在里面'])
})

test('the callers of two orders that become one are all kept, each with their own words', () => {
  const [earlier, other] = [
    { phone: '0571-1', words: '有人被困' },
    { name: '李', phone: '0571-2' },
  ]
  const both = callersOf(other).reduce(withCaller, earlier)
  expect(callersOf(both)).toEqual([earlier, other])
  const many = Array.from({ length: 30 }, (_, index) => ({ phone: String(index) }))
  expect(callersOf(many.reduce(withCaller, {})).map(({ phone }) => phone)).toEqual(
    many.slice(0, 20).map(({ phone }) => phone),
  )
})
