import { randomUUID } from 'node:crypto'
import { type Clock, dayMs } from '../core/clock.ts'
import { ExpectedError } from '../core/errors.ts'
import { nowhere, type Scope, type ScopeType } from '../core/scope.ts'
import type { Suppression, SuppressionType } from '../core/suppression.ts'
import type { Operations } from '../stores/operations/port.ts'
import { isOfLife } from './stages/finding.ts'
import { isInForce } from './stages/suppression.ts'

/** What is shelved comes back: nobody remembers for longer. */
export const shelfAtMostMs = 30 * dayMs

export interface NewSuppression {
  readonly type: SuppressionType
  readonly scope: Scope
  /** Null = every finding there. */
  readonly finding: string | null
  readonly reason: string
  /** ms since 1970; null = now. */
  readonly startsAt: number | null
  /** ms since 1970; null = until somebody ends it, which only maintenance may. */
  readonly endsAt: number | null
}

export interface Suppressions {
  /**
   * Maintenance mode (from now on, until ended or `endsAt`), a window of planned work, or a shelf (from now on, for 30 days at
   * most). The same key again answers what was begun with it.
   * @throws {ExpectedError} `invalid`; `already-exists` when the scope is in maintenance or shelved already
   */
  begin(suppression: NewSuppression, actor: string, idempotencyKey?: string): Promise<Suppression>
  /** Before its time. @throws {ExpectedError} `not-found`; `already-done` when it has ended, for a repeat without its key */
  end(id: string, actor: string, idempotencyKey?: string): Promise<Suppression>
}

/** People say that nobody is to be sent; what is found meanwhile is recorded. Each command is audited. */
export function createSuppressions({ operations, clock }: { operations: Operations; clock: Clock }): Suppressions {
  return {
    begin: (wanted, actor, idempotencyKey) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const suppression = { ...checked(wanted, now), id: randomUUID(), createdAt: now, createdBy: actor }
        await lockScope(unit, wanted.scope)
        const begun = { ...suppression, endedAt: null, endedBy: null }
        const isNew = await unit.insertSuppression({ ...begun, key: idempotencyKey ?? null, endedKey: null })
        if (!isNew) return begunBefore(unit, idempotencyKey ?? '', wanted)
        if (wanted.type !== 'planned-work') await checkNoOther(unit, begun, now)
        const { id: subject, createdAt: at, createdBy: _, ...data } = suppression
        await unit.insertAudit({ at, actor, action: `${wanted.type}-begun`, subject, data })
        return begun
      }),

    end: (id, actor, idempotencyKey) =>
      operations.transaction(async (unit) => {
        const now = clock()
        const suppression = await unit.lockSuppression(id)
        if (suppression === undefined) throw new ExpectedError('not-found', `There is no suppression ${id}`)
        const { key: _, endedKey, ...stored } = suppression
        if (stored.endedAt !== null && idempotencyKey !== undefined && endedKey === idempotencyKey) return stored
        const over = stored.endedAt ?? stored.endsAt
        if (over !== null && over <= now) {
          throw new ExpectedError('already-done', `It has ended already, at ${new Date(over).toISOString()}`)
        }
        const end = { endedAt: now, endedBy: actor }
        await unit.endSuppression(id, { ...end, endedKey: idempotencyKey ?? null })
        await unit.insertAudit({ at: now, actor, action: `${stored.type}-ended`, subject: id, data: {} })
        return { ...stored, ...end }
      }),
  }
}

/** With its times filled in. @throws {ExpectedError} `invalid` */
function checked(wanted: NewSuppression, now: number): NewSuppression & { startsAt: number } {
  const { type, finding, endsAt } = wanted
  const startsAt = wanted.startsAt ?? now
  const refuse = (message: string) => new ExpectedError('invalid', message)

  if (finding !== null && isOfLife(finding))
    throw refuse(`finding: ${finding} is a danger to life and always comes through`)
  if (finding?.startsWith('manual/'))
    throw refuse(`finding: ${finding} is what a person has said, and always comes through`)
  if (type !== 'planned-work' && startsAt > now)
    throw refuse(`startsAt: only planned work begins later; ${type} begins now`)
  if (type !== 'planned-work' && startsAt < now) throw refuse(`startsAt: ${type} begins now`)
  if (type !== 'maintenance' && endsAt === null) throw refuse(`endsAt: ${type} needs an end`)
  if (endsAt !== null && endsAt <= startsAt) throw refuse('endsAt: must be after the beginning')
  if (endsAt !== null && endsAt <= now) throw refuse('endsAt: must be in the future')
  if (type === 'shelf' && endsAt !== null && endsAt - now > shelfAtMostMs) {
    throw refuse('endsAt: a shelf lasts 30 days at most')
  }
  return { ...wanted, startsAt }
}

/** Locked, so that two who begin there at once see each other. A feeder is what devices name. @throws {ExpectedError} `invalid` */
async function lockScope(unit: Operations, { type, id }: Scope): Promise<void> {
  if (type === 'feeder') return unit.lockPlace({ ...nowhere, feederId: id })
  const isThere = await lockedRow(unit, type, id)
  if (!isThere) throw new ExpectedError('invalid', `scope: there is no ${type} ${id}`)
}

async function lockedRow(unit: Operations, type: Exclude<ScopeType, 'feeder'>, id: string): Promise<boolean> {
  if (type === 'device') return (await unit.lockDevice(id)) !== undefined
  if (type === 'gateway') return (await unit.lockGateway(id)) !== undefined
  await unit.lockSiteTree()
  return (await unit.site(id))?.type === type
}

/** @throws {ExpectedError} `already-exists` when the key began something else */
async function begunBefore(unit: Operations, key: string, wanted: NewSuppression): Promise<Suppression> {
  const before = await unit.suppressionByKey(key)
  const isSame =
    before?.type === wanted.type && before.scope.type === wanted.scope.type && before.scope.id === wanted.scope.id
  if (before === undefined || !isSame) {
    throw new ExpectedError('already-done', 'This Idempotency-Key was used for another suppression')
  }
  return before
}

/** @throws {ExpectedError} `already-exists` */
async function checkNoOther(unit: Operations, begun: Suppression, now: number): Promise<void> {
  const others = await unit.suppressionsAt([begun.scope], now)
  const other = others.find(
    ({ id, type, finding, ...when }) =>
      id !== begun.id && type === begun.type && finding === begun.finding && isInForce(when, now),
  )
  if (other === undefined) return
  const { type, id } = begun.scope
  const what = begun.type === 'shelf' ? 'shelved' : 'in maintenance'
  throw new ExpectedError('already-exists', `The ${type} ${id} is ${what} already, begun by ${other.createdBy}`)
}
