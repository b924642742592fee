const digits = 7
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/**
 * The number with seven significant decimal digits. States are kept as JSON: so rounded, a number takes 9 characters there instead
 * of 18, and comes back as exactly the same number. Every estimator rounds what it keeps, at every step; what it forgets (10⁻⁷ of
 * the value) is far below any sensor's own error.
 */
export function significant(value: number): number {
  if (value === 0) return 0
  const decimals = decimalsOf(Math.abs(value))
  // Whole numbers and powers of ten up to 10²² are exact, so one division gives the double nearest to the decimal number.
  if (decimals >= 0) {
    const power = powersOfTen[decimals]
    return power === undefined ? Number(value.toPrecision(digits)) : Math.round(value * power) / power
  }
  const power = powersOfTen[-decimals]
  return power === undefined ? Number(value.toPrecision(digits)) : Math.round(value / power) * power
}

/** The usual sizes are compared: a logarithm would cost as much as all the rest. */
function decimalsOf(size: number): number {
  if (size >= 1) {
    if (size < 100) return size < 10 ? digits - 1 : digits - 2
    if (size < 10_000) return size < 1_000 ? digits - 3 : digits - 4
  } else {
    if (size >= 0.01) return size >= 0.1 ? digits : digits + 1
    if (size >= 0.001) return digits + 2
  }
  return digits - 1 - Math.floor(Math.log10(size))
}
