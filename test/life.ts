import type { Operations } from '../stores/operations/port.ts'

/** The life of a process that is killed at one point of it: from then on nothing that it does reaches anything. */
export interface Life {
  /** The database as this process sees it: it dies just before a commit, or just after it. */
  mortal(operations: Operations): Operations
  /** Something outside of the database: it dies just before, or when it has happened and nobody knows yet. */
  call<T>(what: string, work: () => Promise<T>): Promise<T>
  /** @throws {Error} it was killed */
  goesOn(): void
  isOver(): boolean
  /** Where it ended. */
  last(): string
}

/** What changes something when it is called outside of a transaction: a commit of its own. All else only looks. */
const writes =
  /^(insert|update|save|put|set|delete|mark|claim|hold|take|end|void|postpone|bury|revive|finish|add|trim|remove)/

/** @param killAt which of its points is its end, from 1 */
export function createLife(killAt: number): Life {
  let points = 0
  let ended: string | undefined

  function goesOn(): void {
    if (ended !== undefined) throw new Error(`killed ${ended}`)
  }
  function point(where: string): void {
    goesOn()
    points += 1
    if (points === killAt) ended = where
    goesOn()
  }
  async function call<T>(what: string, work: () => Promise<T>): Promise<T> {
    point(`before ${what}`)
    const result = await work()
    point(`after ${what}`)
    return result
  }

  /** `isUnit`: within a transaction nothing is kept before its commit, so dying anywhere in it is dying at its end. */
  function wrap(operations: Operations, isUnit: boolean): Operations {
    const looks = (method: (...given: unknown[]) => Promise<unknown>) => {
      return async (...given: unknown[]) => {
        goesOn()
        const result = await method(...given)
        goesOn()
        return result
      }
    }
    const transaction: Operations['transaction'] = async (work) => {
      const result = await operations.transaction(async (unit) => {
        goesOn()
        const done = await work(wrap(unit, true))
        if (!isUnit) point('before a commit')
        return done
      })
      if (!isUnit) point('after a commit')
      return result
    }
    const methods = Object.entries(operations).map(([name, method]) => {
      const isCommit = !isUnit && writes.test(name)
      return [name, isCommit ? (...given: unknown[]) => call(name, () => method(...given)) : looks(method)]
    })
    return { ...(Object.fromEntries(methods) as Operations), transaction }
  }

  return {
    mortal: (operations) => wrap(operations, false),
    call,
    goesOn,
    isOver: () => ended !== undefined,
    last: () => ended ?? 'never',
  }
}

export function immortal(): Life {
  return createLife(Number.POSITIVE_INFINITY)
}
