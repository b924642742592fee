import { and, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { first } from './pages.ts'
import type { AnswerTables, KeyedRequest } from './port.ts'
import * as tables from './schema.ts'

/** The first answer to each Idempotency-Key. */
export function answerTables(database: Database): AnswerTables {
  const { idempotencyKeys } = tables
  const isStillTheirs = ({ id, claimedAt }: KeyedRequest): SQL | undefined =>
    and(eq(idempotencyKeys.id, id), eq(idempotencyKeys.claimedAt, claimedAt), isNull(idempotencyKeys.status))

  return {
    async claimKey(request, { forgottenBefore, abandonedBefore }) {
      const { claimedAt, status } = idempotencyKeys
      const isAbandoned = abandonedBefore === null ? undefined : and(isNull(status), lt(claimedAt, abandonedBefore))
      const anew = { ...request, status: null, body: null, location: null }
      for (;;) {
        const claimed = await database
          .insert(idempotencyKeys)
          .values(anew)
          .onConflictDoUpdate({
            target: idempotencyKeys.id,
            set: anew,
            setWhere: or(lt(claimedAt, forgottenBefore), isAbandoned) ?? sql`false`,
          })
          .returning({ id: idempotencyKeys.id })
        if (claimed.length > 0) return undefined
        const kept = first(await database.select().from(idempotencyKeys).where(eq(idempotencyKeys.id, request.id)))
        if (kept === undefined) continue // given free between the two
        const { fingerprint, claimedAt: at, status: answered, body, location } = kept
        const answer = answered === null ? null : { status: answered, body, location }
        return { fingerprint, claimedAt: at, answer }
      }
    },
    async keepAnswer(request, answer) {
      await database.update(idempotencyKeys).set(answer).where(isStillTheirs(request))
    },
    async freeKey(request) {
      await database.delete(idempotencyKeys).where(isStillTheirs(request))
    },
    async deleteKeysBefore(claimedAt) {
      return (await database.delete(idempotencyKeys).where(lt(idempotencyKeys.claimedAt, claimedAt))).rowCount ?? 0
    },
  }
}
