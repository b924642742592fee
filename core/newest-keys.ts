/**
 * Sets it as the newest of a map, and forgets the oldest beyond so many: what strangers make us remember has a bound.
 * A map keeps its keys in the order in which they came in.
 */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= most) return
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
