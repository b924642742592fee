import { timeText } from '../../shared/time.ts'
import type { Check } from '../wire.ts'
import { statusWords } from './status-words.ts'

export const heartbeatName = 'heartbeat'

/** Whether somebody outside would notice that this service is dead; its check is there only where an address is set, and never red. */
export function heartbeatOf(checks: readonly Check[], now: number): { state: 'works' | 'look' | 'off'; text: string } {
  const say = statusWords().heartbeat
  const check = checks.find(({ name }) => name === heartbeatName)
  if (check === undefined) return { state: 'off', text: say.off }
  if (check.text === 'not sent yet') return { state: 'look', text: say.notYet }
  const [, heard] = /^heard at (\S+)$/.exec(check.text) ?? []
  if (heard !== undefined) return { state: 'works', text: say.heard(timeText(Date.parse(heard), now)) }
  const [, since, before, reason = ''] =
    /^not heard since (\S+?)(?: \(before at (\S+)\))?: (.*)$/s.exec(check.text) ?? []
  if (since === undefined) return { state: 'look', text: check.text }
  const last = before === undefined ? say.neverHeard : say.heard(timeText(Date.parse(before), now))
  return { state: 'look', text: say.failing(timeText(Date.parse(since), now), last, reasonText(reason)) }
}

function reasonText(reason: string): string {
  const say = statusWords().heartbeat
  if (reason.startsWith('it is not well: ')) return say.notWell
  const [, host, status] = /^(\S+) answered with status (\d+)$/.exec(reason) ?? []
  if (host !== undefined && status !== undefined) return say.refused(host, status)
  const [, away, why] = /^(\S+) was not reached: (.+)$/s.exec(reason) ?? []
  return away !== undefined && why !== undefined ? say.notReached(away, why) : reason
}
