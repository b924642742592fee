/**
 * Numbers in [0, 1), the same ones for the same seed (a safe integer), on every machine.
 *
 * Source  sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, passes PractRand and BigCrush; filled from the seed by
 *         splitmix32, so that neighbouring seeds have nothing in common. Not for secrets.
 */
export function seededRandom(seed: number): () => number {
  const fill = splitmix32(seed)
  let a = fill()
  let b = fill() ^ Math.floor(seed / 2 ** 32)
  let c = fill()
  let counter = 1

  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

function splitmix32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
}
