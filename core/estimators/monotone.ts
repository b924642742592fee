/**
 * The rising sequence nearest to these levels, by weighted least squares: neighbours that fall share their mean.
 *
 * Source   pool adjacent violators: R. E. Barlow et al., "Statistical Inference under Order Restrictions", Wiley 1972
 */
export function monotone(levels: readonly number[], weights: readonly number[]): number[] {
  const pools: { level: number; weight: number; count: number }[] = []
  for (const [i, own] of levels.entries()) {
    let pool = { level: own, weight: weights[i] ?? 1, count: 1 }
    for (let last = pools.at(-1); last && last.level >= pool.level; last = pools.at(-1)) {
      pools.pop()
      const weight = last.weight + pool.weight
      const level = (last.level * last.weight + pool.level * pool.weight) / weight
      pool = { level, weight, count: last.count + pool.count }
    }
    pools.push(pool)
  }
  return pools.flatMap(({ level, count }) => Array<number>(count).fill(level))
}
