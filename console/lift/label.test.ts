import { expect, test } from 'vitest'
import { hostOf, mayPrint } from './label.ts'

test('no label is printed whose code leads to the address that happened to be asked', () => {
  expect(mayPrint('https://liftwatt.example')).toBe(true)
  expect([null, undefined].map(mayPrint)).toEqual([false, false])
})

test('a label says where it leads to', () => {
  expect(hostOf('https://lift.example.cn/l/elv-1.q6pa4sdhdxdv')).toBe('lift.example.cn')
  expect(hostOf('http://127.0.0.1:8080/l/elv-1.q6pa4sdhdxdv')).toBe('127.0.0.1:8080')
})
