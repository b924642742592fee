import { expect, test } from 'vitest'
import { NoAnswer } from '../shared/api.ts'
import { createOnce } from './once.ts'

const note = { type: 'note', text: '电话线路检修', name: '陈' }

test('a double tap is sent once, and the second tap is told nothing', async () => {
  const once = createOnce()
  const keys: string[] = []
  let answer = () => {}
  const send = (key: string) => {
    keys.push(key)
    return new Promise<void>((resolve) => (answer = resolve))
  }

  const first = once.do(note, send)
  expect(once.isBusy.value).toBe(true)
  expect(await once.do(note, send)).toBe(false)
  expect(once.problem.value).toBeNull()
  answer()

  expect(await first).toBe(true)
  expect(once.isBusy.value).toBe(false)
  expect(keys).toHaveLength(1)
})

test('what nobody answered is asked again under its key; other words and what was done before are not', async () => {
  const once = createOnce()
  const keys: string[] = []
  const lose = async (key: string) => {
    keys.push(key)
    throw new NoAnswer('No answer')
  }
  const take = async (key: string) => {
    keys.push(key)
  }

  expect(await once.do(note, lose)).toBe(false)
  expect(once.problem.value).toBeInstanceOf(NoAnswer)
  expect(once.isBusy.value).toBe(false)
  await once.do({ ...note }, take)
  expect(once.problem.value).toBeNull()
  await once.do(note, take)
  await once.do({ ...note, name: '林' }, lose)
  await once.do(note, take)

  const [lost, again, ...others] = keys
  expect(again).toBe(lost)
  expect(new Set([lost, ...others]).size).toBe(4)
})
