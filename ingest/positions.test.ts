import { beforeEach, expect, test } from 'vitest'
import { createPositionKeeper } from './positions.ts'

let saved: [string, number][]
let at: { history: number; analytics: number }
let isDiskFull: boolean
let save: () => Promise<void>

beforeEach(() => {
  saved = []
  at = { history: 0, analytics: 0 }
  isDiskFull = false
  const savePosition = async (reader: string, position: number) => {
    if (isDiskFull) throw new Error('ENOSPC')
    saved.push([reader, position])
  }
  save = createPositionKeeper({ savePosition }, { history: () => at.history, analytics: () => at.analytics })
})

test('the first time each is saved, for nothing is trimmed that a known reader needs; then only who has moved', async () => {
  await save()
  await save()
  at.history = 7
  await save()
  await save()
  expect(saved).toEqual([
    ['history', 0],
    ['analytics', 0],
    ['history', 7],
  ])
})

test('what was not saved is saved with the next call, as it is then', async () => {
  isDiskFull = true
  await expect(save()).rejects.toThrow('ENOSPC')
  isDiskFull = false
  at = { history: 3, analytics: 2 }
  await save()
  expect(saved).toEqual([
    ['history', 3],
    ['analytics', 2],
  ])
})
