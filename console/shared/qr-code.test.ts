import { expect, test } from 'vitest'
import { type QrCode, qrCode, qrPath } from './qr-code.ts'

/*
 * A reader of its own, from the tables of ISO/IEC 18004:2015 as they are printed: what it reads, any reader does.
 */

/** Annex C, table C.1: level M with masks 0 to 7. */
const formats = [
  '101010000010010',
  '101000100100101',
  '101111001111100',
  '101101101001011',
  '100010111111001',
  '100000011001110',
  '100111110010111',
  '100101010100000',
]

/** Annex D, table D.1. */
const versionWords = new Map([
  [7, '000111110010010100'],
  [8, '001000010110111100'],
  [9, '001001101010011001'],
  [10, '001010010011010011'],
])

/** Table 9, level M: codewords in all, and of how many blocks, with how many of data in the shorter ones. */
const blocksOf: Readonly<Record<number, readonly [all: number, blocks: number, data: number]>> = {
  ...{ 1: [26, 1, 16], 2: [44, 1, 28], 3: [70, 1, 44], 4: [100, 2, 32], 5: [134, 2, 43], 6: [172, 4, 27] },
  ...{ 7: [196, 4, 31], 8: [242, 4, 38], 9: [292, 5, 36], 10: [346, 5, 43] },
}

const masks: readonly ((i: number, j: number) => boolean)[] = [
  (i, j) => (i + j) % 2 === 0,
  (i) => i % 2 === 0,
  (_, j) => j % 3 === 0,
  (i, j) => (i + j) % 3 === 0,
  (i, j) => (Math.trunc(i / 2) + Math.trunc(j / 3)) % 2 === 0,
  (i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
]

const bit = (code: QrCode, row: number, column: number) => (code[row]?.[column] ? '1' : '0')

function read(code: QrCode): string {
  const size = code.length
  const version = (size - 17) / 4
  const [first, second] = formatsIn(code)
  expect(second).toBe(first)
  const mask = masks[formats.indexOf(first)]
  if (mask === undefined) throw new Error(`no format of level M: ${first}`)

  const isPattern = patternsOf(version)
  let bits = ''
  let upwards = true
  for (let column = size - 1; column > 0; column -= 2) {
    if (column === 6) column = 5
    for (let step = 0; step < size; step += 1) {
      const row = upwards ? size - 1 - step : step
      for (const j of [column, column - 1]) {
        if (!isPattern(row, j)) bits += (code[row]?.[j] === true) !== mask(row, j) ? '1' : '0'
      }
    }
    upwards = !upwards
  }
  const codewords = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  const blocks = blocksIn(codewords, version)
  for (const { all, data } of blocks) expect(syndromesOf(all, all.length - data.length).filter(Boolean)).toEqual([])
  const data = blocks.flatMap(({ data: of }) => of.map((byte) => byte.toString(2).padStart(8, '0'))).join('')
  expect(data.slice(0, 4)).toBe('0100')
  const lengthBits = version < 10 ? 8 : 16
  const length = Number.parseInt(data.slice(4, 4 + lengthBits), 2)
  const from = 4 + lengthBits
  const bytes = Array.from({ length }, (_, index) =>
    Number.parseInt(data.slice(from + 8 * index, from + 8 * index + 8), 2),
  )
  return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bytes))
}

/** Both copies, the most significant bit first: figure 25. */
function formatsIn(code: QrCode): [string, string] {
  const size = code.length
  const across = [0, 1, 2, 3, 4, 5, 7, 8].map((column) => bit(code, 8, column))
  const up = [7, 5, 4, 3, 2, 1, 0].map((row) => bit(code, row, 8))
  const left = Array.from({ length: 7 }, (_, index) => bit(code, size - 1 - index, 8))
  const top = Array.from({ length: 8 }, (_, index) => bit(code, 8, size - 8 + index))
  return [[...across, ...up].join(''), [...left, ...top].join('')]
}

function patternsOf(version: number): (row: number, column: number) => boolean {
  const size = 17 + 4 * version
  const last = size - 7
  const step = version < 7 ? last - 6 : (last - 6) / 2
  const centres = version === 1 ? [] : version < 7 ? [6, last] : [6, 6 + step, last]
  const isCorner = (i: number, j: number) => (i < 9 && j < 9) || (i < 9 && j >= size - 8) || (i >= size - 8 && j < 9)
  return (row, column) => {
    if (isCorner(row, column) || row === 6 || column === 6) return true
    if (version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11))) return true
    return centres.some((i) =>
      centres.some((j) => !isCorner(i, j) && Math.abs(row - i) <= 2 && Math.abs(column - j) <= 2),
    )
  }
}

function blocksIn(codewords: readonly number[], version: number): { all: number[]; data: number[] }[] {
  const [all, count, shorter] = blocksOf[version] ?? [0, 0, 0]
  expect(codewords).toHaveLength(all)
  const correction = Math.floor(all / count) - shorter
  const longer = all - count * (shorter + correction)
  const blocks = Array.from({ length: count }, () => ({ all: [] as number[], data: [] as number[] }))
  const lengths = blocks.map((_, index) => (index < count - longer ? shorter : shorter + 1))
  let at = 0
  for (let index = 0; index <= shorter; index += 1) {
    for (const [block, length] of lengths.entries()) if (index < length) blocks[block]?.data.push(codewords[at++] ?? 0)
  }
  for (const block of blocks) block.all.push(...block.data)
  for (let index = 0; index < correction; index += 1) for (const block of blocks) block.all.push(codewords[at++] ?? 0)
  return blocks
}

/** Of an undamaged block they are all 0: it is divisible by the generator, whose roots are 2⁰, 2¹, …, one for each correction. */
function syndromesOf(block: readonly number[], roots: number): number[] {
  const powers = [1]
  for (let index = 1; index < 255; index += 1) {
    const twice = (powers[index - 1] ?? 0) * 2
    powers.push(twice > 255 ? twice ^ 0b100011101 : twice)
  }
  const times = (one: number, power: number) => (one === 0 ? 0 : (powers[(powers.indexOf(one) + power) % 255] ?? 0))
  return Array.from({ length: roots }, (_, root) => block.reduce((sum, codeword) => times(sum, root) ^ codeword, 0))
}

test('an address of a lift is read as it was written', () => {
  const url = 'https://liftwatt.example.cn/l/elv-0042.q6pa4sdhdxdv'
  expect(read(qrCode(url))).toBe(url)
  expect(qrCode(url)).toHaveLength(17 + 4 * 4)
})

test('every length from nothing to the most is read, Chinese as well as Latin', () => {
  const lengths = [0, 1, 14, 15, 26, 27, 42, 43, 62, 63, 84, 85, 106, 107, 122, 123, 152, 153, 180, 181, 213]
  const sizes = lengths.map((length) => {
    const text = Array.from({ length }, (_, index) => String.fromCharCode(33 + ((index * 37) % 90))).join('')
    const code = qrCode(text)
    expect(read(code)).toBe(text)
    return (code.length - 17) / 4
  })
  expect(sizes).toEqual([1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10])
  expect(read(qrCode('电梯 42 号 🛗'))).toBe('电梯 42 号 🛗')
})

test('what is too long for a label is refused, and not cut', () => {
  expect(() => qrCode('x'.repeat(214))).toThrow('at most 213 bytes')
})

test('a reader finds its corners, its grid and, from version 7 on, its version', () => {
  const finder = ['1111111', '1000001', '1011101', '1011101', '1011101', '1000001', '1111111']
  for (const length of [10, 120, 150, 175, 200]) {
    const code = qrCode('a'.repeat(length))
    const size = code.length
    const part = (row: number, column: number, rows: number, columns: number) =>
      Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_, j) => bit(code, row + i, column + j)).join(''),
      )
    for (const [row, column] of [
      [0, 0],
      [0, size - 7],
      [size - 7, 0],
    ] as const) {
      expect(part(row, column, 7, 7)).toEqual(finder)
    }
    expect(part(7, 0, 1, 8)).toEqual(['00000000'])
    expect(part(6, 8, 1, size - 16)[0]).toMatch(/^1(01)+$/)
    expect(bit(code, size - 8, 8)).toBe('1')
    const version = (size - 17) / 4
    const word = Array.from({ length: 18 }, (_, i) => bit(code, Math.floor(i / 3), size - 11 + (i % 3)))
      .reverse()
      .join('')
    if (version >= 7) expect(word).toBe(versionWords.get(version))
  }
})

test('the drawing has the quiet zone of four modules and covers just the dark ones', () => {
  const code = qrCode('elv-1')
  const { size, path } = qrPath('elv-1')
  expect(size).toBe(21 + 8)
  const dark = new Set<string>()
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let index = 0; index < Number(width); index += 1) dark.add(`${Number(y) - 4} ${Number(x) + index - 4}`)
  }
  const wanted = code.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`${y} ${x}`] : [])))
  expect([...dark].sort()).toEqual(wanted.sort())
})
