/** A page of a list, in the list's own order; `after` is the `nextCursor` of the page before. */
export interface PageRequest {
  readonly limit: number
  readonly after?: string
}

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}
