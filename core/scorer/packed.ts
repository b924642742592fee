/**
 * Numbers as text: four bytes each (IEEE 754 single precision, 7 digits, little-endian as on every machine that Node.js has binaries
 * for), in base64. A number takes 5.3 characters so, and about 19 as JSON writes it.
 *
 * What is packed and unpacked is rounded once, and from then on stays the same to the last bit.
 */
const mostNumbers = 64
/** The place to put them before `pack`, and to find them after `unpack`: what is in it holds until the next call of anybody. */
export const numbers = new Float32Array(mostNumbers)
const bytes = Buffer.from(numbers.buffer)

/** The first `count` of `numbers`. */
export function pack(count: number): string {
  return bytes.toString('base64', 0, 4 * count)
}

export function unpack(text: string): void {
  bytes.write(text, 'base64')
}
