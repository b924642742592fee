/**
 * QR codes of bytes, error correction level M (15 % may be dirt or scratches), versions 1 to 10: up to 213 bytes, three times the
 * address of a lift.
 *
 * Source  ISO/IEC 18004:2015: capacities table 7, blocks table 9, alignment annex E, format and version annexes C and D,
 *         masks 7.8.2, penalties 7.8.3
 */
interface Version {
  /** Data codewords of each block; the last ones may be longer by one. */
  readonly blocks: readonly number[]
  /** Error correction codewords of each block. */
  readonly correction: number
  /** Centres of the alignment patterns, in both directions. */
  readonly centres: readonly number[]
}

const versions: readonly Version[] = [
  { blocks: [16], correction: 10, centres: [] },
  { blocks: [28], correction: 16, centres: [6, 18] },
  { blocks: [44], correction: 26, centres: [6, 22] },
  { blocks: [32, 32], correction: 18, centres: [6, 26] },
  { blocks: [43, 43], correction: 24, centres: [6, 30] },
  { blocks: [27, 27, 27, 27], correction: 16, centres: [6, 34] },
  { blocks: [31, 31, 31, 31], correction: 18, centres: [6, 22, 38] },
  { blocks: [38, 38, 39, 39], correction: 22, centres: [6, 24, 42] },
  { blocks: [36, 36, 36, 37, 37], correction: 22, centres: [6, 26, 46] },
  { blocks: [43, 43, 43, 43, 44], correction: 26, centres: [6, 28, 50] },
]

/** Rows of modules, true = dark, without the quiet zone, which is 4 modules wide. */
export type QrCode = readonly (readonly boolean[])[]

/** @throws {RangeError} for a text of more bytes than version 10 holds */
export function qrCode(text: string): QrCode {
  const bytes = new TextEncoder().encode(text)
  const number = versions.findIndex((_, index) => bytes.length <= roomOf(index + 1)) + 1
  const version = versions[number - 1]
  if (version === undefined) throw new RangeError(`A QR code of ours holds at most ${roomOf(versions.length)} bytes`)
  const codewords = interleaved(dataOf(bytes, number, version), version)
  const plain = placed(number, version, codewords)
  const masked = masks.map((_, mask) => withMask(plain, mask, number))
  const penalties = masked.map(penaltyOf)
  return masked[penalties.indexOf(Math.min(...penalties))] ?? []
}

/** Bytes that a version holds: four bits say the mode, eight or sixteen the length. */
function roomOf(number: number): number {
  const { blocks = [] } = versions[number - 1] ?? {}
  return Math.floor((sum(blocks) * 8 - 4 - lengthBits(number)) / 8)
}

function lengthBits(number: number): number {
  return number < 10 ? 8 : 16
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

function dataOf(bytes: Uint8Array, number: number, { blocks }: Version): number[] {
  const bits = [...bitsOf(0b0100, 4), ...bitsOf(bytes.length, lengthBits(number))]
  for (const byte of bytes) bits.push(...bitsOf(byte, 8))
  const room = sum(blocks)
  bits.push(...bitsOf(0, Math.min(4, room * 8 - bits.length)))
  while (bits.length % 8 !== 0) bits.push(0)
  const codewords = Array.from({ length: bits.length / 8 }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((value, bit) => value * 2 + bit, 0),
  )
  for (let filler = 0xec; codewords.length < room; filler ^= 0xec ^ 0x11) codewords.push(filler)
  return codewords
}

/** The highest first. */
function bitsOf(value: number, length: number): number[] {
  return Array.from({ length }, (_, index) => (value >> (length - 1 - index)) & 1)
}

/** The first codeword of each block, then the second ones, and so on; so a scratch costs each block a little. */
function interleaved(data: readonly number[], { blocks, correction }: Version): number[] {
  let at = 0
  const parts = blocks.map((length) => {
    at += length
    return data.slice(at - length, at)
  })
  const corrections = parts.map((part) => remainderOf(part, correction))
  const longest = Math.max(...blocks)
  const all: number[] = []
  for (let index = 0; index < longest; index += 1) for (const part of parts) push(all, part[index])
  for (let index = 0; index < correction; index += 1) for (const part of corrections) push(all, part[index])
  return all
}

function push(all: number[], codeword: number | undefined): void {
  if (codeword !== undefined) all.push(codeword)
}

/** Reed–Solomon over GF(256) with x⁸ + x⁴ + x³ + x² + 1: the remainder of the data by the generator of this degree. */
function remainderOf(data: readonly number[], degree: number): number[] {
  const generator = generatorOf(degree)
  const remainder = new Array<number>(degree).fill(0)
  for (const codeword of data) {
    const factor = codeword ^ (remainder.shift() ?? 0)
    remainder.push(0)
    for (const [index, coefficient] of generator.entries()) {
      remainder[index] = (remainder[index] ?? 0) ^ times(coefficient, factor)
    }
  }
  return remainder
}

/** (x − 2⁰)(x − 2¹)…, the highest coefficient, which is 1, left out. */
function generatorOf(degree: number): number[] {
  const coefficients = [...new Array<number>(degree - 1).fill(0), 1]
  let root = 1
  for (let step = 0; step < degree; step += 1) {
    for (let index = 0; index < degree; index += 1) {
      coefficients[index] = times(coefficients[index] ?? 0, root) ^ (coefficients[index + 1] ?? 0)
    }
    root = times(root, 2)
  }
  return coefficients
}

function times(one: number, other: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    product ^= ((other >> bit) & 1) * one
  }
  return product
}

/** Undefined = not set yet: there the data go. */
type Grid = (boolean | undefined)[][]

interface Plain {
  readonly grid: Grid
  /** Modules of data, which alone are masked. */
  readonly data: readonly (readonly [row: number, column: number])[]
}

function placed(number: number, { centres }: Version, codewords: readonly number[]): Plain {
  const size = 17 + 4 * number
  const grid: Grid = Array.from({ length: size }, () => new Array<boolean | undefined>(size).fill(undefined))
  const set = (row: number, column: number, dark: boolean) => {
    const line = grid[row]
    if (line !== undefined && column >= 0 && column < size) line[column] = dark
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const) {
    square(4, (down, right, ring) => set(row + down, column + right, ring !== 2 && ring !== 4))
  }
  for (const row of centres) {
    for (const column of centres) {
      if (grid[row]?.[column] !== undefined) continue // a corner has its own
      square(2, (down, right, ring) => set(row + down, column + right, ring !== 1))
    }
  }
  for (let at = 8; at < size - 8; at += 1) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  writeFormat(set, size, 0) // only to keep its place
  if (number >= 7) writeVersion(set, size, number)
  return { grid, data: fill(grid, size, codewords) }
}

/** All modules around a centre, with how far out each is. */
function square(radius: number, visit: (down: number, right: number, ring: number) => void): void {
  for (let down = -radius; down <= radius; down += 1) {
    for (let right = -radius; right <= radius; right += 1) visit(down, right, Math.max(Math.abs(down), Math.abs(right)))
  }
}

/** In pairs of columns from the right, upwards and downwards in turn, around what is there. Answers where. */
function fill(grid: Grid, size: number, codewords: readonly number[]): [number, number][] {
  const bits = codewords.flatMap((codeword) => bitsOf(codeword, 8))
  const data: [number, number][] = []
  for (let right = size - 1, up = true; right > 0; right -= right === 8 ? 3 : 2, up = !up) {
    // the column of the timing pattern is no pair's
    for (let step = 0; step < size; step += 1) {
      const row = up ? size - 1 - step : step
      const line = grid[row] ?? []
      for (const column of [right, right - 1]) {
        if (line[column] !== undefined) continue
        line[column] = bits[data.length] === 1 // what is left over is light
        data.push([row, column])
      }
    }
  }
  return data
}

const masks: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
]

function withMask({ grid, data }: Plain, mask: number, number: number): boolean[][] {
  const code = grid.map((row) => row.map((dark) => dark === true))
  for (const [row, column] of data) {
    const line = code[row]
    if (line !== undefined && masks[mask]?.(row, column)) line[column] = !line[column]
  }
  writeFormat(
    (row, column, dark) => {
      const line = code[row]
      if (line !== undefined) line[column] = dark
    },
    17 + 4 * number,
    mask,
  )
  return code
}

type Set = (row: number, column: number, dark: boolean) => void

/** Level M is 00; BCH(15, 5), twice, so that one corner may be torn off. */
function writeFormat(set: Set, size: number, mask: number): void {
  const bits = bitsOf(((mask << 10) | bchOf(mask, 10, 0b10100110111)) ^ 0b101010000010010, 15)
  for (const [index, bit] of bits.entries()) {
    const dark = bit === 1
    if (index < 6) set(8, index, dark)
    else if (index < 8) set(8, index + 1, dark)
    else set(index === 8 ? 7 : 14 - index, 8, dark)
    if (index < 7) set(size - 1 - index, 8, dark)
    else set(8, size - 15 + index, dark)
  }
  set(size - 8, 8, true)
}

/** BCH(18, 6), twice. */
function writeVersion(set: Set, size: number, number: number): void {
  const bits = bitsOf((number << 12) | bchOf(number, 12, 0b1111100100101), 18).reverse()
  for (const [index, bit] of bits.entries()) {
    const along = Math.floor(index / 3)
    const across = size - 11 + (index % 3)
    set(along, across, bit === 1)
    set(across, along, bit === 1)
  }
}

function bchOf(value: number, degree: number, generator: number): number {
  let rest = value << degree
  for (let bit = 31 - Math.clz32(rest); bit >= degree; bit = 31 - Math.clz32(rest)) rest ^= generator << (bit - degree)
  return rest
}

/** How hard a reader finds it: the mask with the least is taken. */
function penaltyOf(code: QrCode): number {
  const size = code.length
  const columns = Array.from({ length: size }, (_, column) => code.map((row) => row[column] === true))
  const lines = [...code, ...columns].map((line) => line.map((dark) => (dark ? '1' : '0')).join(''))
  let penalty = 0
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2
    // a finder pattern with light on either side; they may overlap
    penalty += 40 * [...line.matchAll(/(?=00001011101|10111010000)/g)].length
  }
  for (let row = 1; row < size; row += 1) {
    for (let column = 1; column < size; column += 1) {
      const dark = code[row]?.[column]
      const isBlock = [code[row]?.[column - 1], code[row - 1]?.[column], code[row - 1]?.[column - 1]]
      if (isBlock.every((other) => other === dark)) penalty += 3
    }
  }
  const share = (100 * code.flat().filter(Boolean).length) / size ** 2
  return penalty + 10 * Math.floor(Math.abs(share - 50) / 5)
}

/** The path of an SVG, one unit per module, with the quiet zone: `viewBox` is "0 0 size size". */
export function qrPath(text: string): { size: number; path: string } {
  const code = qrCode(text)
  const path = code.flatMap((row, y) =>
    [
      ...row
        .map((dark) => (dark ? '1' : '0'))
        .join('')
        .matchAll(/1+/g),
    ].map(({ 0: run, index }) => `M${index + quietZone} ${y + quietZone}h${run.length}v1h-${run.length}z`),
  )
  return { size: code.length + 2 * quietZone, path: path.join('') }
}

const quietZone = 4
