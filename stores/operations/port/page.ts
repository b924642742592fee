import type { Sight } from '../../../core/sight.ts'

/** A page of a list, in the list's own order; `after` is the `nextCursor` of the page before. */
export interface PageRequest {
  readonly limit: number
  readonly after?: string
}

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** What a list shows is cut to a sight in SQL, before it is paged and counted; a list that is asked without one shows all. */
export interface InSight {
  readonly sight?: Sight | undefined
}
