/**
 * A detector's state as a snapshot keeps it: without the names that its initial state has already. Where the initial state is an object, its
 * values stand in a list in the order of its keys, and so on inside; anything else stands as it is. A state with other keys than the
 * initial one is wrapped, so that it comes back unchanged.
 *
 * Half the bytes, for states of many small numbers. Read and written by the same version of a detector only: see `shapeOf`.
 */
export function packState(state: unknown, initial: unknown): unknown {
  if (!isPlain(initial)) return state
  if (!isPlain(state) || !hasSameKeys(state, initial)) return { state }
  return Object.keys(initial).map((key) => packState(state[key], initial[key]))
}

export function unpackState(packed: unknown, initial: unknown): unknown {
  if (!isPlain(initial)) return packed
  if (!Array.isArray(packed)) return (packed as { state: unknown }).state
  return Object.fromEntries(Object.keys(initial).map((key, index) => [key, unpackState(packed[index], initial[key])]))
}

/** The names that were left out, as one short word: a state that was packed with others cannot be read with these. */
export function shapeOf(initial: unknown): string {
  const names = JSON.stringify(namesIn(initial))
  let hash = 0x811c9dc5 // FNV-1a, 32 bits
  for (let index = 0; index < names.length; index++) hash = Math.imul(hash ^ names.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(36)
}

function namesIn(initial: unknown): unknown {
  return isPlain(initial) ? Object.entries(initial).map(([key, value]) => [key, namesIn(value)]) : null
}

function hasSameKeys(state: Record<string, unknown>, initial: Record<string, unknown>): boolean {
  const keys = Object.keys(initial)
  return Object.keys(state).length === keys.length && keys.every((key) => state[key] !== undefined)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
