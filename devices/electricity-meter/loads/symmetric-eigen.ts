export interface EigenPair {
  readonly value: number
  readonly vector: Float64Array
}

const mostSweeps = 60

/**
 * Eigenvalues, the largest first, and unit eigenvectors of a symmetric matrix.
 *
 * Source  cyclic Jacobi rotations: G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th ed. (2013), 8.5
 */
export function symmetricEigen(symmetric: readonly Float64Array[]): EigenPair[] {
  const size = symmetric.length
  const matrix = symmetric.map((row) => row.slice())
  // Row k is the k-th eigenvector.
  const vectors = matrix.map((_, index) => new Float64Array(size).fill(1, index, index + 1))
  for (let sweep = 0; sweep < mostSweeps && offDiagonal(matrix) > 1e-18; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(matrix, vectors, p, q)
  }
  return vectors
    .map((vector, index) => ({ value: matrix[index]?.[index] ?? 0, vector }))
    .sort((a, b) => b.value - a.value)
}

function offDiagonal(matrix: readonly Float64Array[]): number {
  let sum = 0
  for (const [index, row] of matrix.entries()) for (let other = 0; other < index; other++) sum += (row[other] ?? 0) ** 2
  return sum
}

/** Makes the element (p, q) zero. */
function rotate(matrix: readonly Float64Array[], vectors: readonly Float64Array[], p: number, q: number): void {
  const rowP = matrix[p] ?? new Float64Array()
  const rowQ = matrix[q] ?? new Float64Array()
  const element = rowP[q] ?? 0
  if (Math.abs(element) < 1e-15) return
  const theta = ((rowQ[q] ?? 0) - (rowP[p] ?? 0)) / (2 * element)
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  for (const row of matrix) {
    const a = row[p] ?? 0
    const b = row[q] ?? 0
    row[p] = cosine * a - sine * b
    row[q] = sine * a + cosine * b
  }
  turn(rowP, rowQ, cosine, sine)
  turn(vectors[p] ?? rowP, vectors[q] ?? rowQ, cosine, sine)
}

function turn(first: Float64Array, second: Float64Array, cosine: number, sine: number): void {
  for (let index = 0; index < first.length; index++) {
    const a = first[index] ?? 0
    const b = second[index] ?? 0
    first[index] = cosine * a - sine * b
    second[index] = sine * a + cosine * b
  }
}
