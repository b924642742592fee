import type { Log } from './core/log.ts'
import { recordOldCorrections } from './quality/corrections.ts'
import type { Operations } from './stores/operations/port.ts'
import { chainOldOrders, recordEvent } from './workorders/evidence/chain.ts'
import { recordOldVisits } from './workorders/maintenance/visit-record.ts'

const recorded = 'old-records-recorded'

/**
 * What versions without chains of orders, events of visits and of corrections had written gets them at the first start of this one, and
 * never again: what is put in behind our back later stays without, and is named by `verify`. A start that is cut short is gone on with by
 * the next.
 * @param now ms since 1970
 */
export async function recordOldOnce(operations: Operations, now: number, log: Log): Promise<void> {
  if ((await operations.setting(recorded)) !== undefined) return
  const orders = await chainOldOrders(operations)
  const visits = await recordOldVisits(operations, now)
  const corrections = await recordOldCorrections(operations, recordEvent)
  const data = { orders, visits, corrections }
  await operations.transaction(async (unit) => {
    await unit.putSetting(recorded, { at: new Date(now).toISOString(), ...data })
    if (orders + visits + corrections === 0) return
    await unit.insertAudit({ at: now, actor: 'liftwatt', action: recorded, subject: 'verify', data })
    log.info(data, 'orders, visits and corrections of earlier versions have chains now')
  })
}
