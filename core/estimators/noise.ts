/** Normal noise for tests, the same in every run: mean 0, deviation 1 (Box and Muller, Annals of Mathematical Statistics 29, 1958). */
export function noise(seed: number, length: number): number[] {
  let state = seed
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return Array.from({ length }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))
}
