import { setTimeout as delay } from 'node:timers/promises'
import { minuteMs } from './core/clock.ts'
import { reasonOf } from './core/errors.ts'
import type { Log } from './core/log.ts'
import { restAfter } from './core/rest.ts'
import { recordOldCorrections } from './quality/corrections.ts'
import { recordOldContracts } from './registry/contract-record.ts'
import type { Operations } from './stores/operations/port.ts'
import { chainOldOrders, recordEvent } from './workorders/evidence/chain.ts'
import { oldVisitsAreToBeRecorded, recordOldVisits } from './workorders/maintenance/visit-record.ts'

const recorded = 'old-records-recorded'
const contractsRecorded = 'old-contracts-recorded'

/**
 * What versions without chains of orders and contracts and events of corrections had written gets them at the first start of this one, before anything is
 * added to it, and never again: what is put in behind our back later stays without, and is named by `verify`. A start that is cut short is
 * gone on with by the next. Visits that are there by then get theirs later: `recordVisitsLeft`.
 * @param now ms since 1970
 */
export async function recordOldOnce(operations: Operations, now: number, log: Log): Promise<void> {
  await recordContractsOnce(operations, now, log)
  if ((await operations.setting(recorded)) !== undefined) return
  const orders = await chainOldOrders(operations)
  const corrections = await recordOldCorrections(operations, recordEvent)
  const data = { orders, corrections }
  await operations.transaction(async (unit) => {
    await unit.putSetting(recorded, { at: new Date(now).toISOString(), ...data })
    await oldVisitsAreToBeRecorded(unit)
    if (orders + corrections === 0) return
    await unit.insertAudit({ at: now, actor: 'liftwatt', action: recorded, subject: 'verify', data })
    log.info(data, 'orders and corrections of earlier versions have chains now')
  })
}

async function recordContractsOnce(operations: Operations, now: number, log: Log): Promise<void> {
  if ((await operations.setting(contractsRecorded)) !== undefined) return
  const contracts = await recordOldContracts(operations, now)
  await operations.transaction(async (unit) => {
    await unit.putSetting(contractsRecorded, { at: new Date(now).toISOString(), contracts })
    if (contracts === 0) return
    await unit.insertAudit({ at: now, actor: 'liftwatt', action: recorded, subject: 'verify', data: { contracts } })
    log.info({ contracts }, 'contracts of earlier versions have chains now')
  })
}

/**
 * The same for visits, beside everything else; what a stop cuts short is gone on with after the next start.
 * @param againMs after a transaction that failed, as while the database is away
 */
export async function recordVisitsLeft(
  operations: Operations,
  now: number,
  log: Log,
  signal: AbortSignal,
  againMs = minuteMs,
) {
  const visits = await recordOldVisits(
    operations,
    now,
    (workedMs) => restAfter(workedMs, signal),
    async (cause) => {
      log.warn({ reason: reasonOf(cause) }, 'visits of earlier versions have no chains yet: trying again')
      await delay(againMs, undefined, { signal }).catch(() => {})
      return !signal.aborted
    },
  )
  if (visits === 0) return
  await operations.insertAudit({ at: now, actor: 'liftwatt', action: recorded, subject: 'verify', data: { visits } })
  log.info({ visits }, 'visits of earlier versions have chains now')
}
