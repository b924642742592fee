/** "446.00 CNY" of 44,600 fen; "-" where nobody said it. */
export function yuan(fen: number | null): string {
  return fen === null ? '-' : `${(fen / 100).toFixed(2)} CNY`
}
