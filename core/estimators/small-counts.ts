/**
 * Many counters in one short string: one printable character each, exact up to 40, then in steps of 11 % up to 8,192.
 *
 * Above 40 a counter moves to its next step with the probability 1 / (size of the step), so its expected value is the true count
 * (R. Morris, "Counting large numbers of events in small registers", Communications of the ACM 21 (1978), 840–842). The
 * probability is compared with the fractional part of `turn` × the golden ratio, which is evenly spread, so that the same events
 * always give the same counts; `turn` is anything that counts the additions.
 *
 * Rare events are what these counters are for: what was seen three times is known to have been seen three times.
 */
const firstCharacter = 35 // '#': printable from here to '~', without the quotation mark
const exactUpTo = 40
const lastLevel = 91
export const highestCount = 8_192
const stepFactor = (highestCount / exactUpTo) ** (1 / (lastLevel - exactUpTo))
const goldenRatio = (Math.sqrt(5) - 1) / 2

const countOfLevel = Array.from({ length: lastLevel + 1 }, (_, level) =>
  level <= exactUpTo ? level : exactUpTo * stepFactor ** (level - exactUpTo),
)
const halfOfLevel = countOfLevel.map((count) => {
  const above = countOfLevel.findIndex((other) => other >= count / 2)
  const below = Math.max(0, above - 1)
  return (countOfLevel[above] ?? 0) - count / 2 < count / 2 - (countOfLevel[below] ?? 0) ? above : below
})

export function noCounts(length: number): string {
  return String.fromCharCode(firstCharacter).repeat(length)
}

export function countAt(counts: string, index: number): number {
  return countOfLevel[counts.charCodeAt(index) - firstCharacter] ?? 0
}

export function addOne(counts: string, index: number, turn: number): string {
  const level = counts.charCodeAt(index) - firstCharacter
  const here = countOfLevel[level]
  const next = countOfLevel[level + 1]
  if (here === undefined || next === undefined) return counts
  if (((turn * goldenRatio) % 1) * (next - here) >= 1) return counts
  return counts.slice(0, index) + String.fromCharCode(firstCharacter + level + 1) + counts.slice(index + 1)
}

/** Halves them all: forgets, and keeps the proportions. */
export function halved(counts: string): string {
  let result = ''
  for (let index = 0; index < counts.length; index++)
    result += String.fromCharCode(firstCharacter + (halfOfLevel[counts.charCodeAt(index) - firstCharacter] ?? 0))
  return result
}
